import { compareVersions, parseVersion, type Version } from './generic.ts'

/** Alternatives of bounds that must all hold. */
export type VersionRange = readonly (readonly Bound[])[]
type Bound = Readonly<{ operator: '<' | '<=' | '>' | '>=' | '='; version: Version }>

/** Parses `>=2.4.0 <2.4.52 || <2.2.34`; a bare version means equality. Null when it is not a range. */
export function parseVersionRange(text: string): VersionRange | null {
  if (text.length > 1024) return null
  const range: (readonly Bound[])[] = []
  for (const alternative of text.split('||')) {
    const bounds: Bound[] = []
    for (const part of alternative.trim().split(/\s+/)) {
      const [, operator, version] = /^(<=|>=|<|>|=)?(.+)$/.exec(part) ?? []
      const parsed = version === undefined || !/^[vV]?\d[\w.+~-]*$/.test(version) ? null : parseVersion(version)
      if (parsed === null) return null
      bounds.push({ operator: (operator ?? '=') as Bound['operator'], version: parsed })
    }
    range.push(bounds)
  }
  return range
}

/**
 * Whether the version surely lies in the range. A banner may be cut short (`Apache/2.4`): then it stands for all of 2.4.x, and
 * only a range that holds them all matches.
 */
export function inVersionRange(range: VersionRange, version: Version): boolean {
  return range.some((bounds) => bounds.every((bound) => holds(bound, version) && holds(bound, highest(version, bound.version))))
}

function holds(bound: Bound, version: Version): boolean {
  const order = compareVersions(version, bound.version)
  if (bound.operator === '<') return order < 0
  if (bound.operator === '<=') return order <= 0
  if (bound.operator === '>') return order > 0
  if (bound.operator === '>=') return order >= 0
  return order === 0
}

function highest(version: Version, beside: Version): Version {
  if (version.tail.length > 0 || version.release.length >= beside.release.length) return version
  return { ...version, release: [...version.release, Number.MAX_SAFE_INTEGER] }
}
