import type { Software } from '#core/knowledge/affected.ts'
import { cycleOf, endOf, hasUpstreamCycle, isDistributionBuild, lastDays, systemOf, systemPackages, type Ended, type KnownLifecycle } from '#core/knowledge/lifecycle.ts'
import { nameKey } from '#core/knowledge/software-name.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import { subjectOf } from '#knowledge/match/names.ts'

export type EndedHit = Ended & Readonly<{ known: KnownLifecycle }>

/** What the life cycles of one release say. Days are `2026-11-24`, of UTC. */
export type Lifecycles = Readonly<{
  /**
   * Whether support of this version was over on a day. A distribution's build lives as long as the distribution: of its packages only the one that stands for the whole
   * release is judged, by the distribution's own life cycle. `said`: what the service told beyond the version.
   */
  ended(software: Software, said: string, day: string): EndedHit | null
  /** Whether any day makes an end of it. */
  mayEnd(software: Software): boolean
  /** Checks and name keys of life cycles of which something ended from one day on to before another. */
  endedBetween(from: string, to: string): Readonly<{ checks: ReadonlySet<number>; keys: ReadonlySet<string> }>
}>

export function lifecyclesOf(list: readonly KnownLifecycle[]): Lifecycles {
  const byKey = new Map(list.map((one) => [one.lifecycle.key, one]))
  const byProduct = new Map<string, KnownLifecycle>()
  for (const one of list) {
    for (const [ecosystem, name] of one.products) {
      if (isDistribution(ecosystem)) continue
      for (const lookup of subjectOf({ ecosystem, name }).lookups) byProduct.set(`${lookup.ecosystem} ${lookup.name}`, one)
    }
  }
  const find = (software: Software): Readonly<{ known: KnownLifecycle; version: string }> | null => {
    const system = systemOf(software)
    if (system !== null) {
      const known = byKey.get(system.key)
      return known === undefined ? null : { known, version: system.version }
    }
    if (isDistribution(software.ecosystem) || !hasUpstreamCycle(software)) return null
    for (const { ecosystem, name } of subjectOf(software).lookups) {
      const known = byProduct.get(`${ecosystem} ${name}`)
      if (known !== undefined) return { known, version: software.version }
    }
    return null
  }
  return {
    ended(software, said, day) {
      const found = find(software)
      if (found === null) return null
      if (!isDistribution(software.ecosystem) && (isDistributionBuild(software.version) || isDistributionBuild(said))) return null
      const cycle = cycleOf(found.version, found.known.lifecycle.cycles)
      const end = cycle === null ? null : endOf(cycle, day)
      return end === null ? null : { ...end, known: found.known }
    },
    mayEnd: (software) => find(software) !== null,
    endedBetween(from, to) {
      const due = list.filter(({ lifecycle }) => lifecycle.cycles.some((cycle) => lastDays(cycle).some((day) => day >= from && day < to)))
      return {
        checks: new Set(due.map((one) => one.check)),
        keys: new Set(due.flatMap(({ lifecycle, products }) => [...products.map(([, name]) => name), ...systemPackages(lifecycle.key)].map(nameKey))),
      }
    },
  }
}
