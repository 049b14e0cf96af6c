import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { access, chmod, chown, constants, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { postgres } from '../driver.ts'
import { installBinaries } from './binaries.ts'

/** Passwords of the three roles; the owner migrates, the app is held by row-level security, the platform works across tenants. */
export type Passwords = Readonly<{ owner: string; app: string; platform: string }>

export type EmbeddedServer = Readonly<{
  /** Folder of the Unix socket; there is no TCP port. */
  socket: string
  passwords: Passwords
  /** Whether this start created the database, or took over one left running by a killed parent. */
  created: boolean
  adopted: boolean
  pid: number
  /** From now on, starts it again, with growing pauses, when it ends by itself: killed, out of memory, out of disk. */
  keepUp(): void
  stop(): Promise<void>
}>

type Running = Readonly<{ pid: number; child: ChildProcess | null }>

const port = 5432

/**
 * Starts the PostgreSQL of a data directory, creating it on the first call and adopting it when a killed parent left it
 * running. As root it runs as an unprivileged user, since PostgreSQL refuses root.
 */
export async function startEmbedded(data: string, tell: (text: string) => void = () => {}): Promise<EmbeddedServer> {
  const user = process.getuid?.() === 0 ? await unprivileged() : null
  await mkdir(data, { recursive: true, mode: 0o755 })
  if (user !== null) await mustTraverse(data)
  const binaries = await installBinaries(data)
  const cluster = join(data, 'database')
  const socket = await socketFolder(data)
  if (user !== null) await chown(socket, user.uid, user.gid)
  await chmod(socket, 0o700)

  const fresh = !(await stat(join(cluster, 'PG_VERSION')).then(() => true, () => false))
  const passwords = await rolePasswords(data, fresh)
  if (fresh) {
    tell('creating the database')
    await initialise(binaries, cluster, passwords.owner, user)
  }
  const launch = async (): Promise<Running> => {
    const child = spawn(
      join(binaries, 'bin', 'postgres'),
      ['-D', cluster, '-k', socket, '-p', String(port), '-c', 'listen_addresses=', ...settings()],
      { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...user, env: { LANG: 'C', PATH: '/usr/bin:/bin' } },
    )
    const log = keepLog(child)
    await ready(child, socket, passwords, log)
    return { pid: child.pid!, child }
  }
  const left = await adopt(cluster, socket, passwords)
  const running = left ?? (await launch())
  const again = async (): Promise<Running> => (await adopt(cluster, socket, passwords)) ?? (await launch())
  return { socket, passwords, created: fresh, adopted: left !== null, pid: running.pid, ...lifeOf(running, again, tell) }
}

/** Ms between two looks at whether it lives, and the longest pause between two tries to start it. */
const lookEvery = 250
const longestPause = 15_000

/** Keeps a server up, if asked to, and ends it. Those who hold connections see them break and make new ones; what was committed is there. */
function lifeOf(first: Running, again: () => Promise<Running>, tell: (text: string) => void): Pick<EmbeddedServer, 'keepUp' | 'stop'> {
  let running = first
  let stopping = false
  const stopped = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | null = null
  let restarting: Promise<void> | null = null

  async function restart(): Promise<void> {
    tell('the database ended by itself; starting it again')
    for (let pause = 200; !stopping; pause = Math.min(pause * 2, longestPause)) {
      try {
        running = await again()
        return tell('the database is back')
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error))
      }
      await Promise.race([new Promise((go) => setTimeout(go, pause)), stopped.promise])
    }
  }

  return {
    keepUp() {
      timer ??= setInterval(() => {
        if (restarting === null && isGone(running)) restarting = restart().finally(() => (restarting = null))
      }, lookEvery)
      timer.unref()
    },
    async stop() {
      stopping = true
      stopped.resolve()
      if (timer !== null) clearInterval(timer)
      await restarting
      await stopServer(running)
    },
  }
}

function isGone({ pid, child }: Running): boolean {
  return child === null ? !isAlive(pid) : child.exitCode !== null || child.signalCode !== null
}

