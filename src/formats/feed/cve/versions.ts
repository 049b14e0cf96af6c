import type { Interval } from '#core/knowledge/affected.ts'
import { compare } from '#core/version/scheme.ts'
import type { Compare } from '../value/interval.ts'
import { splitPoints, subtract } from '../value/interval.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf } from '../value/json-value.ts'
import { isEvery, isSilent, plainVersion, spokenRange, wildcard } from '../value/spoken-version.ts'

export type Ranges = Readonly<{
  intervals: readonly Interval[]
  versions: readonly string[]
  fixed: readonly string[]
  /** Why some of what is said cannot be used: `git-range`, `version-text`, `version-order`. */
  lost: readonly string[]
  /** `nothing`: not one version is said to be affected; the default speaks, then. */
  says: 'versions' | 'nothing'
}>

type Part = Readonly<{ interval: Interval; status: string }>
const mostVersions = 20_000

/** Order for versions as CNAs write them. */
export const compareSpoken: Compare = (a, b) => compare('generic', a, b)

/**
 * `versions` of one product in a CVE record: ranges with a status each, changes of status within a range, and a default for the rest. What is affected is the
 * affected ranges without the unaffected ones; with `affected` as the default it is everything that is not named otherwise.
 */
export function rangesOf(product: Fields, order: Compare): Ranges {
  const parts: Part[] = []
  const lost = new Set<string>()
  const list = listOf(product['versions'], mostVersions)
  for (const value of list) {
    const found = readVersion(fieldsOf(value))
    if (typeof found === 'string') {
      if (found !== 'silent') lost.add(found)
    } else parts.push(...found)
  }
  const isDefault = product['defaultStatus'] === 'affected'
  const affected = parts.filter((part) => part.status === 'affected').map((part) => part.interval)
  const others = parts.filter((part) => part.status !== 'affected').map((part) => part.interval)
  const isKnown = parts.length > 0 && (isDefault || affected.length > 0)
  if (!isKnown) return { intervals: [], versions: [], fixed: [], lost: [...lost], says: 'nothing' }
  // Ranges that could not be read may have been exceptions from the default.
  const base: readonly Interval[] = isDefault && lost.size === 0 ? [{}] : affected
  let left: readonly Interval[] | null = base
  if (others.length > 0 && others.length * base.length <= 200_000) left = subtract(base, others, order)
  if (left === null) lost.add('version-order')
  const { intervals, versions } = splitPoints(left ?? (isDefault ? [] : affected))
  const fixed = new Set<string>()
  for (const { interval, status } of parts) if (status === 'unaffected' && interval.from !== undefined && interval.from !== interval.upTo) fixed.add(interval.from)
  for (const one of intervals) if (one.before !== undefined) fixed.add(one.before)
  const isNothing = intervals.length === 0 && versions.length === 0
  return { intervals, versions: [...new Set(versions)], fixed: [...fixed].slice(0, 50), lost: [...lost], says: isNothing ? 'nothing' : 'versions' }
}

/** One entry of `versions`, or why it cannot be used. */
function readVersion(entry: Fields): readonly Part[] | string {
  const status = entry['status']
  if (status !== 'affected' && status !== 'unaffected' && status !== 'unknown') return 'bad-version'
  if (entry['versionType'] === 'git') return 'git-range'
  const start = typeof entry['version'] === 'string' ? entry['version'].trim() : ''
  const less = typeof entry['lessThan'] === 'string' ? entry['lessThan'].trim() : null
  const upTo = typeof entry['lessThanOrEqual'] === 'string' ? entry['lessThanOrEqual'].trim() : null
  const changes = listOf(entry['changes'], 200).map(fieldsOf)
  if (less === null && upTo === null && changes.length === 0) return readSingle(start, status)
  const from = isSilent(start) || start === '0' || start === '*' || isEvery(start) ? null : (wildcard(start)?.from ?? lowerBound(start))
  if (from === undefined) return 'version-text'
  const end = less === null && upTo === null ? {} : endOf(less, upTo)
  if (changes.length > 0) return readChanges(from, end, status, changes)
  if (end === undefined) return 'version-text'
  return [{ interval: { ...(from === null ? {} : { from }), ...end }, status }]
}

function lowerBound(text: string): string | undefined {
  const plain = plainVersion(text)
  if (plain !== null) return plain
  // `>= 1.2` beside a `lessThan`.
  const spoken = spokenRange(text)
  return spoken?.length === 1 && spoken[0]!.before === undefined && spoken[0]!.upTo === undefined ? spoken[0]!.from : undefined
}

function endOf(less: string | null, upTo: string | null): Interval | undefined {
  const text = (less ?? upTo)!.replace(/^[<>=]+\s*/, '')
  if (text === '*' || /^all(?: versions?)?$/i.test(text) || (less === null && /^latest$/i.test(text))) return {}
  const wild = wildcard(text)
  // Before 5.10.* is before 5.10, up to 5.10.* is all of it.
  if (wild !== null) return { before: less === null ? wild.before : wild.from }
  const plain = plainVersion(text)
  return plain === null ? undefined : less === null ? { upTo: plain } : { before: plain }
}

function readSingle(text: string, status: string): readonly Part[] | string {
  if (isSilent(text)) return 'silent'
  const plain = plainVersion(text)
  if (plain !== null) return [{ interval: { from: plain, upTo: plain }, status }]
  const spoken = spokenRange(text)
  return spoken === null ? 'version-text' : spoken.map((interval) => ({ interval, status }))
}

function readChanges(from: string | null, end: Interval | undefined, status: string, changes: readonly Fields[]): readonly Part[] | string {
  const parts: Part[] = []
  let at = from
  let now = status
  for (const change of changes) {
    const next = typeof change['at'] === 'string' ? plainVersion(change['at']) : null
    const then = change['status']
    if (next === null || (then !== 'affected' && then !== 'unaffected' && then !== 'unknown')) return 'version-text'
    parts.push({ interval: { ...(at === null ? {} : { from: at }), before: next }, status: now })
    at = next
    now = then
  }
  // An end that cannot be read matters only to what is still affected there.
  if (end === undefined && now === 'affected') return 'version-text'
  parts.push({ interval: { ...(at === null ? {} : { from: at }), ...end }, status: now })
  return parts
}
