import { orderOf } from '../version/scheme.ts'
import type { Version } from '../version/generic.ts'
import type { Affected, Interval, VersionScheme } from './affected.ts'

/** What `contains` looks at; a `Condition` has it too. */
type Ranges = Readonly<Pick<Affected, 'scheme' | 'intervals' | 'versions'>>

type Spoken = Ranges & Readonly<{ status?: Affected['status']; product?: Affected['product'] }>

/**
 * Whether the version is one that is spoken of: in an interval, or equal to a listed version. Null when that cannot be told,
 * because the version, or the bound that would decide, is no version of that scheme. No ranges at all: none for `affected`,
 * every version for any other status.
 */
export function contains(affected: Spoken, version: string): boolean | null {
  return compileRanges(affected)(version, orderOf(affected.scheme).read(version))
}

/** `contains` for a version that was read before, by the order of the same scheme; null when it is none. */
export type RangeTest = (text: string, version: unknown) => boolean | null

/** `contains` for many versions: bounds are read once. */
export function compileRanges(affected: Spoken): RangeTest {
  const { scheme, intervals, versions } = affected
  if (intervals.length === 0 && versions.length === 0) {
    const every = affected.status !== undefined && affected.status !== 'affected'
    return () => every
  }
  const within = intervals.map((interval) => intervalTest(scheme, interval, affected.product?.ecosystem === 'cpe'))
  if (versions.length > 0) return withVersions(scheme, versions, within)
  const only = within.length === 1 ? within[0]! : null
  if (only !== null) return (_, version) => (version === null ? null : only(version))
  return (_, version) => (version === null ? null : inAny(within, version))
}

function withVersions(scheme: VersionScheme, versions: readonly string[], within: readonly IntervalTest[]): RangeTest {
  const order = orderOf(scheme)
  const listed = new Set(versions)
  let equal: readonly unknown[] | null = null
  return (text, version) => {
    if (listed.has(text)) return true
    if (version === null) return null
    const inside = inAny(within, version)
    if (inside === true) return true
    equal ??= versions.map((one) => order.read(one)).filter((one) => one !== null)
    return equal.some((one) => order.compare(one, version) === 0) ? true : inside
  }
}

type IntervalTest = (version: unknown) => boolean | null

function inAny(within: readonly IntervalTest[], version: unknown): boolean | null {
  let unknown = false
  for (const test of within) {
    const inside = test(version)
    if (inside === true) return true
    if (inside === null) unknown = true
  }
  return unknown ? null : false
}

/**
 * `cut`: the version may be a banner's, cut short (`2.4` for any 2.4.x); then it is inside only when all that it may stand for
 * is.
 */
function intervalTest(scheme: VersionScheme, interval: Interval, cut: boolean): IntervalTest {
  const order = orderOf(scheme)
  const read = (text: string | undefined): unknown => (text === undefined ? undefined : order.read(text))
  const from = read(interval.from)
  const before = read(interval.before)
  const upTo = read(interval.upTo)
  if (from === null || before === null || upTo === null) return () => null
  // What nearly all ranges are: everything before the fix.
  if (from === undefined && upTo === undefined && before !== undefined && !cut) return (version) => order.compare(version, before) < 0
  const isIn = (version: unknown): boolean => {
    if (from !== undefined) {
      const above = order.compare(version, from)
      if (above < 0 || (above === 0 && interval.fromExclusive === true)) return false
    }
    if (before !== undefined && order.compare(version, before) >= 0) return false
    return upTo === undefined || order.compare(version, upTo) <= 0
  }
  if (!cut || scheme !== 'generic') return isIn
  const bounds = [from, before, upTo].filter((bound): bound is Version => bound !== undefined)
  return (version) => isIn(version) && bounds.every((bound) => isIn(highest(version as Version, bound)))
}

/** The newest version that one cut short may stand for, as far as the bound can tell them apart. */
function highest(version: Version, bound: Version): Version {
  if (version.tail.length > 0 || version.release.length >= bound.release.length) return version
  return { ...version, release: [...version.release, Number.MAX_SAFE_INTEGER] }
}

/** The lowest of the fixed versions that is newer than what is installed, or null. */
export function lowestFix(scheme: VersionScheme, installed: string, fixed: readonly string[]): string | null {
  const order = orderOf(scheme)
  const have = order.read(installed)
  let best: Readonly<{ text: string; version: unknown }> | null = null
  for (const text of fixed) {
    const version = order.read(text)
    if (version === null || (have !== null && order.compare(version, have) <= 0)) continue
    if (best === null || order.compare(version, best.version) < 0) best = { text, version }
  }
  return best?.text ?? null
}
