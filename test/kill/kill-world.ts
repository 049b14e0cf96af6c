import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postgres } from '#store/driver.ts'
import { selfSigned } from '#formats/certificate.ts'
import { createScanner } from '#platform/scanner/registry.ts'
import { storeOver, type Store } from '#store/store.ts'
import { until } from '../contracts/scan-world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A platform and a remote scanner, each a process of its own on one data directory, that can be killed and started again. */
export type KillWorld = Readonly<{
  store: Store
  /** The platform's folder. */
  data: string
  platform: Killable
  /** Started by `addScanner`. */
  scanner: Killable
  addScanner(tenant: string): Promise<void>
  close(): Promise<void>
}>

export type Killable = Readonly<{
  start(): Promise<void>
  /** Kill -9, without a word. */
  kill(): Promise<void>
  stop(): Promise<void>
  errors(): string
}>

export type KillWorldOptions = Readonly<{
  /** A network namespace of a world of test/netns, by its name, and an address of it; absent: here, on loopback. */
  inside?: Readonly<{ name: string; address: string }>
  /** Whether the platform scans too. Absent: yes. */
  scans?: boolean
  /** Puts something into the data folder before the platform starts. */
  prepare?(data: string): Promise<void>
}>

export async function openKillWorld({ inside, scans = true, prepare }: KillWorldOptions = {}): Promise<KillWorld> {
  const data = await mkdtemp(join(tmpdir(), 'vigil-kill-'))
  // The database runs as another user when we are root, and must reach its folder.
  await chmod(data, 0o755)
  await prepare?.(data)
  const address = inside?.address ?? '127.0.0.1'
  const before = inside === undefined ? [] : ['setpriv', '--pdeathsig', 'KILL', 'ip', 'netns', 'exec', inside.name]
  const { cert, key } = selfSigned([address, 'localhost'], Date.now())
  const [certFile, keyFile] = [join(data, 'cert.pem'), join(data, 'key.pem')]
  await writeFile(certFile, cert)
  await writeFile(keyFile, key, { mode: 0o600 })
  const port = await freePort()
  const platform = killable(before, [join(root, 'test/kill/platform-process.ts'), data, `${port}`, certFile, keyFile, address, String(scans)], /^up$/m, 'stdout')
  let options: string[] = []
  const scanner = killable(before, () => [join(root, 'src/main.ts'), 'scanner', '--data', join(data, 'appliance'), '--ca', certFile,
    ...options], /works for/, 'stderr')
  try {
    await platform.start()
  } catch (error) {
    await rm(data, { recursive: true, force: true })
    throw error
  }
  const passwords = JSON.parse(await readFile(join(data, 'database.json'), 'utf8')) as { app: string; platform: string }
  const connect = (user: string, password: string) => postgres({
    path: join(data, 'run', '.s.PGSQL.5432'), user, password, database: 'postgres', max: 3, onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  })
  const store = storeOver({ app: connect('vigil_app', passwords.app), platform: connect('vigil_platform', passwords.platform) },
    (error) => { throw error })
  return {
    store, data, platform, scanner,
    async addScanner(tenant) {
      const { activationCode } = await store.write(tenant, (tx) => createScanner(tx, 'Appliance', null, Date.now()))
      options = ['--platform', `https://${address}:${port}`, '--code', activationCode!]
      await scanner.start()
      options = []
    },
    async close() {
      await scanner.stop()
      await store.close()
      await platform.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** `before`: words that run the rest in another place, and give way to it. */
function killable(before: readonly string[], command: readonly string[] | (() => readonly string[]), ready: RegExp, where: 'stdout' | 'stderr'): Killable {
  let child: ChildProcess | null = null
  let said = ''
  let problems = ''
  const gone = (process: ChildProcess): Promise<void> => new Promise((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) resolve()
    else process.once('exit', () => resolve())
  })
  return {
    async start() {
      said = ''
      const args = typeof command === 'function' ? command() : command
      const [program, ...words] = [...before, process.execPath, '--disable-warning=ExperimentalWarning', ...args]
      const started = spawn(program!, words, { stdio: ['ignore', 'pipe', 'pipe'] })
      child = started
      started.stdout.on('data', (part: Buffer) => void (where === 'stdout' && (said += part.toString())))
      started.stderr.on('data', (part: Buffer) => {
        if (where === 'stderr') said += part.toString()
        problems = (problems + part.toString()).slice(-4000)
      })
      await until(`a process to say ${ready.source}`, async () => {
        if (started.exitCode !== null) throw new Error(`it ended with ${started.exitCode}: ${problems}`)
        return ready.test(said)
      }, 60)
    },
    async kill() {
      child?.kill('SIGKILL')
      if (child !== null) await gone(child)
    },
    async stop() {
      child?.kill('SIGTERM')
      if (child !== null) await gone(child)
    },
    errors: () => problems,
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
