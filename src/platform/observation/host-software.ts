import type { Software } from '#core/knowledge/affected.ts'
import type { Observation } from '#core/observation.ts'
import type { Tx } from '#store/store.ts'
import { mostItems, readSoftware, type InventorySet } from './inventory.ts'
import { readObservations, type Seen } from './keep.ts'
import { productNamed, sightedOf, type Sighted } from './software.ts'

/** The origin of what services name. */
export const services = 'services'
/** Inventories that people upload are closed by what the same origin says next: their probe is named after it. */
export const uploadProbe = (origin: string): string => `inventory:${origin}`

export function packageSighted(id: string, software: Software, at: Readonly<{ asset: string; address: string }>, by: string, seen: number): Sighted {
  const source = software.source === undefined ? '' : ` (source ${software.source} ${software.sourceVersion ?? ''})`.replace(' )', ')')
  return {
    id, software, at: { ...at, package: software.name }, by, seen, product: null,
    text: `${software.ecosystem} ${software.name} ${software.version}${software.architecture === undefined ? '' : ` ${software.architecture}`}${source}`,
  }
}

export type RoundHost = Readonly<{ asset: string; address: string; seen: Seen }>
/** A service that was seen: the `vendor:product` it names, if any, and whether it tells the version. */
export type ServiceSeen = Readonly<{ proto: string; port: number; product: string | null; isTold: boolean }>
export type Round = Readonly<{
  software: ReadonlyMap<string, readonly Sighted[]>
  sets: readonly InventorySet[]
  services: ReadonlyMap<string, readonly ServiceSeen[]>
}>

/**
 * What these attempts, which are through, saw of software: what services name, and packages by the probe that listed them. The sets are what stands now: with what
 * was not looked at. `complete`: whether that probe listed all packages there are.
 */
export async function softwareOfRound(tx: Tx, hosts: readonly RoundHost[], complete: (asset: string, probe: string) => boolean): Promise<Round> {
  const open = Map.groupBy(await readObservations(tx, hosts.map((host) => host.asset), ['service']), ({ row }) => row.asset_id)
  const known = await readSoftware(tx, [...new Set(hosts.flatMap((host) => Object.values(host.seen.packages).flat()))])
  const software = new Map<string, readonly Sighted[]>()
  const sets: InventorySet[] = []
  const seenServices = new Map<string, readonly ServiceSeen[]>()
  for (const { asset, address, seen } of hosts) {
    const ids = new Set(seen.seen)
    const named = (open.get(asset) ?? []).flatMap(({ row, seen: one }) => {
      const sighted = sightedOf(one as Observation<'service'>)
      return sighted === null ? [] : [{ row, sighted }]
    })
    seenServices.set(asset, (open.get(asset) ?? []).filter(({ row }) => ids.has(row.id)).map(({ row, seen: one }) => (
      { proto: row.proto, port: row.port, product: productNamed(one as Observation<'service'>), isTold: sightedOf(one as Observation<'service'>) !== null })))
    const listed = Object.entries(seen.packages).flatMap(([by, list]) => list.flatMap((id) => {
      const one = known.get(id)
      return one === undefined ? [] : [packageSighted(id, one, { asset, address }, by, 0)]
    }))
    software.set(asset, [...named.filter(({ row }) => ids.has(row.id)).map(({ sighted }) => sighted), ...listed])
    sets.push({ asset, origin: services, items: named.map(({ sighted }) => sighted.id) })
    // One origin a probe, whichever versions of it spoke: a scanner may take a newer one up on the way.
    for (const [probe, lists] of Map.groupBy(Object.entries(seen.packages), ([by]) => by.replace(/@.*$/, ''))) {
      sets.push({ asset, origin: probe, items: [...new Set(lists.flatMap(([, list]) => list))].slice(0, mostItems), adds: !complete(asset, probe) })
    }
  }
  return { software, sets, services: seenServices }
}
