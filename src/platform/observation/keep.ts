import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { Tx } from '#store/store.ts'
import { keptOf, observationOf, type Kept } from './body.ts'
import { internSoftware } from './inventory.ts'
import { packageOf, softwareId } from './software.ts'

/** Observations of one host kept at once, and bytes of them: nothing real has as many, a trap may. What is beyond is judged when it comes, and not kept. */
const mostOpen = 600
const mostBytes = 3_000_000

/** What an attempt saw of one host so far: ids of observations, and of packages by the probe that listed them. */
export type Seen = Readonly<{ seen: readonly string[]; packages: Readonly<Record<string, readonly string[]>> }>

/**
 * Keeps what these events saw that was not kept yet, and answers what was seen of each host, to be remembered with its attempt. What was there already is not
 * written again. The hosts are locked by the caller.
 */
export async function keepObservations(tx: Tx, events: readonly ScanEvent[], at: Date): Promise<ReadonlyMap<string, Seen>> {
  const kept = new Map<string, Map<string, Kept>>()
  const packages: { asset: string; by: string; id: string; seen: Observation<'package'> }[] = []
  for (const event of events) {
    if (event.type !== 'seen') continue
    const { asset } = event.seen.at
    if (event.seen.kind === 'package') {
      packages.push({ asset, by: event.seen.by, id: softwareId(packageOf(event.seen)), seen: event.seen })
      continue
    }
    const one = keptOf(event.seen)
    if (one === null) continue
    const own = kept.get(asset) ?? new Map<string, Kept>()
    kept.set(asset, own)
    own.set(one.id, one)
  }
  await insertNew(tx, kept, at)
  const known = new Set(await internSoftware(tx, packages.map((one) => packageOf(one.seen)), at))
  const assets = new Set([...kept.keys(), ...packages.map((one) => one.asset)])
  const byAsset = Map.groupBy(packages.filter((one) => known.has(one.id)), (one) => one.asset)
  return new Map([...assets].map((asset) => [asset, {
    seen: [...kept.get(asset)?.keys() ?? []],
    packages: Object.fromEntries([...Map.groupBy(byAsset.get(asset) ?? [], (one) => one.by)].map(([by, list]) => [by, [...new Set(list.map((one) => one.id))]])),
  }]))
}

export function addSeen(before: Seen, now: Seen | undefined): Seen {
  if (now === undefined) return before
  const probes = new Set([...Object.keys(before.packages), ...Object.keys(now.packages)])
  return {
    seen: [...new Set([...before.seen, ...now.seen])].slice(0, 4 * mostOpen),
    packages: Object.fromEntries([...probes].slice(0, 20).map((by) => [by, [...new Set([...before.packages[by] ?? [], ...now.packages[by] ?? []])].slice(0, 20_000)])),
  }
}

async function insertNew({ sql, tenant }: Tx, kept: Map<string, Map<string, Kept>>, at: Date): Promise<void> {
  const assets = [...kept.keys()].sort()
  if (assets.length === 0) return
  const open = await sql<{ asset_id: string; ids: string[]; bytes: number }[]>`
    select asset_id, array_agg(id::text) as ids, sum(octet_length(body))::float8 as bytes from observation
    where tenant_id = ${tenant} and asset_id = any(${assets}::uuid[]) and gone_at is null group by asset_id`
  const known = new Map(open.map((row) => [row.asset_id, row]))
  const rows: (Kept & { asset: string })[] = []
  for (const asset of assets) {
    const ids = new Set(known.get(asset)?.ids)
    let bytes = known.get(asset)?.bytes ?? 0
    for (const one of kept.get(asset)!.values()) {
      if (ids.has(one.id)) continue
      if (ids.size >= mostOpen || bytes + one.body.length > mostBytes) {
        kept.get(asset)!.delete(one.id)
        continue
      }
      ids.add(one.id)
      bytes += one.body.length
      rows.push({ ...one, asset })
    }
  }
  for (let from = 0; from < rows.length; from += 1000) {
    const part = rows.slice(from, from + 1000)
    const column = <T>(of: (row: Kept & { asset: string }) => T): T[] => part.map(of)
    await sql`
      insert into observation (tenant_id, asset_id, id, place, kind, proto, port, probe, first_seen, body)
      select ${tenant}, asset_id, id, place, kind, proto, port, probe, ${at}::timestamptz, decode(body, 'base64')
      from unnest(${column((row) => row.asset)}::uuid[], ${column((row) => row.id)}::bigint[], ${column((row) => row.place)}::bigint[], ${column((row) => row.kind)}::text[],
        ${column((row) => row.proto)}::text[], ${column((row) => row.port)}::int[], ${column((row) => row.probe)}::text[], ${column((row) => row.body.toString('base64'))}::text[])
        as u (asset_id, id, place, kind, proto, port, probe, body)
      on conflict do nothing`
  }
}

export type StoredRow = Readonly<{ asset_id: string; id: string; kind: string; proto: '' | 'tcp' | 'udp'; port: number; probe: string; seen: Date; body: Uint8Array }>

/** Stored observations that are held true, each with the time it was last seen. */
export async function readObservations({ sql, tenant }: Tx, assets: readonly string[], kinds: readonly string[]): Promise<readonly (Readonly<{ row: StoredRow; seen: Observation }>)[]> {
  if (assets.length === 0 || kinds.length === 0) return []
  const rows = await sql<StoredRow[]>`
    select o.asset_id, o.id::text as id, o.kind, o.proto, o.port, o.probe, coalesce(o.last_seen, h.observed_at, o.first_seen) as seen, o.body
    from observation o join asset_host h on h.tenant_id = o.tenant_id and h.id = o.asset_id
    where o.tenant_id = ${tenant} and h.tenant_id = ${tenant} and o.asset_id = any(${assets as string[]}::uuid[]) and o.gone_at is null and o.kind = any(${kinds as string[]}::text[])`
  return rows.flatMap((row) => {
    const seen = observationOf(row, row.asset_id, row.seen.getTime())
    return seen === null ? [] : [{ row, seen }]
  })
}
