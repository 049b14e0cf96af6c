import { formatIp } from '#core/ip.ts'
import { parseIpSet, type IpSet } from '#core/ip-set.ts'
import { ensureHosts } from '#platform/asset/host.ts'
import { queueSlice } from '#store/slices.ts'
import type { Tx } from '#store/store.ts'

/** Hosts of one slice at most. */
export const sliceHosts = 64
/** Slices kept ready ahead of the scanners; the rest of a large scan is cut as they take them. */
export const readyAhead = 4

/**
 * A host to scan before it is cut: one the platform knows (`asset`), or one asked for by name, with the address it had at launch.
 */
export type NamedTarget = Readonly<{ asset?: string; address: string; names: readonly string[] }>
type Host = Readonly<{ asset: string; address: string; names: readonly string[] }>

type CutRow = Readonly<{
  network_id: string
  scanner_id: string | null
  priority: number
  named: readonly NamedTarget[]
  ranges: string
  next_address: number
  is_cut: boolean
  state: string
}>

/**
 * Cuts at most `most` more slices off the scan's targets and queues them. The scan row is the lock: two cutters never cut the
 * same hosts. Returns how many were cut.
 */
export async function cutSlices(tx: Tx, scan: string, most: number, now: number): Promise<number> {
  const [row] = await tx.sql<CutRow[]>`
    select network_id, scanner_id, priority, named, ranges, next_address, is_cut, state from scan
    where tenant_id = ${tx.tenant} and id = ${scan} for update`
  if (row === undefined || row.is_cut || !['Queued', 'Loading', 'Running'].includes(row.state)) return 0
  const ranges = parseIpSet(row.ranges)
  let next = row.next_address
  let cut = 0
  let doubles = 0
  let through = false
  while (cut < most && !through) {
    const named = row.named.slice(next, next + sliceHosts)
    const addresses = addressesFrom(ranges, next + named.length - row.named.length, sliceHosts - named.length)
    const hosts = await identify(tx, row.network_id, [...named, ...addresses.map((address) => ({ address, names: [] }))], now)
    through = hosts.length < sliceHosts
    if (hosts.length > 0) {
      const added = await addSlice(tx, scan, row, hosts, next, now)
      doubles += hosts.length - added
      if (added > 0) cut++
    }
    next += hosts.length
  }
  await tx.sql`
    update scan set next_address = ${next}, is_cut = ${through}, hosts_total = hosts_total - ${doubles}
    where tenant_id = ${tx.tenant} and id = ${scan}`
  return cut
}

/** Gives each target its asset, making those the platform does not know. Same order. */
async function identify(tx: Tx, network: string, targets: readonly NamedTarget[], now: number): Promise<readonly Host[]> {
  const unknown = targets.filter((target) => target.asset === undefined)
  const wanted = unknown.map(({ address, names }) => (names[0] === undefined ? { address } : { address, name: names[0] }))
  const known = await ensureHosts(tx, network, wanted, new Date(now))
  return targets.map((target) => {
    if (target.asset !== undefined) return { asset: target.asset, address: target.address, names: target.names }
    const { id, address, name } = known[unknown.indexOf(target)]!
    return { asset: id, address, names: name === null ? [] : [name] }
  })
}

/** A host that is asked for by name and by address is one host of the scan: the first stands. */
async function addSlice(tx: Tx, scan: string, row: CutRow, hosts: readonly Host[], position: number,
  now: number): Promise<number> {
  const slice = await queueSlice(tx, { scan, network: row.network_id, scanner: row.scanner_id, priority: row.priority,
    hosts: hosts.length }, now)
  const added = await tx.sql`
    insert into scan_host (tenant_id, scan_id, asset_id, position, slice_id, address, names, why, ports_open, found, worst)
    select ${tx.tenant}, ${scan}, h.asset, ${position} + h.n, ${slice}, h.address,
    array(select jsonb_array_elements_text(h.names)), '', 0, 0, 0
    from jsonb_to_recordset(${tx.sql.json(hosts.map((host, n) => ({ ...host, n })) as never)}::jsonb)
      as h(asset uuid, address inet, names jsonb, n int)
    on conflict (tenant_id, scan_id, asset_id) do nothing`
  if (added.count === 0) await tx.sql`delete from scan_slice where tenant_id = ${tx.tenant} and id = ${slice}`
  else if (added.count < hosts.length) await tx.sql`update scan_slice set hosts = ${added.count} where tenant_id = ${tx.tenant} and id = ${slice}`
  return added.count
}

/** `count` addresses of the set from number `from` on, without walking those before. */
export function addressesFrom(set: IpSet, from: number, count: number): string[] {
  const found: string[] = []
  let skip = BigInt(Math.max(0, from))
  for (const range of set) {
    const size = range.last - range.first + 1n
    if (skip >= size) {
      skip -= size
      continue
    }
    for (let value = range.first + skip; value <= range.last; value++) {
      if (found.length >= count) return found
      found.push(formatIp({ version: range.version, value }))
    }
    skip = 0n
  }
  return found
}
