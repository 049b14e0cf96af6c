import { createHash } from 'node:crypto'
import type { AnyAuthMethod, Client, ClientChannel, ParsedKey } from 'ssh2'
import type { Credential } from '#core/credential.ts'
import { duplexOver } from '../net/duplex.ts'
import { failed, type Endpoint, type Failure } from '../net.ts'
import type { Tools } from '../probe.ts'

export type SshCredential = Extract<Credential, { kind: 'ssh' }>

/** Why there is no session. `refused`: the host said no to the login; `key`: it showed another key than it should; `network`: it was not heard to the end. */
export type NoSession = Readonly<{ no: 'refused' | 'key' | 'network'; why: string; hostKey?: string }>

export type Output = Readonly<{ stdout: string; stderr: string; code: number | null; cut: boolean }>
export const hangUp = Symbol('hang up')

export type RunOptions = Readonly<{
  /** Bytes of output at most; more is cut and said. */
  most?: number
  /** Ms. */
  timeout?: number
  /** Called with all that was said on standard error so far: what to answer on standard input, null for nothing, `hangUp` to end the command. */
  answer?: (stderr: string) => string | null | typeof hangUp
}>

export type SshSession = Readonly<{
  hostKey: string
  /** What let us in: `password`, `publickey`, `keyboard-interactive`, `none`. */
  method: string
  /** Runs one command, without a terminal and without a shell session: no history is written. */
  run(command: string, options?: RunOptions): Promise<Output | Failure>
  close(): void
}>

/** Ms of silence that end a session. */
const patience = 30_000
const handshake = 20_000

/** Logs in with what the record holds: each secret once, whatever methods would take it again. */
export async function openSsh(to: Endpoint, credential: SshCredential, tools: Tools, signal: AbortSignal): Promise<SshSession | NoSession> {
  // Loaded by the first login: most scans have none.
  const { default: ssh2 } = await import('ssh2')
  const key = credential.privateKey === undefined ? null : ssh2.utils.parseKey(credential.privateKey, credential.passphrase)
  if (key instanceof Error) return { no: 'refused', why: 'the private key of the record cannot be read: it is damaged, of a kind that is not known, or its passphrase is wrong' }
  const connection = await tools.net.connect(to)
  if (failed(connection)) return { no: 'network', why: connection.text }
  const client = new ssh2.Client()
  const sock = duplexOver(connection, patience)
  const close = (): void => {
    client.end()
    sock.destroy()
  }
  const stop = (): void => void sock.destroy(new Error('the scan was stopped'))
  signal.addEventListener('abort', stop, { once: true })
  const wanted = wantedKeys(credential, to.address)
  let hostKey = ''
  let trusted = false
  const login = methodsOf(credential, Array.isArray(key) ? key[0]! : key)
  return new Promise((resolve) => {
    let settled = false
    const settle = (result: SshSession | NoSession): void => {
      if (settled) return
      settled = true
      signal.removeEventListener('abort', stop)
      if ('no' in result) close()
      resolve(result)
    }
    client.on('ready', () => settle({ hostKey, method: login.used(), run: (command, options) => run(client, command, options), close }))
    client.on('error', (error: Error & { level?: string }) => {
      if (hostKey !== '' && !trusted) settle({ no: 'key', why: keyTrouble(hostKey, wanted!), hostKey })
      else if (error.level === 'client-authentication') settle({ no: 'refused', why: login.why(), hostKey })
      else settle({ no: 'network', why: tidy(error.message) })
    })
    client.on('close', () => settle({ no: 'network', why: 'the server hung up' }))
    try {
      client.connect({
        sock, username: credential.user, readyTimeout: handshake, keepaliveInterval: 0, ident: 'Vigil', strictVendor: false,
        hostVerifier: (key: Buffer) => {
          hostKey = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
          trusted = wanted === null || wanted.includes(hostKey)
          return trusted
        },
        authHandler: (left, _partial, next) => next(login.next(left as readonly string[] | null) as AnyAuthMethod),
      })
    } catch {
      settle({ no: 'refused', why: 'the login of the record cannot be used' })
    }
  })
}

/** Keys the host may show; null: any. What the record names counts more than what was met before. */
function wantedKeys(credential: SshCredential, address: string): readonly string[] | null {
  if ((credential.hostKeys ?? []).length > 0) return credential.hostKeys!.map((key) => `SHA256:${key.replace(/^SHA256:/, '').replace(/=+$/, '')}`)
  const known = credential.known?.[address]
  return known === undefined ? null : [known]
}

