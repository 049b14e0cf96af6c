import { parseQuery, type Query } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import type { Lists } from '../query/where.ts'

export type ShippedList = Readonly<{ id: string; name: string; description: string; query: string }>

const shipped = (n: number, name: string, description: string, query: string): ShippedList => ({ id: `00000000-0000-7000-8000-00000000000${n}`, name, description, query })

/** The same for everybody, in no table. */
export const topLists = [
  shipped(1, 'Top 10 internal', 'The most widespread urgent and critical weaknesses on private addresses, worked out each hour.', 'top10:internal'),
  shipped(2, 'Top 10 external', 'The most widespread urgent and critical weaknesses on public addresses, worked out each hour.', 'top10:external'),
] as const
export const shippedLists: readonly ShippedList[] = [
  ...topLists,
  shipped(3, 'Known exploited', 'Vulnerabilities that are known to be exploited.', 'exploited:yes'),
  shipped(4, 'Ransomware', 'Vulnerabilities that ransomware campaigns are known to use.', 'ransomware:yes'),
  shipped(5, 'Urgent and critical', 'Severity 4 and 5, without information.', 'severity:>=4 type:confirmed,potential'),
  shipped(6, 'PCI fails', 'What fails a PCI DSS scan by itself, whatever its score.', 'pci:fails'),
]

/** The lists that a query may speak of; undefined when it speaks of none, so that most queries cost no look-up. */
export async function listsFor({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, query: Query | null): Promise<Lists | undefined> {
  if (query === null || ![...leavesOf(query)].some((part) => part.kind === 'field' && part.field.toLowerCase() === 'list')) return undefined
  const own = await sql<{ name: string; query: string | null; checks: number[] | null }[]>`select name, query, checks from search_list where tenant_id = ${tenant}`
  return new Map([...shippedLists.map((one) => ({ ...one, checks: null })), ...own]
    .map((one) => [one.name.toLowerCase(), { query: one.query === null ? null : parseQuery(one.query), checks: one.checks ?? [] }]))
}

/** A selection with the lists that its query names. */
export async function withLists<S extends Readonly<{ q: string; lists?: Lists }>>(tx: Tx, selection: S): Promise<S> {
  const lists = await listsFor(tx, parseQuery(selection.q))
  return lists === undefined ? selection : { ...selection, lists }
}

function* leavesOf(query: Query): Generator<Query> {
  if (query.kind === 'not') yield* leavesOf(query.part)
  else if (query.kind === 'and' || query.kind === 'or') for (const part of query.parts) yield* leavesOf(part)
  else yield query
}
