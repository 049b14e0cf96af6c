import type { Profile } from '#core/profile.ts'
import type { Tx } from '#store/store.ts'
import type { CheckLedger } from '../finding/check-ledger.ts'
import { portsLookedAt } from './profile.ts'
import { readScan, type Owner } from './read.ts'

export type Coverage = Readonly<{
  hosts: Readonly<{ total: number; scanned: number; dead: number; partial: number; untested: number; waiting: number }>
  dropped: Readonly<{ targets: number; addresses: number }>
  tcpPorts: number
  udpPorts: number
  untested: readonly Readonly<{ why: string; hosts: number; examples: readonly string[] }>[]
  failures: readonly Readonly<{ probe: string; code: string; hosts: number; times: number; example: string }>[]
  /** What became of every check on every host: the parts sum to the total. Null: hosts of it were looked at before checks were counted. */
  checks: CheckLedger | null
  text: string
}>

/** What the scan tested and, above all, what it did not. */
export async function readCoverage(tx: Tx, id: string, owner: Owner): Promise<Coverage> {
  const { sql, tenant } = tx
  const scan = await readScan(tx, id, owner)
  const [stored] = await sql<{ profile: Profile }[]>`select profile from scan where tenant_id = ${tenant} and id = ${id}`
  const outcomes = await sql<{ outcome: string; n: number }[]>`
    select outcome, count(*)::int as n from scan_host where tenant_id = ${tenant} and scan_id = ${id} and outcome is not null group by outcome`
  const of = (...names: string[]): number =>
    outcomes.filter((row) => names.includes(row.outcome)).reduce((sum, row) => sum + row.n, 0)
  const untested = await sql<{ why: string; hosts: number; examples: string[] }[]>`
    select why, count(*)::int as hosts, (array_agg(host(address) order by position))[1:5] as examples from scan_host
    where tenant_id = ${tenant} and scan_id = ${id} and outcome in ('partial', 'refused', 'untested')
    group by why order by count(*) desc, why limit 50`
  const failures = await sql<{ probe: string; code: string; hosts: number; times: number; example: string }[]>`
    select probe, code, hosts, times, example from scan_failure
    where tenant_id = ${tenant} and scan_id = ${id} order by times desc, probe, code limit 100`
  const [dropped] = await sql<{ targets: number; addresses: number }[]>`
    select count(*)::int as targets, coalesce(sum(addresses), 0)::float8 as addresses from scan_dropped
    where tenant_id = ${tenant} and scan_id = ${id}`
  const hosts = {
    total: scan.hosts_total, scanned: of('scanned'), dead: of('dead'), partial: of('partial'),
    untested: of('refused', 'untested'),
    waiting: Math.max(0, scan.hosts_total - scan.hosts_done),
  }
  const ports = portsLookedAt(stored!.profile)
  return {
    checks: await readChecks(tx, id, hosts.total),
    hosts, tcpPorts: ports.tcp, udpPorts: ports.udp, untested, failures,
    dropped: { targets: scan.dropped_count, addresses: Math.min(dropped!.addresses, Number.MAX_SAFE_INTEGER) },
    text: textOf(hosts, scan.dropped_count),
  }
}

/** Hosts that no scanner spoke of yet, or that it lost, count with all their checks as not reached. */
async function readChecks({ sql, tenant }: Tx, scan: string, hosts: number): Promise<CheckLedger | null> {
  const [sums] = await sql<{ hosts: number; counted: number; each: number; total: number; found: number; tested: number; absent: number }[]>`
    select count(*)::int as hosts, count(*) filter (where checks ? 'total')::int as counted, coalesce(max((checks->>'total')::int), 0) as each, coalesce(sum((checks->>'total')::int), 0)::float8 as total,
      coalesce(sum((checks->>'found')::int), 0)::float8 as found, coalesce(sum((checks->>'tested')::int), 0)::float8 as tested, coalesce(sum((checks->>'absent')::int), 0)::float8 as absent
    from asset_scan where tenant_id = ${tenant} and scan_id = ${scan} and outcome is not null`
  if (sums === undefined || sums.counted === 0 || sums.counted < sums.hosts) return null
  const reasons = await sql<{ reason: string; n: number }[]>`
    select u.key as reason, sum(u.value::int)::float8 as n from asset_scan a cross join lateral jsonb_each_text(a.checks->'untested') as u
    where a.tenant_id = ${tenant} and a.scan_id = ${scan} and a.outcome is not null group by u.key order by 2 desc limit 50`
  const unreached = Math.max(0, hosts - sums.hosts) * sums.each
  return {
    total: sums.total + unreached, found: sums.found, tested: sums.tested, absent: sums.absent,
    untested: { ...Object.fromEntries(reasons.map(({ reason, n }) => [reason, n])), ...(unreached === 0 ? {} : { 'not reached': unreached }) },
  }
}

function textOf(hosts: Coverage['hosts'], dropped: number): string {
  const parts = [`${hosts.scanned} of ${hosts.total} ${hosts.total === 1 ? 'host' : 'hosts'} tested to the end`]
  if (hosts.dead > 0) parts.push(`${hosts.dead} did not answer`)
  if (hosts.partial > 0) parts.push(`${hosts.partial} tested in part`)
  if (hosts.untested > 0) parts.push(`${hosts.untested} not tested`)
  if (hosts.waiting > 0) parts.push(`${hosts.waiting} not reached`)
  if (dropped > 0) parts.push(`${dropped} ${dropped === 1 ? 'target' : 'targets'} left out`)
  return `${parts.join(', ')}.`
}
