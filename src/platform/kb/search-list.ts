import { fail } from '#core/errors.ts'
import { cveNumber, cveOfNumber } from '#core/knowledge/number.ts'
import type { Profile } from '#core/profile.ts'
import { fieldsOf, formatTerm, parseQuery } from '#core/query/query.ts'
import { isId, newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { allow, type Actor } from '../access/actor.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { audit } from '../audit/audit.ts'
import { inScope } from '../finding/list.ts'
import { isNotFixed, isNotIgnored, isRisk } from '../finding/shape.ts'
import { whereOf, type Fragment } from '../query/where.ts'
import { checkFields, checkText } from './fields.ts'
import { shippedLists } from './search-list-terms.ts'

export type SearchListRow = Readonly<{
  id: string; name: string; description: string; query: string | null; checks: readonly number[] | null; shipped: boolean; created_by_name: string | null; updated_at: Date
  count: number; profiles: readonly string[]; term: string
}>
/** Either `query` or `checks`. */
export type Meaning = Readonly<{ query: string | null; checks: readonly number[] | null }>
export type ListFields = Readonly<{ name?: string; description?: string; checks?: string; query?: string }>

export const mostLists = 500
export const mostChecks = 20_000

type Stored = Omit<SearchListRow, 'shipped' | 'count' | 'profiles' | 'term'>

/** Shipped ones first, then by name. */
export async function listSearchLists(tx: Tx, now: Date): Promise<readonly SearchListRow[]> {
  const own = await tx.sql<Stored[]>`
    select id, name, description, query, checks, created_by_name, updated_at from search_list where tenant_id = ${tx.tenant} order by lower(name) limit ${mostLists}`
  return complete(tx, [...shippedRows(now), ...own], now)
}

export async function readSearchList(tx: Tx, id: string, now: Date): Promise<SearchListRow> {
  return (await complete(tx, [await storedList(tx, id, now)], now))[0]!
}

async function storedList(tx: Tx, id: string, now: Date): Promise<Stored> {
  const known = shippedRows(now).find((one) => one.id === id)
  if (known !== undefined) return known
  const [row] = isId(id)
    ? await tx.sql<Stored[]>`select id, name, description, query, checks, created_by_name, updated_at from search_list where tenant_id = ${tx.tenant} and id = ${id}`
    : []
  return row ?? fail('not_found', { what: 'search list', id })
}

function shippedRows(now: Date): Stored[] {
  return shippedLists.map((one) => ({ id: one.id, name: one.name, description: one.description, query: one.query, checks: null, created_by_name: null, updated_at: now }))
}

async function complete(tx: Tx, rows: readonly Stored[], now: Date): Promise<readonly SearchListRow[]> {
  const [counts, profiles] = [await countLists(tx, rows, now), await profilesUsing(tx)]
  return rows.map((row, place) => ({
    ...row, shipped: row.created_by_name === null, count: counts[place]!,
      profiles: profiles.flatMap((one) => (one.lists.includes(row.id) ? [one.name] : [])), term: formatTerm('list', row.name),
  }))
}

/** In one pass over the checks. */
async function countLists(tx: Tx, meanings: readonly Meaning[], now: Date, seesFindings = true): Promise<readonly number[]> {
  const dynamic = meanings.flatMap((one, place) => (one.query === null ? [] : [[place, one.query] as const]))
  const counts = meanings.map((one) => one.checks?.length ?? 0)
  if (dynamic.length === 0) return counts
  const columns = dynamic.map(([place, query]) => tx.sql`count(*) filter (where ${whereOfList(tx, { query, checks: null }, now, seesFindings)})::int as ${tx.sql(`n${place}`)}`)
  const [row] = await tx.sql<Record<string, number>[]>`select ${columns.reduce((all, one) => tx.sql`${all}, ${one}`)} from signature s where not s.retired`
  return counts.map((count, place) => row![`n${place}`] ?? count)
}

/** Over `signature s`. Lists of lists are refused when they are made. */
export function whereOfList({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, meaning: Meaning, now: Date, seesFindings = true): Fragment {
  if (meaning.query === null) return sql`s.id = any(${[...meaning.checks ?? []]}::int[])`
  return whereOf({ sql, tenant, now, seesFindings }, parseQuery(meaning.query), checkFields, checkText)
}

/** Numbers of the checks that the lists hold now: for dynamic ones of all checks that the database has; for static ones as they were named. */
export async function checksOfLists(tx: Tx, ids: readonly string[], now: Date): Promise<readonly number[]> {
  const all = new Set<number>()
  for (const id of ids) {
    const list = await storedList(tx, id, now)
    if (list.checks !== null) list.checks.forEach((check) => all.add(check))
    else (await tx.sql<{ id: number }[]>`select s.id from signature s where not s.retired and ${whereOfList(tx, list, now)}`).forEach((row) => all.add(row.id))
  }
  return [...all].sort((a, b) => a - b)
}

/** The queries of those of the lists that are dynamic. */
export async function queriesOfLists(tx: Tx, ids: readonly string[], now: Date): Promise<readonly string[]> {
  const queries: string[] = []
  for (const id of ids) queries.push(...[(await storedList(tx, id, now)).query].filter((query) => query !== null))
  return queries
}

/**
 * Which of these checks a scan of that profile looks for: by its numbers, and, for checks that came to be known after it was launched, by the queries its lists had then.
 * Who looks for `severity:5` looks for a vulnerability that nobody had yet, too.
 */
export async function lookedFor(
  tx: Tx, { signatures, exclude, later }: Pick<Profile, 'signatures' | 'exclude' | 'later'>, checks: readonly number[], now: Date,
): Promise<(check: number) => boolean> {
  const [only, not] = [signatures === 'all' ? null : new Set(signatures), new Set(exclude)]
  const byNumber = (check: number): boolean => !not.has(check) && (only === null || only.has(check))
  const open = later === undefined ? [] : [...new Set(checks)].filter((check) => !not.has(check) && only?.has(check) !== true)
  if (later === undefined || open.length === 0) return byNumber
  const any = (queries: readonly string[]): Fragment => queries.map((query) => whereOfList(tx, { query, checks: null }, now)).reduce((all, one) => tx.sql`(${all} or ${one})`, tx.sql`false`)
  const rows = await tx.sql<{ id: number }[]>`
    select s.id from signature s where s.id = any(${open}::int[]) and ${only === null ? tx.sql`true` : any(later.include)} and (${any(later.exclude)}) is not true`
  const meant = new Set(rows.map((row) => row.id))
  return (check) => meant.has(check) || (only !== null && byNumber(check))
}

/** Throws for ids that are no list of this organisation. */
export async function requireLists(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  for (const id of ids) await storedList(tx, id, now)
}

export async function addSearchList(tx: Tx, actor: Actor, fields: ListFields & Readonly<{ name: string }>, now: Date): Promise<string> {
  allow(actor, 'list.edit')
  const { sql, tenant } = tx
  const meaning = await meaningOf(tx, fields, now)
  const [held] = await sql<{ n: number }[]>`select count(*)::int as n from search_list where tenant_id = ${tenant}`
  if (held!.n >= mostLists) fail('list.too_many', { most: mostLists })
  const id = newId(now.getTime())
  await freeName(tx, fields.name, id)
  await sql`
    insert into search_list (tenant_id, id, name, description, query, checks, created_by, created_by_name, created_at, updated_at)
    values (${tenant}, ${id}, ${fields.name.trim()}, ${fields.description ?? ''}, ${meaning.query}, ${meaning.checks as number[] | null},
      ${actor.user.id}, ${actor.user.name}, ${now}, ${now})`
  await audit(tx, { actor, action: 'list.added', object: { kind: 'search list', id, name: fields.name }, details: tell(meaning) }, now)
  return id
}

export async function changeSearchList(tx: Tx, actor: Actor, id: string, fields: ListFields, now: Date): Promise<void> {
  allow(actor, 'list.edit')
  const known = await own(tx, id, now)
  const meaning = fields.checks === undefined && fields.query === undefined ? known : await meaningOf(tx, fields, now)
  if ((meaning.query === null) !== (known.query === null)) fail('list.kind', { name: known.name })
  const name = fields.name?.trim() ?? known.name
  await freeName(tx, name, id)
  await tx.sql`
    update search_list set name = ${name}, description = ${fields.description ?? known.description},
      query = ${meaning.query}, checks = ${meaning.checks as number[] | null}, updated_at = ${now}
    where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'list.changed', object: { kind: 'search list', id, name }, details: { ...(name === known.name ? {} : { before: known.name }), ...tell(meaning) } }, now)
}

export async function dropSearchList(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  allow(actor, 'list.edit')
  const known = await own(tx, id, now)
  const used = (await profilesUsing(tx)).filter((one) => one.lists.includes(id)).map((one) => `"${one.name}"`)
  if (used.length > 0) fail('list.in_use', { name: known.name, where: used.length === 1 ? `the option profile ${used[0]!}` : `the option profiles ${used.join(', ')}` })
  const waiting = await tx.sql<{ title: string }[]>`
    select title from report where tenant_id = ${tx.tenant} and state in ('queued', 'running') and lower(query) like ${`%${known.name.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`} limit 1`
  if (waiting.length > 0) fail('list.in_use', { name: known.name, where: `the report "${waiting[0]!.title}", which is being made` })
  await tx.sql`delete from search_list where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'list.removed', object: { kind: 'search list', id, name: known.name }, details: tell(known) }, now)
}

