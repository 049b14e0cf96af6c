import type { Affected, Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { lowestFix } from '#core/knowledge/range.ts'
import { lookupsOf, type Lookup } from './names.ts'
import { decidingRank } from './precedence.ts'
import type { RangeSource, StoredAffected } from './range-source.ts'
import { verdictOf, type Needs } from './verdict.ts'

/** Hits that hold wherever the software is, and those that hold on a host only if what they need is there: each of these is one vulnerability, in any of its ways. */
export type Answer = Readonly<{
  hits: readonly Hit[]
  conditional: readonly (readonly Readonly<{ hit: Hit; needs: Needs }>[])[]
  /** Vulnerabilities that could not be judged, since the version or a bound is none of its scheme. */
  unreadable: number
}>

type Group = { name: string; said: { row: StoredAffected; version: string }[] }

/** Judges one piece of software by all that is said of it. */
export function decide(software: Software, source: RangeSource): Answer {
  const groups = new Map<number, Group>()
  const seen = new Set<number>()
  for (const lookup of lookupsOf(software)) {
    for (const row of source.ranges(lookup.ecosystem, lookup.name)) {
      if (!isOfKind(row.affected, lookup) || seen.has(row.id)) continue
      seen.add(row.id)
      const group = groups.get(row.vulnerability)
      if (group === undefined) groups.set(row.vulnerability, { name: row.name, said: [{ row, version: lookup.version }] })
      else group.said.push({ row, version: lookup.version })
    }
  }
  const hits: Hit[] = []
  const conditional: { hit: Hit; needs: Needs }[][] = []
  let unreadable = 0
  for (const [check, { name, said }] of groups) {
    const outcome = bySource(software, said)
    if (outcome === 'unreadable') unreadable++
    else if (outcome !== null) {
      const ways = outcome.ways.map(({ row, needs }) => ({ hit: hitOf(check, name, software, row, said.find((one) => one.row === row)!.version), needs }))
      const free = ways.find((way) => way.needs === null)
      if (free === undefined) conditional.push(ways as { hit: Hit; needs: Needs }[])
      else hits.push(free.hit)
    }
  }
  return { hits, conditional, unreadable }
}

/** The first source that says something that can be understood decides. */
function bySource(software: Software, said: Group['said']): Extract<ReturnType<typeof verdictOf>, { says: 'affected' }> | 'unreadable' | null {
  const ranked = said.length === 1 ? [said] : [...Map.groupBy(said, ({ row }) => row.source)].sort(([a], [b]) => rankOf(software, a) - rankOf(software, b) || (a < b ? -1 : 1)).map(([, rows]) => rows)
  let unreadable = false
  for (const rows of ranked) {
    // Statements of one source about binary and source packages may lie side by side, each with its own version to compare.
    for (const ofVersion of rows.length === 1 ? [rows] : Map.groupBy(rows, ({ version }) => version).values()) {
      const verdict = verdictOf(software, ofVersion[0]!.version, ofVersion.map(({ row }) => row))
      if (verdict === null) continue
      if (verdict.says === 'affected') return verdict
      if (verdict.says === 'clear') return null
      unreadable = true
    }
  }
  return unreadable ? 'unreadable' : null
}

function rankOf(software: Software, source: StoredAffected['source']): number {
  return decidingRank(software.ecosystem, source)
}

function isOfKind(affected: Affected, lookup: Lookup): boolean {
  return lookup.of === null || affected.of === lookup.of
}

function hitOf(check: number, vulnerability: string, software: Software, { source, affected }: StoredAffected, version: string): Hit {
  const ends = affected.intervals.map((one) => one.before).filter((one) => one !== undefined)
  return {
    check, vulnerability, software, by: { source, key: affected.key, affected },
    type: software.ecosystem === 'cpe' || software.ecosystem === 'retire.js' ? 'potential' : 'confirmed',
    fixedIn: affected.status === 'unfixed' ? null : lowestFix(affected.scheme, version, [...affected.fixed, ...ends]),
  }
}
