import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { ReleaseFacts } from '../knowledge-base.ts'

/** Raised when the meaning of rows changes, so that releases of different meaning never share a root. */
const meaning = 1

/** The tables that judge, in one fixed order, with what of a row counts. */
const tables: readonly (readonly [string, string])[] = [
  ['statement', 'select source, vulnerability, key as a, body from statement order by vulnerability, source, key'],
  ['affected', 'select source, vulnerability, id as a, body from affected order by id'],
  ['check', 'select source, id as vulnerability, version as a, body from "check" order by id'],
  ['lifecycle', 'select source, 0 as vulnerability, key as a, body from lifecycle order by key'],
  ['library', 'select source, 0 as vulnerability, key as a, body from library order by key'],
  ['fingerprint', `select source, position as vulnerability, file as a, body from fingerprint order by file, position`],
  ['hardware', 'select source, 0 as vulnerability, prefix as a, organization as body from hardware order by prefix'],
  ['benchmark', 'select source, 0 as vulnerability, key as a, body from benchmark order by key'],
  ['rule', `select source, 0 as vulnerability, benchmark || ' ' || key as a, body from rule order by benchmark, key`],
  ['file', 'select source, 0 as vulnerability, key as a, bytes as body from file order by key'],
]

/** Writes the content hash of the sources that changed (`contentSums`) and returns the root over all. */
export function sealContent(db: DatabaseSync, sums: ReadonlyMap<number, string>): string {
  for (const [id, sum] of sums) db.prepare('update source set content = ? where id = ?').run(sum, id)
  return rootOf(db)
}

/** sha256 over the rows of each source, in order. */
export function contentSums(db: DatabaseSync, of: ReadonlySet<number>): ReadonlyMap<number, string> {
  const sums = new Map([...of].map((id) => [id, createHash('sha256')] as const))
  // Rows of other sources are passed over where it costs least.
  const among = `where source in (${[...of].join(', ')}) order by`
  for (const [table, sql] of tables) {
    for (const row of db.prepare(sql.replace('order by', among)).iterate() as Iterable<{ source: number; vulnerability: number; a: string | number; body: Uint8Array | string }>) {
      sums.get(row.source)?.update(`${table}\0${row.vulnerability}\0${row.a}\0${row.body.length}\0`).update(row.body)
    }
  }
  const epss = db.prepare(`select id from source where name = 'epss'`).get() as { id: number } | undefined
  const probabilities = epss === undefined ? undefined : sums.get(epss.id)
  if (probabilities !== undefined) {
    for (const row of db.prepare('select vulnerability, probability, percentile from probability order by vulnerability').iterate()) probabilities.update(`${Object.values(row).join('\0')}\0`)
  }
  return new Map([...sums].map(([id, sum]) => [id, sum.digest('hex')]))
}

/** What a release is known by: sha256 over what its sources are known by. */
export function rootOf(db: DatabaseSync): string {
  const root = createHash('sha256').update(`meaning ${meaning}\0`)
  for (const row of db.prepare('select name, feed, content from source order by name, feed').all()) root.update(`${Object.values(row).join('\0')}\0`)
  return root.digest('hex')
}

export function countsOf(db: DatabaseSync): ReleaseFacts['counts'] {
  const one = (sql: string): number => Number((db.prepare(sql).get() as { n: number }).n)
  return {
    vulnerabilities: one('select count(*) as n from vulnerability'), checks: one('select count(*) as n from "check"'), ranges: one('select count(*) as n from affected'),
    statements: one('select count(*) as n from statement'), fingerprints: one('select count(*) as n from fingerprint'),
  }
}

/** `2026.11.24-7` */
export function releaseName(at: string, number: number): string {
  return `${at.slice(0, 10).replaceAll('-', '.')}-${number}`
}