function keyTrouble(shown: string, wanted: readonly string[]): string {
  return `the host shows the key ${shown}, not ${wanted.slice(0, 3).join(' or ')}: nothing was sent to it. If the key was renewed, write the new fingerprint into the record`
}

/** Which ways in to take, one after the other. */
function methodsOf(credential: SshCredential, key: ParsedKey | null) {
  const tried: string[] = []
  let offered: readonly string[] = []
  const secretLeft = { key: key !== null, password: credential.password !== undefined }
  const { user: username } = credential

  function choose(left: readonly string[]): object | false {
    if (secretLeft.key && left.includes('publickey')) {
      secretLeft.key = false
      tried.push('publickey')
      return { type: 'publickey', username, key }
    }
    if (!secretLeft.password) return false
    // One attempt with a password: a second one by another method would count towards a lock-out.
    if (left.includes('password')) {
      secretLeft.password = false
      tried.push('password')
      return { type: 'password', username, password: credential.password }
    }
    if (left.includes('keyboard-interactive')) {
      secretLeft.password = false
      tried.push('keyboard-interactive')
      return { type: 'keyboard-interactive', username, prompt: answerPrompts(credential.password!) }
    }
    return false
  }

  return {
    next(left: readonly string[] | null): object | false {
      if (left === null) {
        tried.push('none')
        return { type: 'none', username }
      }
      offered = left
      return choose(left)
    },
    used: () => tried.at(-1) ?? 'none',
    why(): string {
      const offers = offered.length === 0 ? 'nothing' : offered.slice(0, 6).join(', ')
      const asked = tried.filter((method) => method !== 'none')
      if (asked.length === 0) return `the server takes ${tidy(offers)}, and the record has nothing of that`
      return `the server refused ${asked.join(' and ')} for ${username}`
    },
  }
}

type Prompt = Readonly<{ prompt: string; echo?: boolean }>

/** The password goes to the first hidden question alone; a second round is a second factor or a refusal, and gets nothing. */
function answerPrompts(password: string) {
  let given = false
  return (_name: string, _text: string, _language: string, prompts: readonly Prompt[], finish: (answers: string[]) => void): void => {
    finish(prompts.map((prompt) => {
      if (given || prompt.echo === true) return ''
      given = true
      return password
    }))
  }
}

const defaultMost = 262_144
const defaultTimeout = 20_000
const mostStderr = 16_384

function run(client: Client, command: string, { most = defaultMost, timeout = defaultTimeout, answer }: RunOptions = {}): Promise<Output | Failure> {
  return new Promise((resolve) => {
    const out: Buffer[] = []
    let length = 0
    let stderr = ''
    let code: number | null = null
    let cut = false
    let channel: ClientChannel | null = null
    const finish = (result: Output | Failure): void => {
      clearTimeout(timer)
      client.off('close', lost)
      channel?.close()
      resolve(result)
    }
    const done = (): void => finish({ stdout: Buffer.concat(out).toString('utf8'), stderr, code, cut })
    const lost = (): void => finish({ failed: 'closed', text: 'the server ended the session' })
    const timer = setTimeout(() => finish({ failed: 'timeout', text: `a command took longer than ${timeout} ms` }), timeout)
    client.once('close', lost)
    try {
      client.exec(command, { allowHalfOpen: true }, (error, opened) => {
        if (error !== undefined) return finish({ failed: 'protocol', text: tidy(error.message) })
        channel = opened
        opened.on('data', (bytes: Buffer) => {
          const kept = bytes.subarray(0, most - length)
          out.push(kept)
          length += kept.length
          if (kept.length === bytes.length) return
          cut = true
          done()
        })
        opened.stderr.on('data', (bytes: Buffer) => {
          if (stderr.length >= mostStderr) return
          stderr += bytes.toString('utf8')
          const said = answer?.(stderr) ?? null
          if (said === hangUp) done()
          else if (said !== null) opened.write(said)
        })
        opened.on('exit', (status: number | null) => (code = status))
        opened.on('close', done).on('error', () => done())
        if (answer === undefined) opened.end()
      })
    } catch {
      lost()
    }
  })
}

function tidy(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 300)
}
