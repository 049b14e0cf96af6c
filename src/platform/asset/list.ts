import { fieldsOf, parseQuery, type Query } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { planAnew, small, whereOf, type Fragment } from '../query/where.ts'
import { assetFields, assetText } from './fields.ts'
import type { ScopeGroups } from './scope.ts'

export type Named = Readonly<{ id: string; name: string }>
export type AssetRow = Readonly<{
  id: string; network_id: string; network_name: string; tracking: 'address' | 'name'; address: string | null; name: string | null; os: string | null; hardware: string | null; state: 'up' | 'dead' | null
  impact: number; risk: number; open1: number; open2: number; open3: number; open4: number; open5: number; first_seen: Date | null; last_seen: Date | null; last_scanned: Date | null
  groups: readonly Named[]
}>

export type AssetSort = 'risk' | 'address' | 'name' | 'lastScanned'
export type AssetOrder = Readonly<{ by: AssetSort; descending: boolean }>
export type AssetKey = readonly [number | string | Date, string]
export type AssetSelection = Readonly<{ q: string; scope: ScopeGroups; now: Date }>

/** Hosts that never answered are listed only when the query speaks of such: a scanned /16 would bury the rest. */
export function assetsWhere({ sql, tenant }: Tx, selection: AssetSelection, query: Query | null = parseQuery(selection.q)): Fragment {
  const named = new Set([...fieldsOf(query)].map((field) => field.toLowerCase()))
  const all = ['state', 'host', 'scanned', 'first', 'seen', 'outcome'].some((field) => named.has(field))
  return sql`h.tenant_id = ${tenant} and ${whereOf({ sql, tenant, now: selection.now }, query, assetFields, assetText)} ${all ? sql`` : sql`and h.first_seen is not null`} ${assetInScope({ sql, tenant }, selection.scope)}`
}

export function assetInScope({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, scope: ScopeGroups): Fragment {
  if (scope === null) return sql``
  return sql`and exists (select from asset_group_host m where m.tenant_id = ${tenant} and m.asset_id = h.id and m.group_id = any(${scope as string[]}::uuid[]))`
}

export async function listAssets(tx: Tx, selection: AssetSelection, order: AssetOrder, after: AssetKey | null, limit: number): Promise<readonly AssetRow[]> {
  const { sql, tenant } = tx
  const column = {
    risk: sql`h.risk`, address: sql`coalesce(h.address, '0.0.0.0'::inet)`, name: sql`coalesce(h.name, '')`, lastScanned: sql`coalesce(h.last_scanned, ${new Date(0)}::timestamptz)`,
  }[order.by]
  const cast = { risk: sql`::int`, address: sql`::inet`, name: sql`::text`, lastScanned: sql`::timestamptz` }[order.by]
  const direction = order.descending ? sql`desc` : sql`asc`
  const place = after === null ? 0 : typeof after[0] === 'number' ? small(after[0]) : after[0]
  const key = after === null ? sql`` : order.descending
    ? sql`and (${column}, h.id) < (${place}${cast}, ${after[1]}::uuid)` : sql`and (${column}, h.id) > (${place}${cast}, ${after[1]}::uuid)`
  const planned = planAnew(tx)
  const rows = await sql<AssetRow[]>`
    select h.id, h.network_id, n.name as network_name, h.tracking, host(h.address) as address, h.name, h.os, h.hardware, h.state, h.impact, h.risk, h.open1, h.open2, h.open3, h.open4, h.open5,
      h.first_seen, h.last_seen, h.last_scanned,
      coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.name) from asset_group_host m join asset_group g on g.tenant_id = m.tenant_id and g.id = m.group_id
        where m.tenant_id = ${tenant} and g.tenant_id = ${tenant} and m.asset_id = h.id), '[]'::jsonb) as groups
    from (
      select h.id, h.tenant_id, h.network_id, h.tracking, h.address, h.name, h.os, h.hardware, h.state, h.impact, h.risk, h.open1, h.open2, h.open3, h.open4, h.open5, h.first_seen, h.last_seen, h.last_scanned
      from asset_host h where ${assetsWhere(tx, selection)} ${key} order by ${column} ${direction}, h.id ${direction} limit ${limit}
    ) h
    join network n on n.tenant_id = h.tenant_id and n.id = h.network_id
    where n.tenant_id = ${tenant}
    order by ${column} ${direction}, h.id ${direction}`
  await planned
  return rows
}

export function keyOfAsset(row: AssetRow, by: AssetSort): AssetKey {
  return [{ risk: row.risk, address: row.address ?? '0.0.0.0', name: row.name ?? '', lastScanned: row.last_scanned ?? new Date(0) }[by], row.id]
}
