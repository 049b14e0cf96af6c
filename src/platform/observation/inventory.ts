import type { Software } from '#core/knowledge/affected.ts'
import { softwareKeys } from '#core/knowledge/software-name.ts'
import type { Tx } from '#store/store.ts'
import { softwareId, tidy } from './software.ts'

/** Software of one host and origin beyond which no more is kept. */
export const mostItems = 20_000

/** What one origin says is on the host, by ids of `internSoftware`: the whole of it, or, with `adds`, a part of it. */
export type InventorySet = Readonly<{ asset: string; origin: string; items: readonly string[]; adds?: boolean }>

/** Makes each piece of software known to the organisation, once. Returns their ids, sorted, each once. */
export async function internSoftware({ sql, tenant }: Tx, list: readonly Software[], at: Date): Promise<readonly string[]> {
  const byId = new Map<string, Software>()
  for (const one of list) {
    const software = tidy(one)
    if (software.ecosystem !== '' && software.name !== '') byId.set(softwareId(software), software)
  }
  const ids = [...byId.keys()].sort()
  if (ids.length === 0) return ids
  const known = await sql<{ id: string }[]>`select id::text as id from software where tenant_id = ${tenant} and id = any(${ids}::bigint[])`
  for (const { id } of known) byId.delete(id)
  const rows = [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, one]) => {
    const keys = softwareKeys(one)
    return {
      id, ecosystem: one.ecosystem, name: one.name, version: one.version, part: one.part ?? null, source: one.source ?? null, source_version: one.sourceVersion ?? null,
      architecture: one.architecture ?? null, name_key: keys.name, source_key: keys.source,
    }
  })
  for (let from = 0; from < rows.length; from += 2000) {
    await sql`
      insert into software (tenant_id, id, ecosystem, name, version, part, source, source_version, architecture, name_key, source_key, created_at)
      select ${tenant}, id, ecosystem, name, version, part, source, source_version, architecture, name_key, source_key, ${at}::timestamptz
      from jsonb_to_recordset(${sql.json(rows.slice(from, from + 2000) as never)}) as r (id bigint, ecosystem text, name text, version text, part text, source text, source_version text,
        architecture text, name_key text, source_key text)
      on conflict (tenant_id, id) do nothing`
  }
  return ids
}

/**
 * Brings the sets in force to these: one that is the same as before only moves its last time; another closes the one before and stands beside it, so that what
 * was there on a past day stays known. The hosts are locked by the caller. Returns the sets that changed, with what was there before.
 */
export async function keepSets({ sql, tenant }: Tx, sets: readonly InventorySet[], at: Date): Promise<readonly Readonly<{ set: InventorySet; before: readonly string[] }>[]> {
  if (sets.length === 0) return []
  const assets = [...new Set(sets.map((set) => set.asset))]
  const known = await sql<{ asset_id: string; origin: string; items: string[]; first_seen: Date }[]>`
    select asset_id, origin, items::text[] as items, first_seen from asset_software where tenant_id = ${tenant} and asset_id = any(${assets}::uuid[]) and gone_at is null`
  const byKey = new Map(known.map((row) => [`${row.asset_id}|${row.origin}`, row]))
  const same: InventorySet[] = []
  const changed: { set: InventorySet; before: readonly string[]; replaces: boolean; at: Date }[] = []
  for (const one of sets) {
    const before = byKey.get(`${one.asset}|${one.origin}`)
    const set = { ...one, items: [...new Set([...one.items, ...(one.adds === true ? before?.items ?? [] : [])])].sort().slice(0, mostItems) }
    if (before === undefined && set.items.length === 0) continue
    if (before !== undefined && before.items.length === set.items.length && [...before.items].sort().every((id, place) => id === set.items[place])) same.push(set)
    else changed.push({ set, before: before?.items ?? [], replaces: before !== undefined, at: before === undefined || before.first_seen < at ? at : new Date(before.first_seen.getTime() + 1) })
  }
  if (same.length > 0) {
    await sql`
      update asset_software s set last_seen = greatest(s.last_seen, ${at}::timestamptz) from unnest(${same.map((set) => set.asset)}::uuid[], ${same.map((set) => set.origin)}::text[]) as u (asset_id, origin)
      where s.tenant_id = ${tenant} and s.asset_id = u.asset_id and s.origin = u.origin and s.gone_at is null`
  }
  const old = changed.filter((one) => one.replaces)
  if (old.length > 0) {
    await sql`
      update asset_software s set gone_at = u.at::timestamptz from unnest(${old.map(({ set }) => set.asset)}::uuid[], ${old.map(({ set }) => set.origin)}::text[], ${old.map((one) => one.at.toISOString())}::text[]) as u (asset_id, origin, at)
      where s.tenant_id = ${tenant} and s.asset_id = u.asset_id and s.origin = u.origin and s.gone_at is null`
  }
  const fresh = changed.filter(({ set }) => set.items.length > 0)
  for (let from = 0; from < fresh.length; from += 200) {
    const rows = fresh.slice(from, from + 200).map((one) => ({ asset: one.set.asset, origin: one.set.origin, items: one.set.items, at: one.at }))
    await sql`
      insert into asset_software (tenant_id, asset_id, origin, items, first_seen, last_seen)
      select ${tenant}, asset, origin, items, at, at from jsonb_to_recordset(${sql.json(rows as never)}) as r (asset uuid, origin text, items bigint[], at timestamptz)
      on conflict (tenant_id, asset_id, origin, first_seen) do update set items = excluded.items, last_seen = excluded.last_seen, gone_at = null`
  }
  return changed.map(({ set, before }) => ({ set, before }))
}

type SoftwareRow = Readonly<{ id: string; ecosystem: string; name: string; version: string; part: 'a' | 'o' | 'h' | null; source: string | null; source_version: string | null; architecture: string | null }>

export async function readSoftware({ sql, tenant }: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Software>> {
  if (ids.length === 0) return new Map()
  const rows = await sql<SoftwareRow[]>`
    select id::text as id, ecosystem, name, version, part, source, source_version, architecture from software where tenant_id = ${tenant} and id = any(${ids as string[]}::bigint[])`
  return new Map(rows.map((row) => [row.id, softwareOf(row)]))
}

export function softwareOf(row: SoftwareRow): Software {
  return {
    ecosystem: row.ecosystem, name: row.name, version: row.version, ...(row.part === null ? {} : { part: row.part }), ...(row.source === null ? {} : { source: row.source }),
    ...(row.source_version === null ? {} : { sourceVersion: row.source_version }), ...(row.architecture === null ? {} : { architecture: row.architecture }),
  }
}

/** All software that stands on these hosts, of whatever origin. */
export async function softwareOnHosts(tx: Tx, assets: readonly string[]): Promise<ReadonlyMap<string, readonly Readonly<{ id: string; software: Software }>[]>> {
  if (assets.length === 0) return new Map()
  const { sql, tenant } = tx
  const sets = await sql<{ asset_id: string; items: string[] }[]>`
    select asset_id, items::text[] as items from asset_software where tenant_id = ${tenant} and asset_id = any(${assets as string[]}::uuid[]) and gone_at is null`
  const known = await readSoftware(tx, [...new Set(sets.flatMap((set) => set.items))])
  return new Map([...Map.groupBy(sets, (set) => set.asset_id)].map(([asset, own]) => [asset, [...new Set(own.flatMap((set) => set.items))].flatMap((id) => {
    const software = known.get(id)
    return software === undefined ? [] : [{ id, software }]
  })]))
}