/** Detached, so that a Ctrl-C in the terminal reaches us first and the server is stopped in order, after its clients. */
function settings(): string[] {
  const values: Record<string, string> = {
    shared_buffers: '128MB',
    max_connections: '60',
    // One machine, few connections: the planner should believe in its disks and caches.
    random_page_cost: '1.1',
    effective_cache_size: '1GB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    wal_compression: 'pglz',
    jit: 'off',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    idle_in_transaction_session_timeout: '60000',
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function initialise(binaries: string, cluster: string, password: string, user: User | null): Promise<void> {
  const draft = `${cluster}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  const secret = join(dirname(cluster), '.initdb-password')
  await writeFile(secret, password, { mode: 0o600 })
  if (user !== null) {
    await chown(draft, user.uid, user.gid)
    await chown(secret, user.uid, user.gid)
  }
  try {
    await run(join(binaries, 'bin', 'initdb'), [
      '-D', draft, '-U', 'vigil_owner', '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C',
      '--auth=scram-sha-256', `--pwfile=${secret}`, '--no-instructions',
    ], user)
  } finally {
    await rm(secret, { force: true })
  }
  // A kill in the middle of initdb leaves only the draft, never half a cluster.
  await rename(draft, cluster)
}

async function rolePasswords(data: string, fresh: boolean): Promise<Passwords> {
  const path = join(data, 'database.json')
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Passwords
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
    if (!fresh) throw new Error(`${path} is missing, and with it the passwords of the database beside it. Restore it from your backup.`, { cause: error })
  }
  const passwords = { owner: secret(), app: secret(), platform: secret() }
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  await file.writeFile(JSON.stringify(passwords))
  await file.sync()
  await file.close()
  await rename(draft, path)
  return passwords
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}

/** A Unix socket path may be at most 107 bytes; a deep data directory gets a private folder in the system's temporary one. */
async function socketFolder(data: string): Promise<string> {
  const near = join(data, 'run')
  const folder = near.length <= 80 ? near : join(tmpdir(), `vigil-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const facts = await stat(folder)
  const me = process.getuid?.() ?? 0
  if (me !== 0 && facts.uid !== me) throw new Error(`${folder} belongs to another user (uid ${facts.uid}).`)
  return folder
}

async function adopt(cluster: string, socket: string, passwords: Passwords): Promise<Running | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => null)
  if (text === null) return null
  const pid = Number(text.split('\n')[0])
  if (!isAlive(pid) || !(await answers(socket, passwords))) return null
  return { pid, child: null }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function answers(socket: string, passwords: Passwords): Promise<boolean> {
  const sql = postgres({ path: join(socket, `.s.PGSQL.${port}`), user: 'vigil_owner', password: passwords.owner, database: 'postgres', max: 1, connect_timeout: 3, onnotice: () => {} })
  try {
    await sql`select 1`
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function ready(child: ChildProcess, socket: string, passwords: Passwords, log: () => string): Promise<void> {
  let exited = false
  child.once('exit', () => (exited = true))
  child.once('error', () => (exited = true))
  const until = Date.now() + 60_000
  while (Date.now() < until) {
    if (exited) throw new Error(`The database did not start:\n${log()}`)
    const listening = await access(join(socket, `.s.PGSQL.${port}`), constants.F_OK).then(() => true, () => false)
    if (listening && (await answers(socket, passwords))) return
    await new Promise((go) => setTimeout(go, 25))
  }
  throw new Error(`The database did not answer within 60 s:\n${log()}`)
}

function keepLog(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-16_384)
  })
  child.stderr?.on('error', () => {})
  ;(child.stderr as unknown as { unref?: () => void } | null)?.unref?.()
  child.unref()
  return () => text
}

/** SIGINT is PostgreSQL's fast shutdown: it rolls back what is open and checkpoints. */
async function stopServer(running: Running): Promise<void> {
  if (isGone(running)) return
  process.kill(running.pid, 'SIGINT')
  const until = Date.now() + 30_000
  while (Date.now() < until && !isGone(running)) await new Promise((go) => setTimeout(go, 20))
}

type User = Readonly<{ uid: number; gid: number }>

/** A `postgres` or `nobody` account from /etc/passwd; VIGIL_PG_USER names another. */
async function unprivileged(): Promise<User> {
  const wanted = process.env['VIGIL_PG_USER']
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'))
  for (const name of wanted === undefined ? ['postgres', 'nobody'] : [wanted]) {
    const entry = lines.find((fields) => fields[0] === name)
    if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  if (wanted !== undefined) throw new Error(`VIGIL_PG_USER names "${wanted}", which is no account of this machine.`)
  return { uid: 65534, gid: 65534 }
}

async function mustTraverse(data: string): Promise<void> {
  for (let folder = data; folder !== dirname(folder); folder = dirname(folder)) {
    const facts = await stat(folder)
    if ((facts.mode & 0o001) === 0) {
      throw new Error(`The database cannot run as root, and ${folder} is closed to other users. Choose another place with --data, e.g. /var/lib/vigil.`)
    }
  }
}

function run(command: string, args: string[], user: User | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...user, env: { LANG: 'C', PATH: '/usr/bin:/bin' } })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-8192)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} failed (${code}):\n${text}`))))
  })
}
