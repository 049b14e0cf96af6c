import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { Kysely, sql } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import type { Sql as Pool } from 'postgres'
import { PostgresJSDialect } from 'kysely-postgres-js'

const folder = new URL('../../db/migrations/', import.meta.url)

/**
 * Brings a database to this version of the program: forward only, each file in one transaction, under a lock, so that two
 * starts at once do not meet. Returns the names applied. Throws, with nothing half-applied, when a file fails.
 */
export async function migrate(owner: Pool, tell: (text: string) => void = () => {}): Promise<readonly string[]> {
  const db = new Kysely<unknown>({ dialect: new PostgresJSDialect({ postgres: owner }) })
  const migrator = new Migrator({ db, provider: { getMigrations: readMigrations }, migrationTableSchema: 'migration' })
  const applied: string[] = []
  await checkSums(db)
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

async function readMigrations(): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {}
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()) {
    const text = await readFile(new URL(file, folder), 'utf8')
    migrations[file.replace(/\.sql$/, '')] = {
      async up(db) {
        // Plain PostgreSQL takes these as unknown placeholders; a Citus coordinator needs them (docs/decisions/003-distribution.md).
        await sql.raw(`set local citus.multi_shard_modify_mode to 'sequential'`).execute(db)
        await sql.raw(`set local citus.enable_local_reference_table_foreign_keys to off`).execute(db)
        for (const statement of statements(text)) await sql.raw(statement).execute(db)
        await sql`insert into migration.checksum (name, sha256) values (${file.replace(/\.sql$/, '')}, ${sha256(text)})`.execute(db)
      },
    }
  }
  return migrations
}

/** An applied file must never change: a database made by the old text would differ in silence from one made by the new. */
async function checkSums(db: Kysely<unknown>): Promise<void> {
  await sql`create schema if not exists migration`.execute(db)
  await sql`create table if not exists migration.checksum (name text primary key, sha256 text not null)`.execute(db)
  const { rows } = await sql<{ name: string; sha256: string }>`select name, sha256 from migration.checksum`.execute(db)
  for (const row of rows) {
    const text = await readFile(new URL(`${row.name}.sql`, folder), 'utf8').catch(() => null)
    if (text === null) throw new Error(`This database was migrated by a newer Vigil (${row.name}). Start that version, or restore a backup.`)
    if (sha256(text) !== row.sha256) throw new Error(`Migration ${row.name} was changed after it had been applied to this database.`)
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
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
