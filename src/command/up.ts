import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '#core/errors.ts'
import { linkTo } from '#platform/user/link.ts'
import { openStore } from '#store/open.ts'
import { options, type Command } from './command.ts'
import { buildConsole } from './console-build.ts'
import { holdDirectory } from './control-socket.ts'
import { dataFolder } from './data-folder.ts'
import type { RunningPlatform } from './platform.ts'
import { serverCertificate } from './server-certificate.ts'
import { version } from './version.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const help = `vigil up [--data DIR] [--host ADDRESS] [--port PORT]

Starts the console, the platform, its database and a built-in scanner, in the foreground. Ctrl-C or SIGTERM stops it in order.

  --data DIR        where all state lies (VIGIL_DATA; default /var/lib/vigil for root, ~/.local/share/vigil otherwise)
  --host ADDRESS    address to listen on (default 127.0.0.1). Beyond loopback it speaks HTTPS, with a certificate of its own
                    in DIR/tls unless you give one
  --port PORT       port to listen on (default 8420; 0: one that is free)
  --origin URL      how people reach it, when that is not HOST and PORT: https://vigil.example.org
  --tls-cert FILE   certificate chain and --tls-key FILE its key, PEM
  --no-tls          speak plain HTTP beyond loopback: only behind a proxy that speaks HTTPS
  --no-scanner      without the built-in scanner
  --log FILE        log file, or - for stderr (default DIR/log/vigil.log)
  --json            say where it is as one line of JSON

DATABASE_URL names a PostgreSQL (15 or newer) to use instead of the embedded one.
`

const config = {
  data: { type: 'string' }, host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '8420' }, origin: { type: 'string' },
  'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' }, 'no-tls': { type: 'boolean', default: false },
  'no-scanner': { type: 'boolean', default: false }, log: { type: 'string' }, json: { type: 'boolean', default: false },
} as const

export const upCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values } = parsed
  if (parsed.positionals.length > 0) fail('usage', { what: `vigil up takes no argument "${parsed.positionals[0]}". Try --help.` })
  const tell = (text: string): void => void process.stderr.write(`vigil: ${text}\n`)
  const data = dataFolder(values.data)
  const port = await choosePort(values.port, values.host)
  const log = values.log ?? join(data, 'log', 'vigil.log')
  let running: RunningPlatform | null = null
  const held = await holdDirectory(data, () => ({ pid: process.pid, url: running?.url ?? 'starting', started }))
  if ('holder' in held) {
    tell(`already running on ${data}: process ${held.holder.pid}, ${held.holder.url}`)
    return 1
  }
  const asked = waitForStop()
  try {
    if (log !== '-') await turnLog(log)
    const [tls] = await Promise.all([chooseTls(values, data, tell), buildConsole(tell)])
    const opening = openStore({ data, tell, ...(process.env['DATABASE_URL'] ? { url: process.env['DATABASE_URL'] } : {}) })
    opening.catch(() => {})
    const { startPlatform } = await import('./platform.ts')
    running = await startPlatform({
      data, opening, host: values.host, port, log, tell, version: await version(), scanner: !values['no-scanner'], console: join(root, 'ui/dist'),
      ...(values.origin === undefined ? {} : { origin: values.origin.replace(/\/+$/, '') }),
      ...(tls === null ? {} : { tls }),
    })
    announce(running, values.json, data)
    await asked.signal
    tell('stopping')
    return 0
  } finally {
    asked.forget()
    await running?.stop()
    await held.release()
  }
}

const started = new Date().toISOString()

function announce(running: RunningPlatform, json: boolean, data: string): void {
  const welcome = running.welcome === null ? null : linkTo(running.url, running.welcome)
  if (json) {
    process.stdout.write(`${JSON.stringify({ url: running.url, welcome, pid: process.pid, data, ...running.facts })}\n`)
    return
  }
  const lines = [
    '',
    `  Vigil is up: ${running.url}`,
    ...(welcome === null ? [] : ['', '  Open this link once, to create the first account (valid for 24 hours):', `  ${welcome}`]),
    '',
    `  ${running.facts.checks} checks · ${running.facts.database} · ${data}`,
    '  Ctrl-C stops it.',
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** The first signal asks for an orderly stop; a second one ends at once, since nothing is lost by that either. */
function waitForStop(): Readonly<{ signal: Promise<void>; forget(): void }> {
  let stop: () => void = () => {}
  const signal = new Promise<void>((resolve) => (stop = resolve))
  let count = 0
  const hear = (): void => {
    if (++count > 1) process.exit(130)
    stop()
  }
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, hear)
  return {
    signal,
    forget: () => {
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(name, hear)
    },
  }
}

async function choosePort(text: string, host: string): Promise<number> {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535) fail('usage', { what: `"${text}" is not a port; it goes from 0 to 65535.` })
  // Found out before anything is started, and in the words of the user.
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === 'EADDRINUSE' ? `Port ${port} on ${host} is taken by another program. Choose one with --port.`
        : error.code === 'EACCES' ? `Port ${port} needs root. Choose one above 1023 with --port.`
          : `Cannot listen on ${host} port ${port}: ${error.message}`))
    })
    server.listen(port, host, () => {
      const chosen = (server.address() as AddressInfo).port
      server.close(() => resolve(chosen))
    })
  })
}

type TlsValues = Readonly<{ host: string; 'tls-cert'?: string | undefined; 'tls-key'?: string | undefined; 'no-tls': boolean }>

async function chooseTls(values: TlsValues, data: string, tell: (text: string) => void): Promise<Readonly<{ cert: string; key: string }> | null> {
  const [certFile, keyFile] = [values['tls-cert'], values['tls-key']]
  if ((certFile === undefined) !== (keyFile === undefined)) fail('usage', { what: '--tls-cert and --tls-key go together.' })
  if (certFile !== undefined && keyFile !== undefined) return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
  const isLoopback = /^127\.|^::1$|^localhost$/.test(values.host)
  if (isLoopback || values['no-tls']) return null
  return serverCertificate(join(data, 'tls'), values.host, Date.now(), tell)
}

/** One old log is kept; a start is a good moment, since nothing writes yet. */
async function turnLog(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const facts = await stat(path).catch(() => null)
  if (facts !== null && facts.size > 50_000_000) await rename(path, `${path}.1`)
}
