import { formatTerm } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { planAnew } from '../query/where.ts'
import { assetsWhere, type AssetSelection } from './list.ts'

const labels = { risk: 'Risk', state: 'State', group: 'Group', os: 'Operating system', port: 'Open port', service: 'Service', network: 'Network', impact: 'Business impact' } as const
const bands: Readonly<Record<string, readonly [string, string]>> = {
  severe: ['Severe, 850 and more', 'risk:>=850'], high: ['High, 700–849', 'risk:700..849'], medium: ['Medium, 500–699', 'risk:500..699'], low: ['Low, 1–499', 'risk:1..499'], none: ['None', 'risk:0'],
}
const impacts = ['None', 'Low', 'Medium', 'High', 'Critical']

export type AssetFacets = Readonly<{ total: number; facets: readonly Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>[] }>

/** A host with a port open on both protocols counts once there; the few on UDP are looked up, so that the many need not be told apart. */
export async function assetFacets(tx: Tx, selection: AssetSelection): Promise<AssetFacets> {
  const { sql, tenant } = tx
  const planned = planAnew(tx)
  const rows = await sql<{ facet: keyof typeof labels | 'total'; value: string; n: number }[]>`
    with m as materialized (select h.id, h.risk, h.state, h.os, h.network_id, h.impact from asset_host h where ${assetsWhere(tx, selection)}),
      c as materialized (
        select case when risk >= 850 then 'severe' when risk >= 700 then 'high' when risk >= 500 then 'medium' when risk > 0 then 'low' else 'none' end as risk,
          coalesce(state, 'untested') as state, os, network_id, impact, count(*) as n from m group by 1, 2, 3, 4, 5),
      v as materialized (select v.asset_id, v.proto, v.port, v.name from asset_service v join m on m.id = v.asset_id where v.tenant_id = ${tenant} and v.open)
    select 'total' as facet, '' as value, coalesce(sum(n), 0)::int as n from c
    union all select 'risk', risk, sum(n)::int from c group by risk
    union all select 'state', state, sum(n)::int from c group by state
    union all select 'impact', impact::text, sum(n)::int from c group by impact
    union all (select 'os', os, sum(n)::int from c where os is not null group by os order by 3 desc, os limit 10)
    union all (select 'network', n.name, sum(c.n)::int from c join network n on n.id = c.network_id where n.tenant_id = ${tenant} group by n.name order by 3 desc, n.name limit 10)
    union all (select 'group', g.name, count(*)::int from m join asset_group_host a on a.asset_id = m.id join asset_group g on g.tenant_id = a.tenant_id and g.id = a.group_id
      where a.tenant_id = ${tenant} and g.tenant_id = ${tenant} group by g.name order by count(*) desc, g.name limit 10)
    union all (select 'port', port::text, count(*)::int from v where proto = 'tcp' or not exists (
      select from asset_service t where t.tenant_id = ${tenant} and t.asset_id = v.asset_id and t.proto = 'tcp' and t.port = v.port and t.open) group by port order by 3 desc, port limit 10)
    union all (select 'service', name, count(*)::int from (select v.asset_id, v.name from v group by v.asset_id, v.name) p group by name order by 3 desc, name limit 10)`
  await planned
  const facets = (Object.keys(labels) as (keyof typeof labels)[]).map((field) => ({
    field,
    label: labels[field],
    values: rows.filter((row) => row.facet === field).map((row) => ({
      value: row.value,
      label: field === 'risk' ? bands[row.value]![0] : field === 'impact' ? impacts[Number(row.value) - 1]! : row.value,
      term: field === 'risk' ? bands[row.value]![1] : formatTerm(field, row.value),
      count: row.n,
    })),
  }))
  return { total: rows.find((row) => row.facet === 'total')?.n ?? 0, facets }
}
