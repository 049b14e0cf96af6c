import { contains, union, type IpSet } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import { exclusionsInForce } from '#platform/asset/exclusion.ts'
import type { Tx } from '#store/store.ts'

export type Excluded = Readonly<{ set: IpSet; covers(host: Readonly<{ address: string; names: readonly string[] }>): boolean }>

/** What must not be scanned in the network at this moment, and whether a host is of it, by its address or one of its names. */
export async function excludedNow(tx: Tx, network: string, now: number): Promise<Excluded> {
  const exclusions = await exclusionsInForce(tx, network, new Date(now))
  const set = exclusions.reduce<IpSet>((all, one) => union(all, one.set), [])
  const byName = new Set(exclusions.flatMap((one) => one.names))
  return { set, covers: ({ address, names }) => contains(set, parseIp(address)!) || names.some((name) => byName.has(name)) }
}
