import { join } from 'node:path'
import type { Sql as Pool } from 'postgres'
import { postgres } from './driver.ts'
import { startEmbedded, type EmbeddedServer } from './embedded/server.ts'
import { migrate } from './migrate.ts'
import { ensureRoles } from './roles.ts'
import { storeOver, type Store } from './store.ts'

export type OpenStore = Readonly<{
  store: Store
  /** How the database came up: made now, adopted from a killed parent, its version, and the migrations just applied. */
  facts: Readonly<{ kind: 'embedded' | 'given'; created: boolean; adopted: boolean; version: string; migrated: readonly string[] }>
  /** A pool of the owner for the job queue and the migrator; nothing else may use it. */
  owner: Pool
  close(): Promise<void>
}>

export type StoreOptions = Readonly<{
  data: string
  /** `postgres://…` of a PostgreSQL ≥ 15, or absent for the embedded one. */
  url?: string
  tell?: (text: string) => void
  onError?: (error: unknown) => void
  /** The server belongs to another process: it is left running at close. */
  shared?: boolean
  /** Connections of the tenant pool. */
  most?: number
}>

/** Starts or reaches the database, migrates it, and opens the store. */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const tell = options.tell ?? (() => {})
  const server = options.url === undefined ? await startEmbedded(options.data, tell) : null
  const connect = connector(server, options.url)
  const owner = connect('vigil_owner', 2)
  try {
    const version = await serverVersion(owner)
    await ensureRoles(owner, server?.passwords ?? null)
    const migrated = await migrate(owner, tell)
    const pools = { app: connect('vigil_app', options.most ?? 12), platform: connect('vigil_platform', 6) }
    if (options.shared !== true) server?.keepUp()
    const store = storeOver(pools, options.onError ?? ((error) => console.error(error)))
    return {
      store,
      owner,
      facts: { kind: server === null ? 'given' : 'embedded', created: server?.created ?? false, adopted: server?.adopted ?? false, version, migrated },
      async close() {
        await store.close()
        await owner.end({ timeout: 5 })
        if (options.shared !== true) await server?.stop()
      },
    }
  } catch (error) {
    await owner.end({ timeout: 1 })
    await server?.stop()
    throw error
  }
}

async function serverVersion(owner: Pool): Promise<string> {
  const [row] = await owner<{ server_version: string; server_version_num: string }[]>`
    select current_setting('server_version') as server_version, current_setting('server_version_num') as server_version_num`
  if (Number(row!.server_version_num) < 150000) throw new Error(`PostgreSQL ${row!.server_version} is too old: Vigil needs 15 or newer.`)
  return row!.server_version
}

type Role = 'vigil_owner' | 'vigil_app' | 'vigil_platform'

function connector(server: EmbeddedServer | null, url: string | undefined): (role: Role, most: number) => Pool {
  return (role, most) => {
    const common = {
      max: most,
      idle_timeout: 300,
      connect_timeout: 10,
      onnotice: () => {},
      connection: { application_name: `vigil ${role.slice(6)}` },
      // Counts and sizes: all far below 2⁵³.
      types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    }
    if (server !== null) {
      const password = { vigil_owner: server.passwords.owner, vigil_app: server.passwords.app, vigil_platform: server.passwords.platform }[role]
      return postgres({ ...common, path: join(server.socket, '.s.PGSQL.5432'), user: role, password, database: 'postgres' })
    }
    if (role === 'vigil_owner') return postgres(url!, common)
    // The startup option makes the role the session's own: `reset role` leads back to it, not to the login.
    return postgres(url!, { ...common, connection: { ...common.connection, options: `-c role=${role}` } as never })
  }
}
