import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/**
 * Opens the file of a release to read. Nobody ever writes to one, so SQLite is told that it need not look whether somebody did: locking, asking and unlocking took
 * more than half of every question that finds one row (`immutable` in https://www.sqlite.org/uri.html).
 */
export function openReleaseFile(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  const db = new DatabaseSync(url, { readOnly: true })
  db.exec('pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -8192; pragma mmap_size = 0; pragma temp_store = memory')
  return db
}
