import { parseQuery, type Query } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { assetText, hostFields } from '../asset/fields.ts'
import { checkText } from '../kb/fields.ts'
import { listsFor } from '../kb/search-list-terms.ts'
import { termKey, type Fields, type Fragment, type Where } from '../query/where.ts'
import { termsOfChecks, textKey } from './fields.ts'
import type { Selection } from './list.ts'

/** Hosts that are named one by one; of more, the statement makes a hash. */
const mostHosts = 2000

/**
 * Looks up which checks and hosts the terms of the query stand for, so that the statement over findings carries their ids: then the planner knows
 * whether to read the findings of a few checks or hosts, or to walk down a sorted index. (It cannot know otherwise: under row-level security it takes no
 * statistics for operators such as ILIKE.) The look-ups go out together; there is none when no term speaks of checks or hosts.
 */
export async function resolveTerms(tx: Tx, selection: Selection): Promise<Selection> {
  const { sql, tenant } = tx
  const query = parseQuery(selection.q)
  const lists = selection.lists ?? (await listsFor(tx, query))
  const at: Where = { sql, tenant, now: selection.now, ...(lists === undefined ? {} : { lists }) }
  const checks = new Map<string, Fragment>()
  const hosts = new Map<string, Fragment>()
  for (const part of leavesOf(query)) {
    if (part.kind === 'text') {
      hosts.set(textKey(part.text), assetText(at, part.text))
      checks.set(textKey(part.text), checkText(at, part.text))
      continue
    }
    const [check, host] = [termOf(at, termsOfChecks, part), termOf(at, hostFields, part)]
    if (check !== null) checks.set(...check)
    if (host !== null) hosts.set(...host)
  }
  const settled = new Set((query?.kind === 'and' ? query.parts : [query]).flatMap((part) => (part?.kind === 'field' ? termOf(at, hostFields, part)?.[0] ?? [] : [])))
  const few = async (where: Fragment): Promise<readonly string[] | null> => {
    const rows = await sql<{ id: string }[]>`select h.id from asset_host h where h.tenant_id = ${tenant} and ${where} limit ${mostHosts + 1}`
    return rows.length > mostHosts ? null : rows.map((row) => row.id)
  }
  if (checks.size + hosts.size === 0) return selection
  const only = settled.size === 0 ? null : await few([...settled].map((key) => hosts.get(key)!).reduce((all, one) => sql`${all} and ${one}`))
  const [found, terms] = await Promise.all([
    findChecks(tx, checks),
    Promise.all([...hosts].filter(([key]) => only === null || !settled.has(key)).map(async ([key, where]) => [key, await few(where)] as const)),
  ])
  return { ...selection, ...(lists === undefined ? {} : { lists }), found: { checks: found, hosts: new Map(terms), only, settled: only === null ? new Set() : settled } }
}

async function findChecks({ sql }: Tx, terms: ReadonlyMap<string, Fragment>): Promise<ReadonlyMap<string, readonly number[]>> {
  if (terms.size === 0) return new Map()
  const columns = [...terms.values()].map((where, place) => sql`coalesce(array_agg(s.id) filter (where ${where}), '{}') as ${sql(`t${place}`)}`)
  const [row] = await sql<Record<string, number[]>[]>`select ${columns.reduce((all, one) => sql`${all}, ${one}`)} from signature s`
  return new Map([...terms.keys()].map((key, place) => [key, row![`t${place}`]!]))
}

function termOf(at: Where, fields: Fields, part: Extract<Query, { kind: 'field' }>): readonly [string, Fragment] | null {
  const name = Object.keys(fields).find((key) => key.toLowerCase() === part.field.toLowerCase())
  const where = name === undefined ? null : fields[name]!.where(at, part.test, part.values)
  return where === null ? null : [termKey(name!, part.test, part.values), where]
}

type Leaf = Extract<Query, { kind: 'field' }> | Extract<Query, { kind: 'text' }>

function* leavesOf(query: Query | null): Generator<Leaf> {
  if (query === null) return
  if (query.kind === 'not') yield* leavesOf(query.part)
  else if (query.kind === 'field' || query.kind === 'text') yield query
  else for (const part of query.parts) yield* leavesOf(part)
}
