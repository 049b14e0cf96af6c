import type { PendingQuery, Row, Sql as Pool, TransactionSql } from 'postgres'
import { fail } from '#core/errors.ts'
import { isId } from './id.ts'

export type Sql = TransactionSql
/** A piece of a statement, with its parameters, to be put into another one. */
export type Fragment = PendingQuery<Row[]>

/** A transaction in one tenant's world. Every statement in it also names `tenant_id = ${tx.tenant}`; row-level security is the fence behind. */
export interface Tx {
  readonly tenant: string
  readonly sql: Sql
  /** Runs after the commit, in order; never after a rollback. Its errors are logged, not thrown: the data is already safe. */
  after(commit: () => void | Promise<void>): void
}

/** A transaction over all tenants, for workers and for the tables that belong to no tenant. */
export interface PlatformTx {
  readonly sql: Sql
  after(commit: () => void | Promise<void>): void
}

/** The only door to the database: no pool can be reached from inside a transaction. */
export interface Store {
  write<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T>
  /** Read-only, one snapshot. */
  read<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T>
  platform<T>(work: (tx: PlatformTx) => Promise<T>): Promise<T>
  /** Calls `hear` for each NOTIFY on the channel, also after a reconnect; `lost` when some may have been missed. */
  listen(channel: string, hear: (payload: string) => void, lost?: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export function storeOver(pools: Readonly<{ app: Pool; platform: Pool }>, onError: (error: unknown) => void): Store {
  const transact = async <T>(pool: Pool, mode: string, tenant: string | null, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const effects: (() => void | Promise<void>)[] = []
    const result = await pool.begin(mode, async (sql) => {
      if (tenant !== null) await sql`select enter_tenant(${tenant})`
      return work({ tenant: tenant ?? '', sql, after: (effect) => void effects.push(effect) })
    })
    for (const effect of effects) {
      try {
        await effect()
      } catch (error) {
        onError(error)
      }
    }
    return result as T
  }
  const known = (tenant: string): string => (isId(tenant) ? tenant : fail('not_found', { what: 'organisation', id: tenant }))
  return {
    write: (tenant, work) => transact(pools.app, 'isolation level read committed', known(tenant), work),
    read: (tenant, work) => transact(pools.app, 'isolation level repeatable read read only', known(tenant), work),
    platform: (work) => transact(pools.platform, 'isolation level read committed', null, work),
    async listen(channel, hear, lost) {
      let first = true
      const handle = await pools.platform.listen(channel, hear, () => {
        if (!first) lost?.()
        first = false
      })
      return () => handle.unlisten()
    },
    async close() {
      await Promise.all([pools.app.end({ timeout: 5 }), pools.platform.end({ timeout: 5 })])
    },
  }
}
