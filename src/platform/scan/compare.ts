import { fail } from '#core/errors.ts'
import type { Profile } from '#core/profile.ts'
import type { Tx } from '#store/store.ts'
import { coverageOf, type Covered, type Judged, type Known } from '../finding/ledger.ts'
import { readScan, type Owner, type ScanView } from './read.ts'

export type Change = 'new' | 'gone' | 'notTested' | 'same'
export type Compared = Readonly<{
  change: Change
  signature: number
  title: string
  severity: number
  type: string
  asset_id: string
  address: string
  port: number
  proto: '' | 'tcp' | 'udp'
  instance: string
}>
export type Comparison = Readonly<{
  newer: ScanView
  older: ScanView
  counts: Readonly<Record<Change, number>>
  hosts: Readonly<{ appeared: readonly string[]; disappeared: readonly string[] }>
  findings: readonly Compared[]
}>

const mostShown = 1000
/** Differences looked through one by one; beyond it they are only counted as not tested, never as gone. */
const mostJudged = 100_000

type Row = Omit<Compared, 'change'> & Readonly<{ probe: string | null; login: boolean | null }>

/**
 * What changed from an older scan to a newer. What only the older saw is gone where the newer looked and did not see it, by the
 * same rule that closes findings, and otherwise not tested.
 */
export async function compareScans(tx: Tx, newerId: string, olderId: string, owner: Owner,
  asks: (signature: number) => boolean): Promise<Comparison> {
  if (newerId === olderId) fail('scan.same')
  const [newer, older] = [await readScan(tx, newerId, owner), await readScan(tx, olderId, owner)]
  const { sql, tenant } = tx
  const [{ same }] = await sql<[{ same: number }]>`
    select count(*)::int as same from scan_result a join scan_result b on b.tenant_id = a.tenant_id and b.asset_id = a.asset_id
      and b.signature = a.signature and b.proto = a.proto and b.port = a.port and b.instance = a.instance
    where a.tenant_id = ${tenant} and b.tenant_id = ${tenant} and a.scan_id = ${newerId} and b.scan_id = ${olderId} and a.type <> 'information'`
  const only = async (here: string, there: string): Promise<readonly Row[]> => sql<Row[]>`
    select a.signature, coalesce(g.title, '') as title, a.severity, a.type, a.asset_id, host(h.address) as address, a.port,
    a.proto,
      a.instance, f.probe, f.login
    from scan_result a
      join scan_host h on h.tenant_id = a.tenant_id and h.scan_id = a.scan_id and h.asset_id = a.asset_id
      left join signature g on g.id = a.signature
      left join finding f on f.tenant_id = a.tenant_id and f.asset_id = a.asset_id and f.signature_id = a.signature and f.proto = a.proto
        and f.port = a.port and f.instance = a.instance
    where a.tenant_id = ${tenant} and h.tenant_id = ${tenant} and a.scan_id = ${here} and a.type <> 'information'
      and not exists (select from scan_result b where b.tenant_id = ${tenant} and b.scan_id = ${there} and b.asset_id = a.asset_id
        and b.signature = a.signature and b.proto = a.proto and b.port = a.port and b.instance = a.instance)
    order by a.severity desc, a.signature, h.address, a.port, a.instance limit ${mostJudged}`
  const added = await only(newerId, olderId)
  const left = await only(olderId, newerId)
  const isGone = await goneIn(tx, newerId, left, asks)
  const changes = [
    ...added.map((row): Compared => compared(row, 'new')),
    ...left.map((row): Compared => compared(row, isGone(row) ? 'gone' : 'notTested')),
  ].sort((a, b) => b.severity - a.severity)
  const of = (change: Change): number => changes.filter((row) => row.change === change).length
  return {
    newer, older,
    counts: { new: of('new'), gone: of('gone'), notTested: of('notTested'), same },
    hosts: { appeared: await upOnlyIn(tx, newerId, olderId), disappeared: await upOnlyIn(tx, olderId, newerId) },
    findings: changes.slice(0, mostShown),
  }
}

async function goneIn({ sql, tenant }: Tx, scan: string, rows: readonly Row[],
  asks: (signature: number) => boolean): Promise<(row: Row) => boolean> {
  const assets = [...new Set(rows.map((row) => row.asset_id))]
  const attempts = await sql<{ asset_id: string; covered: readonly Covered[]; open: string }[]>`
    select asset_id, covered, open from asset_scan
    where tenant_id = ${tenant} and scan_id = ${scan} and asset_id = any(${assets}::uuid[]) and outcome in ('scanned', 'partial')`
  const [{ profile }] = await sql<[{ profile: Profile }]>`select profile from scan where tenant_id = ${tenant} and id = ${scan}`
  const wanted = profile.signatures === 'all' ? null : new Set(profile.signatures)
  const unwanted = new Set(profile.exclude)
  const judged: Judged = { judged: (id) => !unwanted.has(id) && (wanted === null || wanted.has(id)), asks }
  const covers = new Map(attempts.map((row) => [row.asset_id,
    coverageOf({ covered: row.covered, failed: [], open: row.open }, judged)]))
  return (row) => {
    if (row.probe === null) return false
    const known: Known = { signature: row.signature, proto: row.proto, port: row.port, probe: row.probe,
      login: row.login ?? false }
    return covers.get(row.asset_id)?.(known) ?? false
  }
}

/** Addresses that answered in one and not in the other, which knew of them; at most 200. */
async function upOnlyIn({ sql, tenant }: Tx, here: string, there: string): Promise<readonly string[]> {
  const rows = await sql<{ address: string }[]>`
    select host(a.address) as address from scan_host a
    where a.tenant_id = ${tenant} and a.scan_id = ${here} and a.outcome in ('scanned', 'partial')
      and exists (select from scan_host b where b.tenant_id = ${tenant} and b.scan_id = ${there} and b.asset_id = a.asset_id and b.outcome = 'dead')
    order by a.address limit 200`
  return rows.map((row) => row.address)
}

function compared(row: Row, change: Change): Compared {
  const { signature, title, severity, type, asset_id, address, port, proto, instance } = row
  return { change, signature, title, severity, type, asset_id, address, port, proto, instance }
}