async function own(tx: Tx, id: string, now: Date): Promise<Stored> {
  const known = await storedList(tx, id, now)
  return known.created_by_name === null ? fail('list.shipped', { name: known.name }) : known
}

async function freeName(tx: Tx, name: string, id: string): Promise<void> {
  const wanted = name.trim().toLowerCase()
  const [taken] = await tx.sql`select id from search_list where tenant_id = ${tx.tenant} and lower(name) = ${wanted} and id <> ${id}`
  if (taken !== undefined || shippedLists.some((one) => one.name.toLowerCase() === wanted)) fail('list.name_taken', { name })
}

/** Reads the numbers, or tries the query: what is wrong with it is said when the list is made, not when a scan starts. */
export async function meaningOf(tx: Tx, { checks, query }: ListFields, now: Date): Promise<Meaning> {
  if ((checks === undefined) === (query === undefined)) fail('list.nothing')
  if (checks !== undefined) return { query: null, checks: numbersOf(checks) }
  const text = query!.trim()
  if (text === '') fail('list.nothing')
  if ([...fieldsOf(parseQuery(text))].some((field) => field.toLowerCase() === 'list')) fail('list.nested')
  await tx.sql`select s.id from signature s where ${whereOfList(tx, { query: text, checks: null }, now)} limit 1`
  return { query: text, checks: null }
}

