import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Sql as Pool } from 'postgres'
import { postgres } from '#store/driver.ts'
import { startEmbedded } from '#store/embedded/server.ts'
import { newId } from '#store/id.ts'
import { migrate } from '#store/migrate.ts'
import { ensureRoles } from '#store/roles.ts'
import { storeOver, type Store } from '#store/store.ts'

/**
 * A real database for tests. One server a process (embedded, or the one VIGIL_TEST_DATABASE_URL names, whose user must be a
 * superuser); migrations run once into a template, each call gets a copy of it. Errors of `tx.after` fail the test by being thrown.
 */
export type TestDatabase = Readonly<{
  store: Store
  /** The owner of the tables: for looking behind row-level security, never for what the program itself would do. */
  owner: Pool
  close(): Promise<void>
}>

/** `const { store } = await withStore(test)` — closed and dropped when the test (or, in `before`, the file) ends. */
export async function withStore(test?: Readonly<{ after(work: () => Promise<void>): void }>): Promise<TestDatabase> {
  const database = await openTestDatabase()
  if (test === undefined) after(() => database.close())
  else test.after(() => database.close())
  return database
}

/** A tenant with its default network, for tests that need a tenant but no people. Returns its id. */
export async function makeTenant(store: Store, name = 'Test organisation'): Promise<string> {
  const id = newId()
  await store.platform(async ({ sql }) => {
    await sql`insert into tenant (id, name, state, settings, created_at) values (${id}, ${name}, 'active', '{}'::jsonb, ${new Date()})`
    await sql`insert into network (tenant_id, id, name, created_at) values (${id}, ${id}, 'Default network', ${new Date()})`
  })
  return id
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const { connect, release } = await sharedServer()
  const name = `t_${newId().replaceAll('-', '')}`
  const main = connect('postgres', null, 1)
  try {
    await copyTemplate(main, connect, name)
    const owner = connect(name, null, 2)
    const problems: unknown[] = []
    const store = storeOver({ app: connect(name, 'vigil_app', 6), platform: connect(name, 'vigil_platform', 4) }, (error) => problems.push(error))
    return {
      store,
      owner,
      async close() {
        await store.close()
        await owner.end({ timeout: 5 })
        await main.unsafe(`drop database ${name} with (force)`)
        await main.end({ timeout: 5 })
        await release()
        if (problems.length > 0) throw problems[0]
      },
    }
  } catch (error) {
    await main.end({ timeout: 1 })
    await release()
    throw error
  }
}

type Connect = (database: string, role: string | null, most: number) => Pool

/** The template is named after the migrations, so that a server that lives longer than one run never serves an old one. */
async function copyTemplate(main: Pool, connect: Connect, name: string): Promise<void> {
  const template = `vigil_template_${await migrationsHash()}`
  // A copy needs the template to itself, so making and copying go one at a time over all processes.
  await main`select pg_advisory_lock(7301, 1)`
  try {
    const [known] = await main`select from pg_database where datname = ${template}`
    if (known === undefined) {
      await ensureRoles(main, null)
      await main.unsafe(`drop database if exists ${template}_draft with (force)`)
      await main.unsafe(`create database ${template}_draft`)
      const owner = connect(`${template}_draft`, null, 2)
      try {
        await migrate(owner)
      } finally {
        await owner.end({ timeout: 5 })
      }
      await main.unsafe(`alter database ${template}_draft rename to ${template}`)
    }
    await main.unsafe(`create database ${name} template ${template}`)
  } finally {
    await main`select pg_advisory_unlock(7301, 1)`
  }
}

async function migrationsHash(): Promise<string> {
  const folder = new URL('../db/migrations/', import.meta.url)
  const hash = createHash('sha256')
  for (const file of (await readdir(folder)).filter((entry) => entry.endsWith('.sql')).sort()) hash.update(file).update(await readFile(new URL(file, folder)))
  return hash.digest('hex').slice(0, 16)
}

let server: Promise<Readonly<{ connect: Connect; stop(): Promise<void> }>> | null = null
let users = 0

/** Stopped when the last database of this process is closed; started again if another follows. */
async function sharedServer(): Promise<Readonly<{ connect: Connect; release(): Promise<void> }>> {
  server ??= startServer()
  users++
  const mine = server
  const { connect, stop } = await mine
  return {
    connect,
    async release() {
      if (--users > 0) return
      // The next test of the same file usually comes at once: keep the server until the file is through.
      if (ending) await stop()
    },
  }
}

let ending = false
after(async () => {
  ending = true
  if (server !== null && users === 0) await (await server).stop()
})

async function startServer(): Promise<Readonly<{ connect: Connect; stop(): Promise<void> }>> {
  const given = process.env['VIGIL_TEST_DATABASE_URL']
  if (given !== undefined && given !== '') {
    const url = new URL(given)
    return { connect: connector({ host: decodeURIComponent(url.hostname), port: Number(url.port || 5432), user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }), stop: async () => {} }
  }
  await dropAbandoned()
  const data = await mkdtemp(join(tmpdir(), `vigil-test-${process.pid}-`))
  await chmod(data, 0o755)
  const embedded = await startEmbedded(data)
  const connect = connector({ host: embedded.socket, port: 5432, user: 'vigil_owner', password: embedded.passwords.owner })
  const main = connect('postgres', null, 1)
  // A test's database need not survive a power cut.
  await main`alter system set fsync = off`
  await main`alter system set synchronous_commit = off`
  await main`select pg_reload_conf()`
  await main.end()
  return {
    connect,
    async stop() {
      await embedded.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

function connector(place: Readonly<{ host: string; port: number; user: string; password: string }>): Connect {
  const where = place.host.startsWith('/') ? { path: join(place.host, `.s.PGSQL.${place.port}`) } : { host: place.host, port: place.port }
  return (database, role, most) =>
    postgres({
      ...where,
      user: place.user,
      password: place.password,
      database,
      max: most,
      idle_timeout: 60,
      connect_timeout: 10,
      onnotice: () => {},
      // As in store/open.ts: the role is the session's own.
      connection: { application_name: `vigil test ${role ?? 'owner'}`, ...(role === null ? {} : { options: `-c role=${role}` }) } as never,
      types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
      ...(role === 'vigil_app' ? recordStatements() : {}),
    })
}

/** Under `./vigil test` every statement run in a tenant's transaction is kept, for test/plans to look at how it would be planned. */
function recordStatements(): { debug?: (connection: number, query: string) => void } {
  const file = process.env['VIGIL_SQL_LOG']
  if (file === undefined) return {}
  return {
    debug: (_connection, query) => {
      if (recorded.has(query)) return
      recorded.add(query)
      appendFileSync(file, `${JSON.stringify(query)}\n`)
    },
  }
}

const recorded = new Set<string>()

/** A test process killed with -9 leaves its server and its folder behind; the next run clears them away. */
async function dropAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^vigil-test-([0-9]+)-/.exec(name)
    if (owner === null || isAlive(Number(owner[1]))) continue
    const folder = join(tmpdir(), name)
    const pid = Number((await readFile(join(folder, 'database', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])
    if (pid > 1 && isAlive(pid)) process.kill(pid, 'SIGINT')
    await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
