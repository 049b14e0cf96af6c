import { findingScore, type CheckThreat, type ScoreFactor } from '#core/score.ts'
import type { Detection, FindingType, Severity } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import { threatColumns, threatOf, type ThreatRow } from './threat-row.ts'

/** What counts of a check in one organisation, beside what was detected. */
export type Rating = Readonly<{
  cvss: number | null
  named: boolean
  threat: CheckThreat
  /** The organisation's own severity. */
  own: Severity | null
  disabled: boolean
}>
export const noRating: Rating = { cvss: null, named: false, threat: { exploited: null, active: null, exploit: null, epss: null }, own: null, disabled: false }

/** A detection as the organisation has it: `rated` is the check's own severity where the organisation put another in its place. */
export type Rated = Detection & Readonly<{ score: number; rated: Severity | null; disabled: boolean }>

/** Of checks that the table of signatures holds; others count as having nothing. */
export async function readRatings({ sql, tenant }: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, Rating>> {
  if (ids.length === 0) return new Map()
  const [checks, edits] = await Promise.all([
    sql<(ThreatRow & Readonly<{ id: number; score: number | null; named: boolean }>)[]>`
      select s.id, s.score, cardinality(s.cve) > 0 as named, ${threatColumns(sql)}
      from signature s left join signature_threat t on t.signature_id = s.id where s.id = any(${ids as number[]}::int[])`,
    sql<{ id: number; field: string; severity: Severity | null }[]>`
      select signature_id as id, field, severity from check_edit
      where tenant_id = ${tenant} and signature_id = any(${ids as number[]}::int[]) and field in ('severity', 'disabled')`,
  ])
  const own = new Map(edits.flatMap((edit) => (edit.severity === null ? [] : [[edit.id, edit.severity] as const])))
  const disabled = new Set(edits.flatMap((edit) => (edit.field === 'disabled' ? [edit.id] : [])))
  return new Map(checks.map((row) => [row.id, {
    cvss: cvssOf(row.score ?? row.threat_cvss), named: row.named, threat: threatOf(row), own: own.get(row.id) ?? null, disabled: disabled.has(row.id),
  }]))
}

/** The base score to one decimal, as it is published: the database holds single precision. */
export function cvssOf(score: number | null): number | null {
  return score === null ? null : Math.round(score * 10) / 10
}

export async function rateDetections(tx: Tx, detections: readonly Detection[]): Promise<readonly Rated[]> {
  const ratings = await readRatings(tx, [...new Set(detections.map((one) => one.signature))])
  return detections.map((one) => {
    const rating = ratings.get(one.signature) ?? noRating
    const severity = rating.own ?? one.severity
    return { ...one, severity, rated: rating.own === null ? null : one.severity, disabled: rating.disabled, score: scoreBy(rating, severity, one.type) }
  })
}

export function scoreBy(rating: Rating, severity: Severity, type: FindingType): number {
  return factorsBy(rating, severity, type).score
}

export function factorsBy(rating: Rating, severity: Severity, type: FindingType): Readonly<{ score: number; factors: readonly ScoreFactor[] }> {
  return findingScore({ severity, type, cvss: rating.cvss, named: rating.named, threat: rating.threat, own: rating.own !== null })
}
