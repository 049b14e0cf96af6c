import {
  CamelCasePlugin, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler,
  type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult,
} from 'kysely'
import type { Store } from '#store/store.ts'

/**
 * The database as better-auth sees it: each statement goes through the store's own door as the platform role, since sign-in comes
 * before any tenant is known. It has no transactions of its own (docs/decisions/012-sign-in.md).
 */
export function authDatabase(store: Store): Kysely<Record<string, never>> {
  const connection: DatabaseConnection = {
    executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      return store.platform(async ({ sql }) => {
        const rows = await sql.unsafe(query.sql, query.parameters as never[], { prepare: true })
        return { rows: [...rows] as unknown as Row[], numAffectedRows: BigInt(rows.count ?? 0) }
      })
    },
    streamQuery(): never {
      throw new Error('Sign-in does not stream')
    },
  }
  const refuse = async (): Promise<never> => {
    throw new Error('Transactions are opened by Store.platform only')
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    plugins: [new CamelCasePlugin()],
  })
}
