import type { DatabaseSync } from 'node:sqlite'
import { cveNumber } from '#core/knowledge/number.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import type { Change, CheckRow, Threat, VulnerabilityRow } from '../knowledge-base.ts'
import { detectionWords } from '../source-bit.ts'

export const vulnerabilityColumns = `id, name, title, published, modified, withdrawn, severity, score, cvss, epss, percentile, exploited_since as exploitedSince, ransomware, ssvc, exploit, detection,
  products`

export type RawVulnerability = Omit<VulnerabilityRow, 'ransomware' | 'detection' | 'products'> & Readonly<{ ransomware: number; detection: number; products: string }>

export function toVulnerability(row: RawVulnerability): VulnerabilityRow {
  return { ...row, ransomware: row.ransomware === 1, detection: detectionWords(row.detection), products: row.products === '' ? [] : row.products.split(',') }
}

export const checkColumns = 'id, key, kind, source, version, title, category, severity, type, published, changed, runnable, why'
export type RawCheck = Omit<CheckRow, 'source' | 'runnable' | 'cve'> & Readonly<{ source: number; runnable: number }>

export function sourceNames(db: DatabaseSync): ReadonlyMap<number, SourceName> {
  return new Map((db.prepare('select id, name from source').all() as { id: number; name: SourceName }[]).map((row) => [row.id, row.name] as const))
}

export function toChecks(db: DatabaseSync, rows: readonly RawCheck[], sources: ReadonlyMap<number, SourceName>): readonly CheckRow[] {
  const cves = db.prepare('select v.name from check_cve c join vulnerability v on v.id = c.vulnerability where c."check" = ? order by v.name')
  return rows.map((row) => ({ ...row, source: sources.get(row.source)!, runnable: row.runnable === 1, cve: (cves.all(row.id) as { name: string }[]).map((one) => one.name) }))
}

/** The log of one or more subjects, newest first. */
export function changesOf(db: DatabaseSync, subjects: readonly string[], sources: ReadonlyMap<number, SourceName>, most = 100): readonly Change[] {
  const rows = db.prepare(`select release, at, subject, kind, text, source from change where subject in (${subjects.map(() => '?').join(', ')}) order by release desc, id desc limit ${most}`).all(...subjects)
  return (rows as (Omit<Change, 'source'> & { source: number | null })[]).map((row) => ({ ...row, source: row.source === null ? null : (sources.get(row.source) ?? null) }))
}

export function allChanges(db: DatabaseSync, about: Readonly<{ since?: string; kind?: string; limit: number }>, sources: ReadonlyMap<number, SourceName>): readonly Change[] {
  const rows = db.prepare(`select release, at, subject, kind, text, source from change where (?1 is null or at >= ?1) and (?2 is null or kind = ?2) order by release desc, id desc limit ?3`)
    .all(about.since ?? null, about.kind ?? null, Math.max(0, Math.min(10_000, Math.trunc(about.limit))))
  return (rows as (Omit<Change, 'source'> & { source: number | null })[]).map((row) => ({ ...row, source: row.source === null ? null : (sources.get(row.source) ?? null) }))
}

const threatColumns = 'name, score, epss, exploited_since as exploitedSince, ransomware, ssvc, exploit'

/** By what was asked: a name, an alias, or a number as text. */
export function threatsOf(db: DatabaseSync, names: readonly (string | number)[]): readonly (readonly [string, Threat])[] {
  const read = db.prepare(`select ${threatColumns} from vulnerability where id = ?`)
  const found: (readonly [string, Threat])[] = []
  for (const name of names) {
    const id = numberOf(db, name)
    const row = id === null ? undefined : (read.get(id) as (Omit<Threat, 'ransomware'> & { ransomware: number }) | undefined)
    if (row === undefined) continue
    found.push([String(name), {
      name: row.name, score: row.score, epss: row.epss, exploitedSince: row.exploitedSince, ransomware: row.ransomware === 1, ssvc: row.ssvc, exploit: row.exploit,
    }])
  }
  return found
}

/** The number of a vulnerability by its name, an alias, or a number that it has or had. */
export function numberOf(db: DatabaseSync, name: string | number): number | null {
  const text = String(name).trim()
  const number = cveNumber(text.toUpperCase()) ?? aliasNumber(db, text) ?? (/^[0-9]{1,10}$/.test(text) ? Number(text) : null)
  return number !== null && db.prepare('select 1 from vulnerability where id = ?').get(number) !== undefined ? number : null
}

/** By any other name than a CVE's, also written in another case than its database does. */
export function aliasNumber(db: DatabaseSync, text: string): number | null {
  const upper = text.toUpperCase()
  // GHSA-c2qf-rxjj-qqgw: the letters before the first hyphen are large, the others small.
  const row = db.prepare('select vulnerability from alias where name in (?, ?, ?)').get(text, upper, upper.replace(/^([A-Z]+)(-.*)$/, (_, first: string, rest: string) => first + rest.toLowerCase()))
  return row === undefined ? null : (row as { vulnerability: number }).vulnerability
}
