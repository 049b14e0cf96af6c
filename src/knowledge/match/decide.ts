import type { Affected, Software, VersionScheme } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { lowestFix } from '#core/knowledge/range.ts'
import { orderOf } from '#core/version/scheme.ts'
import { subjectOf, type Lookup } from './names.ts'
import { decidingRank } from './precedence.ts'
import { allGroups, byOf, firstAbove, productOf, speaksOf, type Product } from './product.ts'
import type { RangeSource, StoredAffected } from './range-source.ts'
import type { Group, Needs } from './statement.ts'
import { isForArchitecture, verdictOf, type Asked, type Way } from './verdict.ts'

/**
 * Hits that hold wherever the software is, and those that hold on a host only if what they need is there: each of these is one
 * vulnerability, in any of its ways.
 */
export type Answer = Readonly<{
  hits: readonly Hit[]
  conditional: readonly (readonly Readonly<{ hit: Hit; needs: Needs }>[])[]
  /** Vulnerabilities that could not be judged, since the version or a bound is none of its scheme. */
  unreadable: number
}>

const nothing: Answer = { hits: [], conditional: [], unreadable: 0 }

/** Judges one piece of software by all that is said of it. */
export function decide(software: Software, source: RangeSource): Answer {
  const { lookups, version, sourceVersion } = subjectOf(software)
  const found: Found[] = []
  for (const lookup of lookups) {
    const ready = source.ready?.(lookup.ecosystem, lookup.name) ?? null
    if (ready !== null) {
      if (lookup.of === null ? ready.speaks.length > 0 : ready.speaks.includes(lookup.of)) found.push({ lookup, product: ready.product })
      continue
    }
    const rows = source.ranges(lookup.ecosystem, lookup.name)
    if (speaksOf(rows, lookup)) found.push({ lookup, product: null })
  }
  if (found.length === 0) return nothing
  const read = reading()
  const textOf = (of: 'binary' | 'source'): string => (of === 'source' ? sourceVersion : version)
  const hits: Hit[] = []
  const conditional: (readonly Readonly<{ hit: Hit; needs: Needs }>[])[] = []
  let unreadable = 0
  const [{ lookup, product: ready }] = found as [Found]
  const product = found.length === 1 ? (ready ?? productOf(source.ranges(lookup.ecosystem, lookup.name))) : null
  for (const table of product?.sorted ?? []) {
    const text = textOf(table.of)
    // Of modules of Red Hat only what is said of their stream counts, which is never here.
    if ((lookup.of !== null && lookup.of !== table.of) || (table.scheme === 'rpm' && text.includes('.module'))) continue
    if (!isForArchitecture(table.architectures, software)) continue
    const told = read(table.scheme, text)
    if (told === null) unreadable += table.length
    else for (let at = firstAbove(table, told); at < table.length; at++) hits.push(hitOf(software, table.rowAt(at), text, table.byAt(at)))
  }
  for (const { statements } of product === null ? joined(found, source) : ofKind(product.groups, lookup)) {
    const asked = statements.map((statement): Asked => {
      const { of, scheme } = statement.row.affected
      return { statement, text: textOf(of), version: read(scheme, textOf(of)) }
    })
    const ways = bySource(software, asked)
    if (ways === 'unreadable') unreadable++
    else if (ways !== null) {
      const made = ways.map((way) => ({ hit: hitOf(software, way.statement.row, way.version, byOf(way.statement.row)), needs: way.needs }))
      const free = made.find(({ needs }) => needs === null)
      if (free !== undefined) hits.push(free.hit)
      else conditional.push(made as { hit: Hit; needs: Needs }[])
    }
  }
  return hits.length === 0 && conditional.length === 0 && unreadable === 0 ? nothing : { hits, conditional, unreadable }
}

type Found = Readonly<{ lookup: Lookup; product: Product | null }>

/** A version is read once for each order it is asked about in. */
function reading(): (scheme: VersionScheme, text: string) => unknown {
  let last: Readonly<{ scheme: string; text: string; version: unknown }> | null = null
  return (scheme, text) => {
    if (last === null || last.scheme !== scheme || last.text !== text) last = { scheme, text, version: orderOf(scheme).read(text) }
    return last.version
  }
}

function ofKind(groups: readonly Group[], { of }: Lookup): readonly Group[] {
  if (of === null) return groups
  return groups.map((group) => ({ ...group, statements: group.statements.filter(({ row }) => row.affected.of === of) }))
}

/** What is said under several names, by vulnerability. */
function joined(found: readonly Found[], source: RangeSource): Iterable<Group> {
  const byVulnerability = new Map<number, Group>()
  for (const { lookup } of found) {
    for (const group of ofKind(allGroups(source.ranges(lookup.ecosystem, lookup.name)), lookup)) {
      const known = byVulnerability.get(group.vulnerability)
      const both = known === undefined ? group : { ...group, statements: [...known.statements, ...group.statements] }
      byVulnerability.set(group.vulnerability, both)
    }
  }
  return byVulnerability.values()
}

/** The first source that says something that can be understood decides. */
function bySource(software: Software, asked: readonly Asked[]): readonly Way[] | 'unreadable' | null {
  const rank = ({ statement: { row } }: Asked): number => decidingRank(row.affected.product.ecosystem, row.source)
  const bySource = Map.groupBy(asked, ({ statement }) => statement.row.source)
  const sources = [...bySource.values()].sort(([a], [b]) => rank(a!) - rank(b!))
  let unreadable = false
  for (const said of sources) {
    const verdict = verdictOf(software, said)
    if (verdict === null) continue
    if (verdict.says === 'affected') return verdict.ways
    if (verdict.says === 'clear') return null
    unreadable = true
  }
  return unreadable ? 'unreadable' : null
}

function hitOf(software: Software, { vulnerability: check, name: vulnerability, affected }: StoredAffected, version: string, by: Hit['by']): Hit {
  return {
    check, vulnerability, software, by,
    type: software.ecosystem === 'cpe' || software.ecosystem === 'retire.js' ? 'potential' : 'confirmed',
    fixedIn: fixOf(affected, version),
  }
}

function fixOf({ status, scheme, intervals, fixed }: Affected, version: string): string | null {
  if (status === 'unfixed') return null
  const [only] = intervals
  // The one fix there is, which the version is known to lie before.
  const isOnly = intervals.length === 1 && (fixed.length === 0 || (fixed.length === 1 && fixed[0] === only!.before))
  if (isOnly && only!.before !== undefined) return only!.before
  const ends = intervals.map((one) => one.before).filter((one) => one !== undefined)
  return fixed.length + ends.length === 0 ? null : lowestFix(scheme, version, [...fixed, ...ends])
}
