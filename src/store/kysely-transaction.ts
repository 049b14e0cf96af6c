import {
  Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler,
  type CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult,
} from 'kysely'
import type { Sql, TransactionSql } from 'postgres'

/**
 * Kysely over one postgres.js transaction (or pool): it cannot open connections or transactions of its own, so that nothing
 * inside a Tx can reach another connection and deadlock a small pool.
 */
export function kyselyOver<Schema>(sql: TransactionSql | Sql): Kysely<Schema> {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const rows = await sql.unsafe(query.sql, query.parameters as never[], { prepare: true })
      return { rows: [...rows] as unknown as Row[], numAffectedRows: BigInt(rows.count ?? 0) }
    },
    streamQuery(): never {
      throw new Error('streaming goes through sql`…`.cursor()')
    },
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: async () => refuse(),
    commitTransaction: async () => refuse(),
    rollbackTransaction: async () => refuse(),
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
  return new Kysely<Schema>({ dialect })
}

function refuse(): never {
  throw new Error('Transactions are opened by Store.read and Store.write only')
}
