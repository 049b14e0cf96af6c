import type { Interval } from '#core/knowledge/affected.ts'

/** Order of two versions, null when one of them is none. */
export type Compare = (a: string, b: string) => number | null

type Bound = Readonly<{ at: string; open: boolean }> | null
type Stretch = Readonly<{ low: Bound; high: Bound }>

/**
 * The stretches without the holes. Null when two versions cannot be compared: then nothing is known of the order.
 */
export function subtract(intervals: readonly Interval[], holes: readonly Interval[], compare: Compare): readonly Interval[] | null {
  let left: readonly Stretch[] = intervals.map(stretchOf)
  for (const hole of holes.map(stretchOf)) {
    const next: Stretch[] = []
    for (const one of left) {
      const parts = cut(one, hole, compare)
      if (parts === null) return null
      next.push(...parts)
    }
    left = next
  }
  return left.map(intervalOf)
}

/** Single versions apart from real stretches. */
export function splitPoints(intervals: readonly Interval[]): Readonly<{ intervals: readonly Interval[]; versions: readonly string[] }> {
  const versions: string[] = []
  const rest: Interval[] = []
  for (const one of intervals) {
    if (one.from !== undefined && one.from === one.upTo && one.fromExclusive !== true) versions.push(one.from)
    else rest.push(one)
  }
  return { intervals: rest, versions }
}

function cut(one: Stretch, hole: Stretch, compare: Compare): readonly Stretch[] | null {
  const parts: Stretch[] = []
  if (hole.low !== null) {
    const high = lower(one.high, { at: hole.low.at, open: !hole.low.open }, compare)
    if (high === undefined) return null
    parts.push({ low: one.low, high })
  }
  if (hole.high !== null) {
    const low = higher(one.low, { at: hole.high.at, open: !hole.high.open }, compare)
    if (low === undefined) return null
    parts.push({ low, high: one.high })
  }
  const kept: Stretch[] = []
  for (const part of parts) {
    if (part.low === null || part.high === null) kept.push(part)
    else {
      const order = compare(part.low.at, part.high.at)
      if (order === null) return null
      if (order < 0 || (order === 0 && !part.low.open && !part.high.open)) kept.push(part)
    }
  }
  return kept
}

/** The lower of two upper ends; undefined when they cannot be compared. */
function lower(one: Bound, other: NonNullable<Bound>, compare: Compare): Bound | undefined {
  if (one === null) return other
  const order = compare(one.at, other.at)
  if (order === null) return undefined
  return order < 0 || (order === 0 && one.open) ? one : other
}

function higher(one: Bound, other: NonNullable<Bound>, compare: Compare): Bound | undefined {
  if (one === null) return other
  const order = compare(one.at, other.at)
  if (order === null) return undefined
  return order > 0 || (order === 0 && one.open) ? one : other
}

function stretchOf({ from, fromExclusive, before, upTo }: Interval): Stretch {
  return {
    low: from === undefined ? null : { at: from, open: fromExclusive === true },
    high: before !== undefined ? { at: before, open: true } : upTo !== undefined ? { at: upTo, open: false } : null,
  }
}

function intervalOf({ low, high }: Stretch): Interval {
  return {
    ...(low === null ? {} : { from: low.at }), ...(low?.open === true ? { fromExclusive: true as const } : {}),
    ...(high === null ? {} : high.open ? { before: high.at } : { upTo: high.at }),
  }
}
