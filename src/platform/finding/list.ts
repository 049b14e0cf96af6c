import { fieldsOf, parseQuery, type Query } from '#core/query/query.ts'
import type { FindingStatus } from '#core/finding.ts'
import type { FindingType } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { planAnew, small, whereOf, type Found, type Fragment, type Lists, type Where } from '../query/where.ts'
import { amongHosts, findingFields, findingText } from './fields.ts'
import { resolveTerms } from './resolve.ts'
import { isNotFixed, isNotIgnored, isRisk, shapedFindings } from './shape.ts'

export type FindingRow = Readonly<{
  id: string; signature: number; title: string; category: string; severity: number; type: FindingType; status: FindingStatus; ignored: boolean; disabled: boolean; rated: number | null
  asset_id: string; address: string | null; name: string | null; impact: number; port: number; proto: '' | 'tcp' | 'udp'; instance: string; score: number; cve: string[]
  result: string | null; first_found: Date; last_found: Date; last_fixed: Date | null; retracted_at: Date | null; via_at: Date | null; times_found: number
}>

export type FindingSort = 'score' | 'severity' | 'firstFound' | 'lastFound'
export type Order = Readonly<{ by: FindingSort; descending: boolean }>
/** Sort keys of the last row of the page before: number and id, or time and id. */
export type FindingKey = readonly [number | Date, string]

/** Which findings: a query, and more that the caller fixes. */
export type Selection = Readonly<{ q: string; scope: ScopeGroups; now: Date; only?: (at: Where) => Fragment; found?: Found; lists?: Lists }>

/**
 * Which findings the selection means. Where the query does not speak of status, of ignored ones or of the type, it means open ones, not ignored ones, and
 * no information.
 */
export function selectionOf(tx: Tx, selection: Selection): Fragment {
  const { sql } = tx
  const query = parseQuery(selection.q)
  const named = fieldsNamed(query)
  return sql`${matchOf(tx, selection, query)}
    ${named.has('status') || named.has('fixed') ? sql`` : sql`and ${isNotFixed(sql)}`}
    ${named.has('ignored') || named.has('disabled') ? sql`` : sql`and ${isNotIgnored(sql)}`}
    ${named.has('type') ? sql`` : sql`and ${isRisk(sql)}`}`
}

export function fieldsNamed(query: Query | null): ReadonlySet<string> {
  return new Set([...fieldsOf(query)].map((field) => field.toLowerCase()))
}

/** The query and the scope alone, without what it means by default. */
export function matchOf(tx: Tx, selection: Selection, query: Query | null): Fragment {
  const { sql, tenant } = tx
  const at: Where = { sql, tenant, now: selection.now, ...(selection.found === undefined ? {} : { found: selection.found }), ...(selection.lists === undefined ? {} : { lists: selection.lists }) }
  return sql`f.tenant_id = ${tenant} and ${whereOf(at, query, findingFields, findingText)}
    ${selection.found?.only === undefined || selection.found.only === null ? sql`` : sql`and ${amongHosts(at, selection.found.only)}`} ${selection.only === undefined ? sql`` : sql`and ${selection.only(at)}`} ${inScope(tx, selection.scope)}`
}

/** The asset is in one of the groups the reader may see. */
export function inScope({ sql, tenant }: Tx, scope: ScopeGroups): Fragment {
  if (scope === null) return sql``
  return sql`and exists (select from asset_group_host m where m.tenant_id = ${tenant} and m.asset_id = f.asset_id and m.group_id = any(${scope as string[]}::uuid[]))`
}

/** One page: `limit` rows after the key, worst or newest first. The page is found by ids alone, which an index may hold; only its rows are read and joined. */
export async function listFindings(tx: Tx, selection: Selection, order: Order, after: FindingKey | null, limit: number): Promise<readonly FindingRow[]> {
  const { sql, tenant } = tx
  const column = { score: sql`f.score`, severity: sql`f.severity`, firstFound: sql`f.first_found`, lastFound: sql`f.last_found` }[order.by]
  // Of the page's inner statement, where only this column leads to the index over it.
  const sorted = order.by === 'severity' ? sql`f.severity_order` : column
  const direction = order.descending ? sql`desc` : sql`asc`
  const place = after === null || after[0] instanceof Date ? after?.[0] ?? 0 : small(after[0])
  const key = after === null ? sql`` : order.descending ? sql`and (${sorted}, f.id) < (${place}, ${after[1]}::uuid)` : sql`and (${sorted}, f.id) > (${place}, ${after[1]}::uuid)`
  const planned = planAnew(tx)
  const resolved = await resolveTerms(tx, selection)
  const rows = await sql<FindingRow[]>`
    select f.id, f.signature_id as signature, s.title, s.category, f.severity, f.rated, f.type, f.status, f.ignored, f.disabled, f.asset_id, host(h.address) as address, h.name, h.impact, f.port, f.proto,
      f.instance, f.score, s.cve, e.result, f.first_found, f.last_found, f.last_fixed, f.retracted_at, e.via_at, f.times_found
    from (select f.id from ${shapedFindings(sql)} f where ${selectionOf(tx, resolved)} ${key} order by ${sorted} ${direction}, f.id ${direction} limit ${limit}) page
    join finding f on f.id = page.id
    join asset_host h on h.tenant_id = f.tenant_id and h.id = f.asset_id
    join signature s on s.id = f.signature_id
    left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id
    where f.tenant_id = ${tenant} and h.tenant_id = ${tenant}
    order by ${column} ${direction}, f.id ${direction}`
  await planned
  return rows
}

export function keyOfRow(row: FindingRow, by: FindingSort): FindingKey {
  return [{ score: row.score, severity: row.severity, firstFound: row.first_found, lastFound: row.last_found }[by], row.id]
}
