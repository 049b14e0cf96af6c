import { formatTerm, parseQuery } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { planAnew } from '../query/where.ts'
import { fieldsNamed, matchOf, type Selection } from './list.ts'

export type Facet = Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>
export type Facets = Readonly<{ total: number; facets: readonly Facet[] }>

export const severityWords: Readonly<Record<string, string>> = { 1: 'Minimal', 2: 'Medium', 3: 'Serious', 4: 'Critical', 5: 'Urgent' }
const words: Readonly<Record<string, string>> = {
  new: 'New', active: 'Active', reopened: 'Re-opened', fixed: 'Fixed', confirmed: 'Confirmed', potential: 'Potential', information: 'Information', true: 'Ignored', false: 'Not ignored',
}
const labels = { severity: 'Severity', status: 'Status', type: 'Type', ignored: 'Ignored', category: 'Category', check: 'Check', port: 'Port' } as const

/**
 * Values with their counts over everything that matches. What the query means by default (open, not ignored, no information) does not narrow the facet of
 * the same name: there one sees what else there is.
 */
export async function findingFacets(tx: Tx, selection: Selection): Promise<Facets> {
  const { sql } = tx
  const query = parseQuery(selection.q)
  const named = fieldsNamed(query)
  const planned = planAnew(tx)
  const rows = await sql<{ facet: keyof typeof labels | 'total'; value: string; label: string | null; n: number }[]>`
    with m as materialized (
      select f.severity, f.status, f.type, f.ignored, f.signature_id, f.port, count(*) as n,
        ${named.has('status') || named.has('fixed') ? sql`true` : sql`f.status <> 'fixed'`} as a, ${named.has('ignored') ? sql`true` : sql`not f.ignored`} as b,
        ${named.has('type') ? sql`true` : sql`f.type <> 'information'`} as c
      from finding f where ${matchOf(tx, selection, query)} group by f.severity, f.status, f.type, f.ignored, f.signature_id, f.port
    ), shown as materialized (select severity, signature_id, port, sum(n) as n from m where a and b and c group by severity, signature_id, port)
    select 'total' as facet, '' as value, null as label, coalesce(sum(n), 0)::int as n from shown
    union all select 'severity', severity::text, null, sum(n)::int from shown group by severity
    union all select 'status', status, null, sum(n)::int from m where b and c group by status
    union all select 'type', type, null, sum(n)::int from m where a and b group by type
    union all select 'ignored', ignored::text, null, sum(n)::int from m where a and c group by ignored
    union all select 'category', s.category, null, sum(n)::int from shown join signature s on s.id = shown.signature_id group by s.category
    union all (select 'check', t.id::text, s.title, t.n from (select signature_id as id, sum(n)::int as n from shown group by signature_id order by 2 desc, 1 limit 10) t join signature s on s.id = t.id)
    union all (select 'port', port::text, null, sum(n)::int from shown where port > 0 group by port order by sum(n) desc, port limit 10)`
  await planned
  const facets = (Object.keys(labels) as (keyof typeof labels)[]).map((field): Facet => ({
    field,
    label: labels[field],
    values: rows.filter((row) => row.facet === field).sort((a, b) => (field === 'severity' ? Number(b.value) - Number(a.value) : b.n - a.n)).map((row) => ({
      value: row.value,
      label: row.label ?? (field === 'severity' ? severityWords[row.value] : field === 'category' || field === 'port' ? row.value : words[row.value]) ?? row.value,
      term: formatTerm(field, row.value),
      count: row.n,
    })),
  }))
  return { total: rows.find((row) => row.facet === 'total')?.n ?? 0, facets }
}
