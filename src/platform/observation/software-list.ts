import type { Tx } from '#store/store.ts'
import { requireAsset } from '../asset/detail.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { firstRange } from '../kb/range-check.ts'
import { patternOf } from '../query/where.ts'

export type SoftwareListRow = Readonly<{
  id: string; ecosystem: string; name: string; version: string; source: string | null; source_version: string | null; architecture: string | null; vulnerabilities: number; worst: number
  origins: readonly Readonly<{ origin: string; first: string; last: string }>[]
}>
export type SoftwareFilter = Readonly<{ q: string; origin: string | null; vulnerable: boolean }>
/** Findings, name and id of the last row of the page before. */
export type SoftwareKey = readonly [number, string, string]

/** Origins as people know them. */
export const shownOrigin = (origin: string): string => origin.replace(/^upload:/, '')

/** Software of a host, with the open findings of its name there; the one with most findings first. */
export async function listSoftware(tx: Tx, asset: string, scope: ScopeGroups, filter: SoftwareFilter, after: SoftwareKey | null, limit: number): Promise<Readonly<{ rows: readonly SoftwareListRow[]; total: number }>> {
  await requireAsset(tx, asset, scope)
  const { sql, tenant } = tx
  const pattern = filter.q === '' ? null : patternOf(filter.q)
  const origin = filter.origin === null || filter.origin === 'services' ? filter.origin : null
  const from = sql`
    with named as (
      select i.id, jsonb_agg(jsonb_build_object('origin', s.origin, 'first', s.first_seen, 'last', s.last_seen) order by s.origin) as origins
      from asset_software s cross join lateral unnest(s.items) as i (id)
      where s.tenant_id = ${tenant} and s.asset_id = ${asset} and s.gone_at is null
        ${filter.origin === null ? sql`` : origin !== null ? sql`and s.origin = ${origin}` : sql`and s.origin in (${filter.origin}, ${`upload:${filter.origin}`})`}
      group by i.id
    ), found as (
      select split_part(f.instance, '|', 3) as name, count(*)::int as n, max(f.severity)::int as worst from finding f
      where f.tenant_id = ${tenant} and f.asset_id = ${asset} and f.signature_id >= ${firstRange} and f.status <> 'fixed' and not f.ignored group by 1
    ), listed as (
      select w.id, w.ecosystem, w.name, w.version, w.source, w.source_version, w.architecture, coalesce(f.n, 0) as vulnerabilities, coalesce(f.worst, 0) as worst, n.origins
      from named n join software w on w.id = n.id left join found f on f.name = w.name
      where w.tenant_id = ${tenant} ${pattern === null ? sql`` : sql`and (w.name ilike ${pattern} or w.source ilike ${pattern} or w.version ilike ${pattern})`}
        ${filter.vulnerable ? sql`and f.n > 0` : sql``}
    )`
  const [count] = await sql<{ n: number }[]>`${from} select count(*)::int as n from listed`
  const rows = await sql<SoftwareListRow[]>`
    ${from} select id::text as id, ecosystem, name, version, source, source_version, architecture, vulnerabilities, worst, origins from listed
    ${after === null ? sql`` : sql`where (-vulnerabilities, name, id) > (${-after[0]}::int, ${after[1]}, ${after[2]}::bigint)`}
    order by -vulnerabilities, name, id limit ${limit}`
  return { rows, total: count!.n }
}
