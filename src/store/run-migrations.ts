import { readFile } from 'node:fs/promises'
import { Kysely, sql } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { PostgresJSDialect } from 'kysely-postgres-js'
import type { Sql as Pool } from 'postgres'
import { folder, nameOf, sha256 } from './migration-file.ts'

/** Applies what is missing of `files`, in order, one transaction a file. */
export async function runMigrations(owner: Pool, files: readonly string[], tell: (text: string) => void): Promise<readonly string[]> {
  const db = new Kysely<unknown>({ dialect: new PostgresJSDialect({ postgres: owner }) })
  const migrator = new Migrator({ db, provider: { getMigrations: () => readMigrations(files) }, migrationTableSchema: 'migration' })
  const applied: string[] = []
  for (;;) {
    const { error, results } = await migrator.migrateUp()
    if (error !== undefined) {
      const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'migration'
      throw new Error(`${failed}: ${error instanceof Error ? error.message : JSON.stringify(error)}`, { cause: error })
    }
    if (results === undefined || results.length === 0) return applied
    for (const result of results) {
      applied.push(result.migrationName)
      tell(`migrated ${result.migrationName}`)
    }
  }
}

async function readMigrations(files: readonly string[]): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {}
  for (const file of files) {
    const text = await readFile(new URL(file, folder), 'utf8')
    migrations[nameOf(file)] = {
      async up(db) {
        // Plain PostgreSQL takes these as unknown placeholders; a Citus coordinator needs them (docs/decisions/003-distribution.md).
        await sql.raw(`set local citus.multi_shard_modify_mode to 'sequential'`).execute(db)
        await sql.raw(`set local citus.enable_local_reference_table_foreign_keys to off`).execute(db)
        for (const statement of statements(text)) await sql.raw(statement).execute(db)
        await sql`insert into migration.checksum (name, sha256) values (${nameOf(file)}, ${sha256(text)})`.execute(db)
      },
    }
  }
  return migrations
}

/** Splits at semicolons that end a line, outside $$-quoted bodies. Migrations are ours, so no more is needed. */
function statements(text: string): string[] {
  const parts: string[] = []
  let current = ''
  let quoted = false
  for (const line of text.split('\n')) {
    if (!quoted && current === '' && (line.trim() === '' || line.trimStart().startsWith('--'))) continue
    current += `${line}\n`
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) quoted = !quoted
    if (!quoted && /;\s*(--.*)?$/.test(line)) {
      parts.push(current)
      current = ''
    }
  }
  if (current.trim() !== '') parts.push(current)
  return parts
}
