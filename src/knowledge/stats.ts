import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { SourceName } from '#core/knowledge/record.ts'
import type { Current } from './folder.ts'
import { readSources } from './read/sources.ts'

export type Stats = Readonly<{
  release: Omit<Current, 'file'>
  sources: readonly Readonly<{
    name: SourceName; snapshot: string | null; state: string; records: number; statements: number; ranges: number
    /** Distinct CVEs that it can detect: with a check or a range that says they are affected. */
    detects: number
    unused: Readonly<Record<string, number>>
  }>[]
  /** Records as upstream counts them, of all sources. */
  records: number
  /** CVE ids known by any record or probability. */
  cves: number
  /** CVEs of which some source says something beyond a probability. */
  described: number
  /** CVEs with a usable detection: in all, and by kind; one may have several. */
  detected: number
  byKind: Readonly<Record<'signature' | 'template' | 'package' | 'product' | 'library' | 'industrial', number>>
  /** CVEs of active checks: signatures and templates. */
  active: number
  exploited: Readonly<{ known: number; detected: number; share: number; byTemplate: number }>
  checks: Readonly<Record<string, number>>
  unused: Readonly<Record<string, number>>
}>

/** Counts over a release, some from every row: a second or two. */
export function readStats(folder: string, current: Current, now: number): Stats {
  const db = new DatabaseSync(join(folder, current.file), { readOnly: true })
  try {
    const one = (sql: string, ...values: (string | number)[]): number => (db.prepare(sql).get(...values) as { n: number }).n
    const isCve = 'id >= 1000000000'
    const ids = new Map<SourceName, number[]>()
    for (const row of db.prepare('select id, name from source').all() as { id: number; name: SourceName }[]) ids.set(row.name, [...(ids.get(row.name) ?? []), row.id])
    const detects = (name: SourceName): number => {
      const list = (ids.get(name) ?? [0]).join(', ')
      return one(`select count(*) as n from (select vulnerability from affected where source in (${list}) and detects = 1 and vulnerability >= 1000000000
        union select k.vulnerability from check_cve k join "check" c on c.id = k."check" where c.source in (${list}) and k.vulnerability >= 1000000000)`)
    }
    const sources = readSources(db, folder, now).map((source) => ({
      name: source.name, snapshot: source.snapshot, state: source.state, records: source.records, statements: source.statements, ranges: source.ranges,
      detects: source.state === 'never' ? 0 : detects(source.name), unused: Object.fromEntries(source.unused.map(({ reason, count }) => [reason, count])),
    }))
    const byKind = Object.fromEntries(Object.entries({ signature: 1, template: 2, package: 4, product: 8, library: 16, industrial: 32 })
      .map(([word, bit]) => [word, one(`select count(*) as n from vulnerability where ${isCve} and detection & ? <> 0`, bit)])) as Stats['byKind']
    const known = one(`select count(*) as n from vulnerability where ${isCve} and exploited_since is not null`)
    const exploitedDetected = one(`select count(*) as n from vulnerability where ${isCve} and exploited_since is not null and detection <> 0`)
    const unused: Record<string, number> = {}
    for (const source of sources) for (const [reason, count] of Object.entries(source.unused)) unused[reason] = (unused[reason] ?? 0) + count
    const { file: _file, ...release } = current
    return {
      release, sources, records: sources.reduce((sum, source) => sum + source.records, 0),
      cves: one(`select count(*) as n from vulnerability where ${isCve}`),
      described: one('select count(distinct vulnerability) as n from statement where vulnerability >= 1000000000'),
      detected: one(`select count(*) as n from vulnerability where ${isCve} and detection <> 0`),
      byKind, active: one(`select count(*) as n from vulnerability where ${isCve} and detection & 3 <> 0`),
      exploited: {
        known, detected: exploitedDetected, share: known === 0 ? 0 : Math.round((exploitedDetected / known) * 1000) / 1000,
        byTemplate: one(`select count(*) as n from vulnerability where ${isCve} and exploited_since is not null and detection & 2 <> 0`),
      },
      checks: Object.fromEntries((db.prepare('select kind, count(*) as n from "check" group by kind order by kind').all() as { kind: string; n: number }[]).map((row) => [row.kind, row.n])),
      unused,
    }
  } finally {
    db.close()
  }
}
