import type { Profile } from '#core/profile.ts'
import type { Tx } from '#store/store.ts'
import { portsLookedAt } from './profile.ts'
import { readScan, type Owner } from './read.ts'

export type Coverage = Readonly<{
  hosts: Readonly<{ total: number; scanned: number; dead: number; partial: number; untested: number; waiting: number }>
  dropped: Readonly<{ targets: number; addresses: number }>
  tcpPorts: number
  udpPorts: number
  untested: readonly Readonly<{ why: string; hosts: number; examples: readonly string[] }>[]
  failures: readonly Readonly<{ probe: string; code: string; hosts: number; times: number; example: string }>[]
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
    hosts, tcpPorts: ports.tcp, udpPorts: ports.udp, untested, failures,
    dropped: { targets: scan.dropped_count, addresses: Math.min(dropped!.addresses, Number.MAX_SAFE_INTEGER) },
    text: textOf(hosts, scan.dropped_count),
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
