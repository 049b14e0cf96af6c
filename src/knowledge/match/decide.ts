import type { Affected, Software, VersionScheme } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { lowestFix } from '#core/knowledge/range.ts'
import { orderOf } from '#core/version/scheme.ts'
import type { Kind } from './kind.ts'
import { decidingRank } from './precedence.ts'
import { byOf, firstAbove } from './product.ts'
import type { StoredAffected } from './range-source.ts'
import type { Needs } from './statement.ts'
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

/** Judges one piece of software by all that is said of its kind. */
export function decide(software: Software, kind: Kind): Answer {
  const { version } = software
  const told = kind.toldOfSource ? software.sourceVersion : undefined
  const sourceVersion = told === undefined || told === '' ? version : told
  if (kind.newest !== null) {
    const { order, of, fix } = kind.newest
    const read = order.read(of === 'source' ? sourceVersion : version)
    if (read !== null && order.compare(fix, read) <= 0) return nothing
  }
  const { sorted, groups } = kind
  if (sorted.length === 0 && groups.length === 0) return nothing
  const hits: Hit[] = []
  const conditional: (readonly Readonly<{ hit: Hit; needs: Needs }>[])[] = []
  let unreadable = 0
  for (const table of sorted) {
    const text = table.of === 'source' ? sourceVersion : version
    // Of modules of Red Hat only what is said of their stream counts, which is never here.
    if ((table.scheme === 'rpm' && text.includes('.module')) || !isForArchitecture(table.architectures, software)) continue
    const read = orderOf(table.scheme).read(text)
    if (read === null) unreadable += table.length
    else for (let at = firstAbove(table, read); at < table.length; at++) hits.push(hitOf(software, table.rowAt(at), text, table.byAt(at)))
  }
  if (groups.length > 0) {
    const read = reading()
    for (const { statements } of groups) {
      const asked = statements.map((statement): Asked => {
        const { of, scheme } = statement.row.affected
        const text = of === 'source' ? sourceVersion : version
        return { statement, text, version: read(scheme, text) }
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
  }
  return hits.length === 0 && conditional.length === 0 && unreadable === 0 ? nothing : { hits, conditional, unreadable }
}

/** A version is read once for each order it is asked about in. */
function reading(): (scheme: VersionScheme, text: string) => unknown {
  let last: Readonly<{ scheme: string; text: string; version: unknown }> | null = null
  return (scheme, text) => {
    if (last === null || last.scheme !== scheme || last.text !== text) last = { scheme, text, version: orderOf(scheme).read(text) }
    return last.version
  }
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
