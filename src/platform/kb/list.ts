import { formatTerm, parseQuery } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { small, whereOf, type Fragment } from '../query/where.ts'
import { checkFields, checkText } from './fields.ts'
import { listsFor } from './search-list-terms.ts'

export type CheckRow = Readonly<{
  id: number; version: number; title: string; category: string; severity: number; type: 'confirmed' | 'potential' | 'information'; cve: string[]; score: number | null; published: Date; changed: Date
  retired: boolean
}>
export type CheckSort = 'id' | 'severity' | 'changed' | 'title'
export type CheckKey = readonly [number | string | Date, number]

/** `seesFindings` false: what is most widespread in the organisation is not for this reader. */
async function matching({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, q: string, now: Date, seesFindings: boolean): Promise<() => Fragment> {
  const query = parseQuery(q)
  const lists = await listsFor({ sql, tenant }, query)
  return () => sql`not s.retired and ${whereOf({ sql, tenant, now, seesFindings, ...(lists === undefined ? {} : { lists }) }, query, checkFields, checkText)}`
}

export async function listChecks(tx: Pick<Tx, 'sql' | 'tenant'>, q: string, by: CheckSort, after: CheckKey | null, limit: number, now: Date, seesFindings: boolean): Promise<readonly CheckRow[]> {
  const { sql } = tx
  const last = after === null ? 0 : Math.max(0, Math.min(2_147_483_647, Math.trunc(after[1])))
  const key = after === null ? sql`` : {
    id: sql`and s.id > ${last}`,
    title: sql`and (s.title, s.id) > (${String(after[0])}, ${last}::int)`,
    severity: sql`and (s.severity < ${small(after[0])}::int or (s.severity = ${small(after[0])}::int and s.id > ${last}))`,
    changed: sql`and (s.changed < ${dayOf(after[0])}::date or (s.changed = ${dayOf(after[0])}::date and s.id > ${last}))`,
  }[by]
  const order = { id: sql`s.id`, title: sql`s.title, s.id`, severity: sql`s.severity desc, s.id`, changed: sql`s.changed desc, s.id` }[by]
  const where = await matching(tx, q, now, seesFindings)
  return sql<CheckRow[]>`
    select s.id, s.version, s.title, s.category, s.severity, s.type, s.cve, s.score, s.published, s.changed, s.retired from signature s
    where ${where()} ${key} order by ${order} limit ${limit}`
}

/** As text: a time would be taken for a day in the time zone of the database. */
function dayOf(key: CheckKey[0]): string {
  return key instanceof Date ? key.toISOString().slice(0, 10) : ''
}

export function keyOfCheck(row: CheckRow, by: CheckSort): CheckKey {
  return [{ id: row.id, title: row.title, severity: row.severity, changed: row.changed }[by], row.id]
}

const labels = { severity: 'Severity', category: 'Category', type: 'Type', product: 'Product', kind: 'Looks at' } as const
const severityLabels: Readonly<Record<string, string>> = { 1: 'Minimal', 2: 'Medium', 3: 'Serious', 4: 'Critical', 5: 'Urgent' }

export type CheckFacets = Readonly<{ total: number; release: string | null; facets: readonly Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>[] }>

export async function checkFacets(tx: Pick<Tx, 'sql' | 'tenant'>, q: string, now: Date, seesFindings: boolean): Promise<CheckFacets> {
  const { sql } = tx
  const where = await matching(tx, q, now, seesFindings)
  const rows = await sql<{ facet: keyof typeof labels | 'total'; value: string; n: number }[]>`
    with m as materialized (select s.severity, s.category, s.type, s.products, s.kind from signature s where ${where()})
    select 'total' as facet, '' as value, count(*)::int as n from m
    union all select 'severity', severity::text, count(*)::int from m group by severity
    union all select 'category', category, count(*)::int from m group by category
    union all select 'type', type, count(*)::int from m group by type
    union all select 'kind', kind, count(*)::int from m group by kind
    union all (select 'product', p.name, count(*)::int from m, unnest(m.products) as p (name) group by p.name order by 3 desc, 2 limit 15)`
  const [release] = await sql<{ release: string }[]>`select release from knowledge_release order by loaded_at desc limit 1`
  const facets = (Object.keys(labels) as (keyof typeof labels)[]).map((field) => ({
    field,
    label: labels[field],
    values: rows.filter((row) => row.facet === field).sort((a, b) => (field === 'severity' ? Number(b.value) - Number(a.value) : b.n - a.n || (a.value < b.value ? -1 : 1)))
      .map((row) => ({ value: row.value, label: field === 'severity' ? severityLabels[row.value]! : row.value, term: formatTerm(field, row.value), count: row.n })),
  }))
  return { total: rows.find((row) => row.facet === 'total')?.n ?? 0, release: release?.release ?? null, facets }
}
