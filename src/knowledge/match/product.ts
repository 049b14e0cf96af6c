import type { VersionScheme } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { orderOf } from '#core/version/scheme.ts'
import type { Lookup } from './names.ts'
import { decidingRank } from './precedence.ts'
import type { StoredAffected } from './range-source.ts'
import { groupOf, type Group } from './statement.ts'

/**
 * What is said of one product, made ready for many versions. Nearly all that distributions say is "everything before the fix":
 * these rows lie in the order of the fix, so that those that hold for a version are found by halving, and the others, which are
 * most, are never looked at.
 */
export type Product = Readonly<{
  /** One row a vulnerability: of the source that decides. */
  sorted: readonly Sorted[]
  /** All other vulnerabilities. */
  groups: readonly Group[]
}>

export type Sorted = Readonly<{
  scheme: VersionScheme
  of: 'binary' | 'source'
  architectures: readonly string[] | undefined
  length: number
  /** The fix, read. */
  boundAt(index: number): unknown
  rowAt(index: number): StoredAffected
  /** Who says the row, made once for all hits of it. */
  byAt(index: number): Hit['by']
}>

/** Their orders have no circles (src/core/version/scheme.test.ts), and a version is affected by nothing but its place. */
const sortable: ReadonlySet<VersionScheme> = new Set(['dpkg', 'rpm', 'apk', 'semver', 'pep440', 'gem', 'nuget', 'go'])

const compiled = new WeakMap<readonly StoredAffected[], Product>()
const whole = new WeakMap<readonly StoredAffected[], readonly Group[]>()

/** Kept as long as the list of rows is. */
export function productOf(rows: readonly StoredAffected[]): Product {
  const known = compiled.get(rows)
  if (known !== undefined) return known
  const product = compile(rows)
  compiled.set(rows, product)
  return product
}

/** All of it by vulnerability, for where it has to be weighed against what is said under another name. */
export function allGroups(rows: readonly StoredAffected[]): readonly Group[] {
  const known = whole.get(rows)
  if (known !== undefined) return known
  const groups = [...Map.groupBy(rows, (row) => row.vulnerability).values()].map(groupOf)
  whole.set(rows, groups)
  return groups
}

export function speaksOf(rows: readonly StoredAffected[], { of }: Lookup): boolean {
  return rows.length > 0 && (of === null || rows.some(({ affected }) => affected.of === of))
}

function compile(rows: readonly StoredAffected[]): Product {
  const { tables, rest } = partsOf(rows)
  return {
    groups: rest.map(groupOf),
    sorted: tables.map((entries): Sorted => {
      const { scheme, of, architectures } = entries[0]!.row.affected
      const bounds = entries.map(({ bound }) => bound)
      const by = entries.map(({ row }) => byOf(row))
      return { scheme, of, architectures, length: entries.length, boundAt: (index) => bounds[index], rowAt: (index) => entries[index]!.row, byAt: (index) => by[index]! }
    }),
  }
}

type Entry = Readonly<{ row: StoredAffected; bound: unknown }>

/** Rows that can lie in the order of the fix, in tables of a kind, and the others by vulnerability. */
export function partsOf(rows: readonly StoredAffected[]): Readonly<{ tables: readonly (readonly Entry[])[]; rest: readonly (readonly StoredAffected[])[] }> {
  const tables = new Map<string, { row: StoredAffected; bound: unknown }[]>()
  const rest: StoredAffected[][] = []
  for (const said of byVulnerability(rows)) {
    const row = decidingOf(said)
    const bound = row === null ? null : boundOf(row)
    if (row === null || bound === null) {
      rest.push(said)
      continue
    }
    const { scheme, of, architectures } = row.affected
    const key = `${scheme} ${of} ${architectures?.join('|') ?? ''}`
    const table = tables.get(key)
    if (table === undefined) tables.set(key, [{ row, bound }])
    else table.push({ row, bound })
  }
  for (const entries of tables.values()) {
    const { compare } = orderOf(entries[0]!.row.affected.scheme)
    entries.sort((a, b) => compare(a.bound, b.bound))
  }
  return { tables: [...tables.values()], rest }
}

export function byOf({ source, affected }: StoredAffected): Hit['by'] {
  return { source, key: affected.key, affected }
}

/** Most vulnerabilities have one row; rows of one lie together mostly, but need not. */
function byVulnerability(rows: readonly StoredAffected[]): Iterable<StoredAffected[]> {
  const groups = new Map<number, StoredAffected[]>()
  for (const row of rows) {
    const group = groups.get(row.vulnerability)
    if (group === undefined) groups.set(row.vulnerability, [row])
    else group.push(row)
  }
  return groups.values()
}

/** The only row of the source that decides, where all speak of packages of one kind. */
function decidingOf(said: readonly StoredAffected[]): StoredAffected | null {
  const [first] = said as readonly [StoredAffected]
  if (said.length === 1) return first
  if (said.some(({ affected }) => affected.of !== first.affected.of)) return null
  const rank = ({ source, affected }: StoredAffected): number => decidingRank(affected.product.ecosystem, source)
  const best = Math.min(...said.map(rank))
  const deciding = said.filter((row) => rank(row) === best)
  const only = deciding.length === 1 ? deciding[0]! : null
  // Of a build that this row is not about, the others still have a say.
  return (only?.affected.architectures?.length ?? 0) > 0 ? null : only
}

/** The fix, if the row says nothing but that all before it is affected. */
function boundOf({ affected }: StoredAffected): unknown {
  const { scheme, intervals, versions, status, cpe, together, product } = affected
  const [only] = intervals
  if (only === undefined || intervals.length > 1 || versions.length > 0 || status !== 'affected' || !sortable.has(scheme)) return null
  if (cpe !== undefined || together !== undefined || product.ecosystem === 'cpe' || product.part !== undefined) return null
  if (only.before === undefined || only.from !== undefined) return null
  // Fixes of modules are weighed by their stream, and a bound with an epoch by whether the version has one.
  if (scheme === 'rpm' && (only.before.includes('.module') || /^0*[1-9]\d*:/.test(only.before))) return null
  return orderOf(scheme).read(only.before)
}

/** Where in the order the first row stands whose fix is newer than the version: it and all after it hold. */
export function firstAbove({ scheme, length, boundAt }: Sorted, version: unknown): number {
  const { compare } = orderOf(scheme)
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(boundAt(middle), version) > 0) high = middle
    else low = middle + 1
  }
  return low
}
