import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import ssh2, { type Connection } from 'ssh2'

/** How a server of ours lets people in, and what it runs. Commands are really run, by `sh`, unless `says` answers them. */
export type TwinLogin = Readonly<{
  methods: readonly ('password' | 'keyboard-interactive' | 'publickey')[]
  user: string
  password: string
  /** What the hidden questions are; default: one for the password. */
  questions?: readonly Readonly<{ prompt: string; echo: boolean }>[]
  /** null: the command is run; 'refuse': no command is run at all. With a prompt: it asks on standard error until it hears the answer. */
  says?: (command: string) => string | null | Readonly<{ prompt: string; answer: string; result: string }>
}>

export type Twin = Readonly<{ port: number; attempts: string[]; commands: string[]; answers: string[]; stop(): Promise<void> }>

/** An SSH server made with the other half of the library: for passwords and refusals, which a real sshd gives to real users only. */
export async function startTwin(login: TwinLogin, hostKey = newHostKey()): Promise<Twin> {
  const attempts: string[] = []
  const commands: string[] = []
  const answers: string[] = []
  const clients = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.add(client)
    client.on('error', () => {}).on('close', () => clients.delete(client))
    client.on('authentication', (context) => {
      if (context.method !== 'none') attempts.push(context.method)
      const left = [...login.methods] as never
      if (context.method === 'password' && login.methods.includes('password') && context.username === login.user && context.password === login.password) return context.accept()
      if (context.method !== 'keyboard-interactive' || !login.methods.includes('keyboard-interactive')) return context.reject(left)
      context.prompt([...(login.questions ?? [{ prompt: 'Password: ', echo: false }])], (answers) => {
        if (context.username === login.user && answers[0] === login.password && answers.length === 1) context.accept()
        else context.reject(left)
      })
    })
    client.on('ready', () => client.on('session', (accept) => {
      const session = accept()
      session.on('pty', (_accept, reject) => {
        attempts.push('pty')
        reject()
      })
      session.on('exec', (take, reject, { command }) => {
        commands.push(command)
        const said = login.says?.(command) ?? null
        if (said === 'refuse') return reject()
        const channel = take()
        if (said !== null && typeof said === 'object') {
          channel.stderr.write(said.prompt)
          channel.on('data', (bytes: Buffer) => {
            answers.push(bytes.toString())
            const right = bytes.toString() === `${said.answer}\n`
            if (right) channel.write(said.result)
            else channel.stderr.write('Sorry, try again.\n')
            if (!right && answers.length < 100) return void channel.stderr.write(said.prompt)
            channel.exit(0)
            channel.end()
          })
          return
        }
        if (said !== null) {
          channel.write(said)
          channel.exit(0)
          return channel.end()
        }
        const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } })
        channel.pipe(child.stdin)
        child.stdin.on('error', () => {})
        child.stdout.pipe(channel, { end: false })
        child.stderr.pipe(channel.stderr, { end: false })
        channel.on('close', () => child.kill('SIGKILL'))
        child.on('close', (code) => {
          channel.exit(code ?? 1)
          channel.end()
        })
      })
    }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, attempts, commands, answers,
    async stop() {
      for (const client of clients) client.end()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

/** PEM in the form that the library reads. */
export function newHostKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}
