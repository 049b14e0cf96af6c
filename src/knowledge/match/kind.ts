import type { Software } from '#core/knowledge/affected.ts'
import type { Order } from '#core/version/order.ts'
import { orderOf } from '#core/version/scheme.ts'
import { subjectOf, type Lookup } from './names.ts'
import { allGroups, productOf, speaksOf, type Product, type Sorted } from './product.ts'
import type { RangeSource } from './range-source.ts'
import type { Group } from './statement.ts'

/** All that is said of software of one ecosystem, name and source package, found once for all its versions. */
export type Kind = Readonly<{
  toldOfSource: boolean
  sorted: readonly Sorted[]
  groups: readonly Group[]
  /** The newest fix there is, where fixes of one order are all that is said: what is not older than it, as most of what is installed, has nothing. */
  newest: Newest | null
  /** How much it holds, in rows. */
  weight: number
}>

type Newest = Readonly<{ order: Order<unknown>; of: 'binary' | 'source'; fix: unknown }>

const silent: Kind = { toldOfSource: false, sorted: [], groups: [], newest: null, weight: 0 }

type Found = Readonly<{ lookup: Lookup; product: Product | null }>

export function kindOf(software: Pick<Software, 'ecosystem' | 'name' | 'source'>, source: RangeSource): Kind {
  const { lookups, toldOfSource } = subjectOf(software)
  const found = lookups.map((lookup) => find(lookup, source)).filter((one) => one !== null)
  const [first] = found
  if (first === undefined) return silent
  const { lookup, product: ready } = first
  if (found.length > 1) {
    const groups = joined(found, source)
    return { toldOfSource, sorted: [], groups, newest: null, weight: rowsOf([], groups) }
  }
  const product = ready ?? productOf(source.ranges(lookup.ecosystem, lookup.name))
  const sorted = product.sorted.filter((table) => lookup.of === null || lookup.of === table.of)
  const groups = ofLookup(product.groups, lookup)
  return { toldOfSource, sorted, groups, newest: newestOf(sorted, groups), weight: rowsOf(sorted, groups) }
}

/** Null where nothing is said under that name of packages of that kind. */
function find(lookup: Lookup, source: RangeSource): Found | null {
  const ready = source.ready?.(lookup.ecosystem, lookup.name) ?? null
  if (ready === null) return speaksOf(source.ranges(lookup.ecosystem, lookup.name), lookup) ? { lookup, product: null } : null
  const speaks = lookup.of === null ? ready.speaks.length > 0 : ready.speaks.includes(lookup.of)
  return speaks ? { lookup, product: ready.product } : null
}

function newestOf([table, ...others]: readonly Sorted[], groups: readonly Group[]): Newest | null {
  if (table === undefined || table.length === 0 || table.scheme === 'rpm' || others.length + groups.length > 0) return null
  return { order: orderOf(table.scheme), of: table.of, fix: table.boundAt(table.length - 1) }
}

function rowsOf(sorted: readonly Sorted[], groups: readonly Group[]): number {
  return sorted.reduce((sum, table) => sum + table.length, 0) + groups.reduce((sum, group) => sum + group.statements.length, 0)
}

function ofLookup(groups: readonly Group[], { of }: Lookup): readonly Group[] {
  if (of === null) return groups
  return groups.map((group) => ({ ...group, statements: group.statements.filter(({ row }) => row.affected.of === of) }))
}

/** What is said under several names, by vulnerability. */
function joined(found: readonly Found[], source: RangeSource): readonly Group[] {
  const byVulnerability = new Map<number, Group>()
  for (const { lookup } of found) {
    for (const group of ofLookup(allGroups(source.ranges(lookup.ecosystem, lookup.name)), lookup)) {
      const known = byVulnerability.get(group.vulnerability)
      const both = known === undefined ? group : { ...group, statements: [...known.statements, ...group.statements] }
      byVulnerability.set(group.vulnerability, both)
    }
  }
  return [...byVulnerability.values()]
}
