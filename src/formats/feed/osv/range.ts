import type { Interval, VersionScheme } from '#core/knowledge/affected.ts'
import { orderOf } from '#core/version/scheme.ts'
import { fieldsOf, listOf, wordOf } from '../value/json-value.ts'

type Event = Readonly<{ kind: 'introduced' | 'fixed' | 'last' | 'limit'; version: string }>

const mostEvents = 2000
const mostVersions = 5000

/** What the ranges of one package say: stretches, versions that hold a fix, and what cannot be used (`git-range`, `bad-range`). */
export type Ranges = Readonly<{ intervals: readonly Interval[]; fixed: readonly string[]; lost: readonly string[] }>

/** Ranges of OSV. Events come in any order; they mean what they mean in the order of their versions. */
export function rangesOf(ranges: unknown, scheme: VersionScheme): Ranges {
  const intervals: Interval[] = []
  const fixed = new Set<string>()
  const lost = new Set<string>()
  for (const value of listOf(ranges, 500)) {
    const range = fieldsOf(value)
    if (range['type'] === 'GIT') {
      lost.add('git-range')
      continue
    }
    if (range['type'] !== 'SEMVER' && range['type'] !== 'ECOSYSTEM') {
      lost.add('range-type')
      continue
    }
    const events = readEvents(range['events'])
    if (events === null || !events.some((one) => one.kind === 'introduced')) {
      lost.add('bad-range')
      continue
    }
    intervals.push(...stretches(inOrder(events, scheme)))
    for (const { kind, version } of events) if (kind === 'fixed') fixed.add(version)
  }
  return { intervals, fixed: [...fixed].slice(0, 50), lost: [...lost] }
}

function readEvents(value: unknown): Event[] | null {
  const events: Event[] = []
  for (const one of listOf(value, mostEvents)) {
    const { introduced, fixed, last_affected: last, limit } = fieldsOf(one)
    const [kind, text] = introduced !== undefined ? (['introduced', introduced] as const) : fixed !== undefined ? (['fixed', fixed] as const)
      : last !== undefined ? (['last', last] as const) : (['limit', limit] as const)
    const version = wordOf(text, 200)
    if (version === undefined) return null
    if (kind !== 'limit' || version !== '*') events.push({ kind, version })
  }
  return events
}

/** By version; as listed where a version cannot be read, which upstream writes in order as well. */
function inOrder(events: Event[], scheme: VersionScheme): readonly Event[] {
  if (events.length < 2 || (events.length === 2 && events[0]!.kind === 'introduced')) return events
  const { read, compare } = orderOf(scheme)
  const read0 = events.map((event) => ({ event, version: event.version === '0' && event.kind === 'introduced' ? null : read(event.version) }))
  if (read0.some(({ event, version }) => version === null && !(event.version === '0' && event.kind === 'introduced'))) return events
  // A fix where the next stretch begins closes the one before it.
  const rank = (event: Event): number => (event.kind === 'introduced' ? 1 : 0)
  return read0.toSorted((a, b) => {
    if (a.version === null || b.version === null) return a.version === b.version ? 0 : a.version === null ? -1 : 1
    const order = compare(a.version, b.version)
    if (order !== 0) return order
    return a.event.kind === 'last' ? 1 : b.event.kind === 'last' ? -1 : rank(a.event) - rank(b.event)
  }).map(({ event }) => event)
}

function stretches(events: readonly Event[]): readonly Interval[] {
  const found: Interval[] = []
  let open: Interval | null = null
  for (const { kind, version } of events) {
    if (kind === 'introduced') open ??= version === '0' ? {} : { from: version }
    else if (open !== null) {
      found.push(kind === 'last' ? { ...open, upTo: version } : { ...open, before: version })
      open = null
    }
  }
  if (open !== null) found.push(open)
  return found
}

/** Listed versions that no stretch covers: the rest would be said twice. */
export function outside(versions: readonly string[], intervals: readonly Interval[], scheme: VersionScheme): readonly string[] {
  const listed = versions.slice(0, mostVersions)
  if (listed.length === 0 || intervals.length === 0) return listed
  const { read, compare } = orderOf(scheme)
  const bound = (text: string | undefined): unknown => (text === undefined ? undefined : read(text))
  const ends = intervals.map((one) => ({ one, from: bound(one.from), before: bound(one.before), upTo: bound(one.upTo) }))
  return listed.filter((text) => {
    const version = read(text)
    if (version === null) return true
    return !ends.some(({ one, from, before, upTo }) => {
      if (from === null || before === null || upTo === null) return false
      if (from !== undefined && (compare(version, from) < 0 || (one.fromExclusive === true && compare(version, from) === 0))) return false
      return (before === undefined || compare(version, before) < 0) && (upTo === undefined || compare(version, upTo) <= 0)
    })
  })
}
