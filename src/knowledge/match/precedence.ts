import type { SourceName } from '#core/knowledge/record.ts'
import { ecosystemFamily, isDistribution } from '#core/version/ecosystem.ts'

/**
 * Who decides, first to last, whether a version is affected. The first source that speaks of the product and can be understood
 * decides alone; what comes after it is not heard for that vulnerability. A source that is not listed comes last.
 * docs/user/matching.md shows this table.
 */
export const deciders: Readonly<Record<string, readonly SourceName[]>> = {
  Debian: ['vigil', 'debian', 'csaf', 'osv', 'cve', 'vulnrichment'],
  Ubuntu: ['vigil', 'ubuntu', 'csaf', 'osv', 'cve', 'vulnrichment'],
  'Red Hat': ['vigil', 'redhat', 'csaf', 'osv', 'cve', 'vulnrichment'],
  Alpine: ['vigil', 'alpine', 'osv', 'cve', 'vulnrichment'],
  /** Every other distribution. */
  distribution: ['vigil', 'csaf', 'osv', 'redhat', 'debian', 'ubuntu', 'alpine', 'cve', 'vulnrichment'],
  'crates.io': ['vigil', 'rustsec', 'osv', 'ghsa', 'cve', 'vulnrichment'],
  Go: ['vigil', 'osv', 'ghsa', 'cve', 'vulnrichment'],
  npm: ['vigil', 'ghsa', 'osv', 'retirejs', 'cve', 'vulnrichment'],
  cpe: ['vigil', 'nvd-overrides', 'nvd', 'csaf', 'vulnrichment', 'cve'],
  'retire.js': ['vigil', 'retirejs'],
  /** Every other ecosystem of packages. */
  packages: ['vigil', 'ghsa', 'osv', 'cve', 'csaf', 'vulnrichment'],
}

/** Lower comes first. */
export function decidingRank(ecosystem: string, source: SourceName): number {
  const family = ecosystemFamily(ecosystem)
  const order = Object.hasOwn(deciders, family) ? deciders[family]! : deciders[isDistribution(ecosystem) ? 'distribution' : 'packages']!
  const place = order.indexOf(source)
  return place < 0 ? order.length : place
}
