import { merge, type FindingStatus } from '#core/finding.ts'
import type { Tx } from '#store/store.ts'
import { isOfRange } from '../kb/range-check.ts'
import { recordEvents } from './event.ts'
import { coverageOf, loginOf, type Attempt, type Judged, type Known } from './ledger.ts'

/** A host whose attempt reached its end. `closed` is filled here. */
export type Ended = {
  readonly asset: string
  readonly outcome: 'scanned' | 'dead' | 'partial' | 'refused'
  readonly why: string
  readonly attempt: Attempt
  readonly found: ReadonlySet<string>
  closed: readonly string[]
}

type Placed = Known & Readonly<{ path: string; package: string }>

export type Judging = Judged & Readonly<{
  /** Whether this look tells enough of the place of a finding to say that it is gone. */
  isTold(asset: string, finding: Placed): boolean
  /** Whether the very software is there of which the finding's result speaks: then nothing was repaired, and it is judged otherwise now. */
  isSame(asset: string, finding: Placed, result: string): boolean
}>

type Row = Readonly<{
  id: string; asset_id: string; signature: number; proto: Known['proto']; port: number; path: string; package: string; probe: string; login: boolean; status: FindingStatus
  severity: number; type: string; first_found: Date; last_found: Date; times_found: number; times_reopened: number
}>

/**
 * Closes what was looked for and not seen on hosts that are through; nothing on a host that did not answer or was refused. A finding seen
 * in any attempt of this scan stays open.
 */
export async function closeFindings(tx: Tx, scan: string, ended: readonly Ended[], judged: Judging, at: Date): Promise<Readonly<{ changed: readonly string[]; fixed: number }>> {
  const through = new Map(ended.filter((end) => end.outcome === 'scanned' || end.outcome === 'partial').map((end) => [end.asset, end]))
  if (through.size === 0) return { changed: [], fixed: 0 }
  const { sql, tenant } = tx
  const open = await sql<Row[]>`
    select id, asset_id, signature_id as signature, proto, port, split_part(instance, '|', 2) as path, split_part(instance, '|', 3) as package, probe, login, status, severity, type, first_found, last_found, times_found, times_reopened from finding
    where tenant_id = ${tenant} and asset_id = any(${[...through.keys()]}::uuid[]) and status <> 'fixed'`
  const unseen: Row[] = []
  const logins: { id: string; login: boolean }[] = []
  for (const [asset, rows] of Map.groupBy(open, (row) => row.asset_id)) {
    const end = through.get(asset)!
    const covers = coverageOf(end.attempt, judged)
    for (const row of rows) {
      if (end.found.has(row.id)) {
        const login = loginOf(end.attempt, row)
        if (login !== null && login !== row.login) logins.push({ id: row.id, login })
      } else if (stepOf(row, covers(row) && judged.isTold(asset, row), at) === 'fixed') unseen.push(row)
    }
  }
  if (logins.length > 0) {
    await sql`
      update finding f set login = u.login::boolean from unnest(${logins.map((one) => one.id)}::uuid[], ${logins.map((one) => `${one.login}`)}::text[]) as u (id, login)
      where f.tenant_id = ${tenant} and f.id = u.id`
  }
  if (unseen.length === 0) return { changed: [], fixed: 0 }
  const results = await resultsOf(tx, unseen.filter(isOfRange))
  const [otherwise, gone] = [unseen.filter((row) => isSame(row)), unseen.filter((row) => !isSame(row))]
  for (const end of through.values()) end.closed = gone.filter((row) => row.asset_id === end.asset).map((row) => row.id)
  function isSame(row: Row): boolean {
    return results.has(row.id) && judged.isSame(row.asset_id, row, results.get(row.id)!)
  }
  if (otherwise.length > 0) {
    await sql`update finding set status = 'fixed', retracted_at = ${at} where tenant_id = ${tenant} and id = any(${otherwise.map((row) => row.id)}::uuid[])`
  }
  await sql`update finding set status = 'fixed', last_fixed = ${at} where tenant_id = ${tenant} and id = any(${gone.map((row) => row.id)}::uuid[])`
  const eventOf = (row: Row) => ({ finding: row.id, asset: row.asset_id, signature: row.signature, severity: row.severity, type: row.type })
  await recordEvents(tx, [
    ...gone.map((row) => ({ ...eventOf(row), kind: 'fixed' as const, scan, text: 'Tested and not found any more.' })),
    ...otherwise.map((row) => ({ ...eventOf(row), kind: 'retracted' as const, scan, text: retracted })),
  ], at)
  return { changed: [...new Set(unseen.map((row) => row.asset_id))], fixed: gone.filter((row) => row.type !== 'information').length }
}

const retracted = 'The same version is there. The KnowledgeBase does not call it affected any more, or other software of the host, or a check of ours, decides it now.'

async function resultsOf({ sql, tenant }: Tx, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  if (rows.length === 0) return new Map()
  const found = await sql<{ id: string; result: string }[]>`
    select finding_id as id, result from finding_evidence where tenant_id = ${tenant} and finding_id = any(${rows.map((row) => row.id)}::uuid[]) and result is not null`
  return new Map(found.map((row) => [row.id, row.result]))
}

/** The one table of states, asked about a finding that was not seen. */
function stepOf(row: Row, covered: boolean, at: Date): FindingStatus {
  const known = {
    signature: row.signature, at: { asset: row.asset_id, address: '' }, status: row.status, first: row.first_found.getTime(), last: row.last_found.getTime(),
    times: row.times_found, timesReopened: row.times_reopened,
  }
  return merge(known, null, covered, at.getTime())!.status
}
