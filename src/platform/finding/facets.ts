import { formatTerm, parseQuery } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { planAnew } from '../query/where.ts'
import { fieldsNamed, matchOf, type Selection } from './list.ts'
import { resolveTerms } from './resolve.ts'
import { shapedFindings, shapeOf } from './shape.ts'

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
  const [anyStatus, anyIgnored, anyType] = [named.has('status') || named.has('fixed'), named.has('ignored') || named.has('disabled'), named.has('type')]
  const planned = planAnew(tx)
  const resolved = await resolveTerms(tx, selection)
  const counts = await sql<{ facet: 'shape' | keyof typeof labels; value: string; label: string | null; n: number }[]>`
    with m as materialized (
      select f.shape, f.signature_id, f.port, count(*) as n from ${shapedFindings(sql)} f where ${matchOf(tx, resolved, query)} group by f.shape, f.signature_id, f.port
    ), shown as materialized (
      select signature_id, port, sum(n) as n from m
      where ${anyStatus ? sql`true` : sql`shape & 24 <> 0`} and ${anyIgnored ? sql`true` : sql`shape & 128 = 0`} and ${anyType ? sql`true` : sql`shape & 96 <> 64`} group by signature_id, port
    ), checks as materialized (select signature_id, sum(n)::int as n from shown group by signature_id)
    select 'shape' as facet, shape::text as value, null as label, sum(n)::int as n from m group by shape
    union all select 'category', s.category, null, sum(c.n)::int from checks c join signature s on s.id = c.signature_id group by s.category
    union all (select 'check', t.signature_id::text, s.title, t.n from (select signature_id, n from checks order by n desc, signature_id limit 10) t join signature s on s.id = t.signature_id)
    union all (select 'port', port::text, null, sum(n)::int from shown where port > 0 group by port order by sum(n) desc, port limit 10)`
  await planned
  const rows: { facet: keyof typeof labels | 'total'; value: string; label?: string | null; n: number }[] = []
  for (const { facet, value, label, n } of counts) {
    if (facet !== 'shape') {
      rows.push({ facet, value, label, n })
      continue
    }
    const shape = shapeOf(Number(value))
    const [a, b, c] = [anyStatus || shape.status !== 'fixed', anyIgnored || !shape.ignored, anyType || shape.type !== 'information']
    const add = (to: keyof typeof labels | 'total', what: string): void => {
      const row = rows.find((one) => one.facet === to && one.value === what)
      if (row === undefined) rows.push({ facet: to, value: what, n })
      else row.n += n
    }
    if (a && b && c) add('total', '')
    if (a && b && c) add('severity', `${shape.severity}`)
    if (b && c) add('status', shape.status)
    if (a && b) add('type', shape.type)
    if (a && c) add('ignored', `${shape.ignored}`)
  }
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
