import { fail } from '#core/errors.ts'
import type { ScoreFactor } from '#core/score.ts'
import type { Severity } from '#core/signature.ts'
import { isId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { readEdits, type EditRow } from '../kb/edit.ts'
import { cvssOf, factorsBy, noRating, readRatings } from '../kb/rating.ts'
import type { FindingEventKind } from './event.ts'
import { inScope, type FindingRow } from './list.ts'

export type IgnoreReason = 'falsePositive' | 'acceptedRisk' | 'compensated' | 'notApplicable' | 'later'

export type FindingDetail = FindingRow & Readonly<{
  network_id: string; names: readonly string[]
  note: string | null; threat: string; consequence: string; solution: string; reference: string[]; cwe: string[]; cvss: string | null; cvss_score: number | null; pci: string | null
  sent: string | null; received: string | null; evidence_at: Date | null; evidence_probe: string | null; signature_version: number | null; evidence_scan: string | null
  scanner_id: string | null; scanner_name: string | null; has_proof: boolean
  ignore_reason: IgnoreReason | null; ignore_comment: string | null; ignore_until: Date | null; ignore_by: string | null; ignore_at: Date | null
  times_reopened: number; last_reopened: Date | null; login: boolean; last_scan: string
  factors: readonly ScoreFactor[]
  comments: readonly EditRow[]
  lastTest: Readonly<{ at: Date; scanId: string; tested: boolean; text: string }> | null
  elsewhere: number
  verification: Readonly<{ scanId: string; state: 'running' | 'found' | 'fixed' | 'notTested'; startedAt: Date; text: string }> | null
}>

/** One finding with its proof. Not there, of another tenant, and outside the reader's scope are the same. */
export async function readFinding(tx: Tx, id: string, scope: ScopeGroups): Promise<FindingDetail> {
  const { sql, tenant } = tx
  if (!isId(id)) fail('not_found', { what: 'finding', id })
  const [row] = await sql<Omit<FindingDetail, 'scanner_name'>[]>`
    select f.id, f.signature_id as signature, s.title, s.category, f.severity, f.rated, f.type, f.status, f.ignored, f.disabled, f.asset_id, host(h.address) as address, h.name, h.impact, h.network_id, f.port, f.proto,
      f.instance, f.score, s.cve, e.result, f.first_found, f.last_found, f.last_fixed, f.retracted_at, e.via_at, f.times_found, f.times_reopened, f.last_reopened, f.login, f.last_scan,
      s.threat, s.impact as consequence, s.solution, s.reference, s.cwe, s.cvss, s.score as cvss_score, s.pci,
      e.note, e.sent, e.received, e.at as evidence_at, e.probe as evidence_probe, e.signature_version, e.scan_id as evidence_scan, e.scanner_id, exists (select from finding_proof p where p.tenant_id = f.tenant_id and p.finding_id = f.id) as has_proof,
      i.reason as ignore_reason, i.comment as ignore_comment, i.until as ignore_until, i.by_name as ignore_by, i.at as ignore_at
    from finding f
    join asset_host h on h.tenant_id = f.tenant_id and h.id = f.asset_id
    join signature s on s.id = f.signature_id
    left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id
    left join finding_ignore i on i.tenant_id = f.tenant_id and i.finding_id = f.id
    where f.tenant_id = ${tenant} and h.tenant_id = ${tenant} and f.id = ${id} ${inScope(tx, scope)}`
  if (row === undefined) fail('not_found', { what: 'finding', id })
  const rating = (await readRatings(tx, [row.signature])).get(row.signature) ?? noRating
  const { factors } = factorsBy(rating, row.severity as Severity, row.type)
  return {
    ...row,
    scanner_name: await scannerName(tx, row.scanner_id),
    cvss_score: cvssOf(row.cvss_score),
    names: row.name === null ? [] : [row.name],
    factors,
    comments: await readEdits(tx, [row.signature]),
    elsewhere: await countElsewhere(tx, row, scope),
    lastTest: await readLastTest(tx, row),
    verification: await readVerification(tx, row),
  }
}

async function countElsewhere(tx: Tx, row: FindingRow, scope: ScopeGroups): Promise<number> {
  const [found] = await tx.sql<{ n: number }[]>`
    select count(*)::int as n from finding f where f.tenant_id = ${tx.tenant} and f.signature_id = ${row.signature} and f.id <> ${row.id} and f.status <> 'fixed' and not f.ignored ${inScope(tx, scope)}`
  return found!.n
}

/** Scanners are no tenant table: looked up by themselves, since a join would cross nodes. */
async function scannerName(tx: Tx, id: string | null): Promise<string | null> {
  if (id === null) return null
  const [row] = await tx.sql<{ name: string }[]>`select name from scanner where id = ${id} and (tenant_id = ${tx.tenant} or tenant_id is null)`
  return row?.name ?? null
}

/** Whether the last test of the host saw or closed it, or could not tell. */
async function readLastTest({ sql, tenant }: Tx, row: Pick<FindingDetail, 'id' | 'asset_id'>): Promise<FindingDetail['lastTest']> {
  const [last] = await sql<{ scan_id: string; ended_at: Date; outcome: string; why: string; seen: boolean; gone: boolean }[]>`
    select scan_id, ended_at, outcome, why, ${row.id}::uuid = any(found) as seen, ${row.id}::uuid = any(closed) as gone from asset_scan
    where tenant_id = ${tenant} and asset_id = ${row.asset_id} and outcome is not null order by started_at desc, scan_id desc limit 1`
  if (last === undefined) return null
  const tested = last.seen || last.gone
  const text = last.seen ? 'Tested, and found.' : last.gone ? 'Tested, and not found any more.'
    : last.outcome === 'dead' ? 'Not tested: the host did not answer.'
      : last.outcome === 'refused' ? `Not tested: ${last.why}.` : 'Not seen in the last test, which did not look at this place with this check to the end, or found it fixed before.'
  return { at: last.ended_at, scanId: last.scan_id, tested, text }
}

async function readVerification({ sql, tenant }: Tx, row: Pick<FindingDetail, 'id' | 'asset_id' | 'status'>): Promise<FindingDetail['verification']> {
  const [known] = await sql<{ scan_id: string; started_at: Date; state: string | null; outcome: string | null; why: string | null; seen: boolean | null; gone: boolean | null }[]>`
    select v.scan_id, v.started_at, c.state, a.outcome, a.why, ${row.id}::uuid = any(a.found) as seen, ${row.id}::uuid = any(a.closed) as gone
    from finding_verification v
    left join scan c on c.tenant_id = v.tenant_id and c.id = v.scan_id
    left join asset_scan a on a.tenant_id = v.tenant_id and a.scan_id = v.scan_id and a.asset_id = ${row.asset_id}
    where v.tenant_id = ${tenant} and v.finding_id = ${row.id}`
  if (known === undefined) return null
  const about = { scanId: known.scan_id, startedAt: known.started_at }
  if (known.outcome === null) {
    if (known.state !== null && !['Canceled', 'Finished', 'Error'].includes(known.state)) return { ...about, state: 'running', text: 'The test is running.' }
    return { ...about, state: 'notTested', text: 'The test ended without an answer.' }
  }
  if (known.seen === true) return { ...about, state: 'found', text: 'It is still there.' }
  if (known.gone === true) return { ...about, state: 'fixed', text: 'It is not there any more.' }
  const why = known.outcome === 'dead' ? 'the host did not answer' : known.outcome === 'scanned' ? 'its place could not be looked at to the end' : known.why ?? ''
  // Fixed already before, and not seen now.
  if (row.status === 'fixed' && known.outcome === 'scanned') return { ...about, state: 'fixed', text: 'It was not seen.' }
  return { ...about, state: 'notTested', text: `It could not be tested: ${why}.` }
}

export type HistoryRow = Readonly<{ id: string; at: Date; kind: FindingEventKind; by_name: string | null; scan_id: string | null; text: string }>

/** Newest first, at most 500. */
export async function findingHistory(tx: Tx, id: string, scope: ScopeGroups): Promise<readonly HistoryRow[]> {
  await requireFinding(tx, id, scope)
  return tx.sql<HistoryRow[]>`
    select id, at, kind, by_name, scan_id, text from finding_event where tenant_id = ${tx.tenant} and finding_id = ${id} order by at desc, id desc limit 500`
}

export async function requireFinding(tx: Tx, id: string, scope: ScopeGroups): Promise<Readonly<{ signature: number }>> {
  const [row] = isId(id) ? await tx.sql<{ signature: number }[]>`select f.signature_id as signature from finding f where f.tenant_id = ${tx.tenant} and f.id = ${id} ${inScope(tx, scope)}` : []
  return row ?? fail('not_found', { what: 'finding', id })
}
