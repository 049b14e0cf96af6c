import { readdir, readFile } from 'node:fs/promises'
import type { Sql as Pool } from 'postgres'
import { folder, nameOf, sha256 } from './migration-file.ts'

/**
 * Brings a database to this version of the program: forward only, each file in one transaction, under a lock, so that two
 * starts at once do not meet. Returns the names applied. Throws, with nothing half-applied, when a file fails.
 */
export async function migrate(owner: Pool, tell: (text: string) => void = () => {}): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const applied = await checkSums(owner)
  // Nearly every start finds nothing to do, and then the migrator (10 MB, 100 ms) is not even loaded.
  if (files.every((file) => applied.has(nameOf(file)))) return []
  const { runMigrations } = await import('./run-migrations.ts')
  return runMigrations(owner, files, tell)
}

/** An applied file must never change: a database made by the old text would differ in silence from one made by the new. */
async function checkSums(owner: Pool): Promise<ReadonlySet<string>> {
  await owner`create schema if not exists migration`
  await owner`create table if not exists migration.checksum (name text primary key, sha256 text not null)`
  const rows = await owner<{ name: string; sha256: string }[]>`select name, sha256 from migration.checksum`
  for (const row of rows) {
    const text = await readFile(new URL(`${row.name}.sql`, folder), 'utf8').catch(() => null)
    if (text === null) throw new Error(`This database was migrated by a newer Vigil (${row.name}). Start that version, or restore a backup.`)
    if (sha256(text) !== row.sha256) throw new Error(`Migration ${row.name} was changed after it had been applied to this database.`)
  }
  return new Set(rows.map((row) => row.name))
}