export function numbersOf(text: string): readonly number[] {
  const found = new Set<number>()
  for (const word of text.split(/[\s,;]+/)) {
    if (word === '') continue
    const number = /^[0-9]{1,10}$/.test(word) ? Number(word) : cveNumber(word.toUpperCase())
    if (number === null || number < 1 || number > 2_147_483_647) fail('list.bad_number', { value: word })
    found.add(number)
  }
  if (found.size === 0) fail('list.nothing')
  if (found.size > mostChecks) fail('list.too_long', { count: found.size, most: mostChecks })
  return [...found].sort((a, b) => a - b)
}

export type Preview = Readonly<{
  count: number; unknown: readonly string[]; items: readonly Readonly<{ id: number; title: string; severity: number; category: string; cve: string[] }>[]; findings: number; hosts: number
}>

/** What such a list would hold now. `scope` undefined: the reader may not see findings. */
export async function previewList(tx: Tx, meaning: Meaning, scope: ScopeGroups | undefined, now: Date): Promise<Preview> {
  const { sql, tenant } = tx
  const items = await sql<Preview['items'][number][]>`
    select s.id, s.title, s.severity, s.category, s.cve from signature s where not s.retired and ${whereOfList(tx, meaning, now, scope !== undefined)} order by s.severity desc, s.id limit 50`
  const known = meaning.checks === null ? new Set<number>()
    : new Set((await sql<{ id: number }[]>`select s.id from signature s where s.id = any(${[...meaning.checks]}::int[])`).map((row) => row.id))
  const [count] = await countLists(tx, [meaning], now, scope !== undefined)
  const [found] = scope === undefined ? [{ findings: 0, hosts: 0 }] : await sql<{ findings: number; hosts: number }[]>`
    select count(*)::int as findings, count(distinct f.asset_id)::int as hosts from finding f
    where f.tenant_id = ${tenant} and f.signature_id in (select s.id from signature s where ${whereOfList(tx, meaning, now)})
      and ${isNotFixed(sql)} and ${isNotIgnored(sql)} and ${isRisk(sql)} ${inScope(tx, scope)}`
  const unknown = (meaning.checks ?? []).filter((check) => !known.has(check)).map((check) => cveOfNumber(check) ?? `${check}`)
  return { count: count!, unknown: unknown.slice(0, 1000), items, ...found! }
}

async function profilesUsing({ sql, tenant }: Tx): Promise<readonly Readonly<{ name: string; lists: readonly string[] }>[]> {
  const rows = await sql<{ name: string; lists: Readonly<{ include?: string[]; exclude?: string[] }> }[]>`
    select name, settings -> 'lists' as lists from option_profile where tenant_id = ${tenant} and settings ? 'lists' order by name`
  return rows.map(({ name, lists }) => ({ name, lists: [...lists.include ?? [], ...lists.exclude ?? []] }))
}

function tell(meaning: Meaning): Readonly<Record<string, unknown>> {
  return meaning.query === null ? { checks: meaning.checks!.slice(0, 500), count: meaning.checks!.length } : { query: meaning.query }
}
