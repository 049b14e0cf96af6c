import { merge, type FindingStatus } from '#core/finding.ts'
import type { Tx } from '#store/store.ts'
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

/** What was judged, and whether this look tells enough of the place of a finding to say that it is gone. */
export type Judging = Judged & Readonly<{ isTold(asset: string, finding: Known & Readonly<{ path: string; package: string }>): boolean }>

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
  const gone: Row[] = []
  const logins: { id: string; login: boolean }[] = []
  for (const [asset, rows] of Map.groupBy(open, (row) => row.asset_id)) {
    const end = through.get(asset)!
    const covers = coverageOf(end.attempt, judged)
    for (const row of rows) {
      if (end.found.has(row.id)) {
        const login = loginOf(end.attempt, row)
        if (login !== null && login !== row.login) logins.push({ id: row.id, login })
      } else if (stepOf(row, covers(row) && judged.isTold(asset, row), at) === 'fixed') gone.push(row)
    }
    end.closed = gone.filter((row) => row.asset_id === asset).map((row) => row.id)
  }
  if (logins.length > 0) {
    await sql`
      update finding f set login = u.login::boolean from unnest(${logins.map((one) => one.id)}::uuid[], ${logins.map((one) => `${one.login}`)}::text[]) as u (id, login)
      where f.tenant_id = ${tenant} and f.id = u.id`
  }
  if (gone.length === 0) return { changed: [], fixed: 0 }
  await sql`update finding set status = 'fixed', last_fixed = ${at} where tenant_id = ${tenant} and id = any(${gone.map((row) => row.id)}::uuid[])`
  await recordEvents(tx, gone.map((row) => ({
    finding: row.id, asset: row.asset_id, signature: row.signature, severity: row.severity, type: row.type, kind: 'fixed' as const, scan,
    text: 'Tested and not found any more.',
  })), at)
  return { changed: [...new Set(gone.map((row) => row.asset_id))], fixed: gone.filter((row) => row.type !== 'information').length }
}

/** The one table of states, asked about a finding that was not seen. */
function stepOf(row: Row, covered: boolean, at: Date): FindingStatus {
  const known = {
    signature: row.signature, at: { asset: row.asset_id, address: '' }, status: row.status, first: row.first_found.getTime(), last: row.last_found.getTime(),
    times: row.times_found, timesReopened: row.times_reopened,
  }
  return merge(known, null, covered, at.getTime())!.status
}
