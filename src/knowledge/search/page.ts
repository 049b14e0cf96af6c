import { fail } from '#core/errors.ts'
import type { Columns } from './columns.ts'
import type { Found } from './evaluate.ts'

export const vulnerabilitySorts = ['relevance', '-published', '-modified', '-severity', '-score', '-epss', '-exploited', 'name', '-name'] as const
export type VulnerabilitySort = (typeof vulnerabilitySorts)[number]

/** Places of the rows of one page in their order, and where the next page begins; `null` when this is the last. */
export function pageOf(columns: Columns, found: Found, sort: VulnerabilitySort, after: string | null, limit: number): Readonly<{ places: readonly number[]; next: string | null }> {
  const key = keyOf(columns, found, sort)
  const start = after === null || after === '' ? null : readPosition(after, sort)
  // A heap of the best `limit + 1`, the worst of them on top.
  const heap: number[] = []
  const most = limit + 1
  const isWorse = (a: number, b: number): boolean => {
    const [left, right] = [key(a), key(b)]
    return left < right || (left === right && columns.id[a]! < columns.id[b]!)
  }
  const { mask } = found
  let floor = Number.NEGATIVE_INFINITY
  for (let place = 0; place < columns.count; place++) {
    if (mask[place] === 0) continue
    const value = key(place)
    if (value < floor) continue
    if (start !== null && (value > start.key || (value === start.key && columns.id[place]! >= start.id))) continue
    if (heap.length < most) {
      heap.push(place)
      rise(heap, isWorse)
      if (heap.length === most) floor = key(heap[0]!)
    } else if (isWorse(heap[0]!, place)) {
      heap[0] = place
      sink(heap, isWorse)
      floor = key(heap[0])
    }
  }
  const ordered = heap.sort((a, b) => (isWorse(a, b) ? 1 : -1))
  const places = ordered.slice(0, limit)
  const last = places.at(-1)
  return { places, next: ordered.length > limit && last !== undefined ? writePosition(sort, key(last), columns.id[last]!) : null }
}

/** Larger is earlier. */
function keyOf(columns: Columns, { tiers }: Found, sort: VulnerabilitySort): (place: number) => number {
  const { risk, published, modified, severity, score, epss, exploited, id } = columns
  switch (sort) {
    case '-published': return (place) => published[place]!
    case '-modified': return (place) => modified[place]!
    case '-severity': return (place) => severity[place]! * 2000 + risk[place]!
    case '-score': return (place) => (score[place] === 255 ? -1 : score[place]!)
    case '-epss': return (place) => (Number.isNaN(epss[place]!) ? -1 : epss[place]!)
    case '-exploited': return (place) => exploited[place]!
    case 'name': return (place) => -id[place]!
    case '-name': return (place) => id[place]!
    default: return tiers === null ? (place) => risk[place]! : (place) => tiers[place]! * 2000 + risk[place]!
  }
}

function writePosition(sort: string, key: number, id: number): string {
  return Buffer.from(JSON.stringify([`kb.${sort}`, key, id])).toString('base64url')
}

/** It comes back from outside. */
export function readPosition(after: string, sort: string): Readonly<{ key: number; id: number }> {
  let values: unknown
  try {
    values = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))
  } catch {
    return fail('page.cursor')
  }
  if (!Array.isArray(values) || values.length !== 3 || values[0] !== `kb.${sort}` || !Number.isFinite(values[1]) || !Number.isFinite(values[2])) return fail('page.cursor')
  return { key: values[1] as number, id: values[2] as number }
}

function rise(heap: number[], isWorse: (a: number, b: number) => boolean): void {
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >> 1
    if (!isWorse(heap[at]!, heap[parent]!)) return
    ;[heap[at], heap[parent]] = [heap[parent]!, heap[at]!]
    at = parent
  }
}

function sink(heap: number[], isWorse: (a: number, b: number) => boolean): void {
  for (let at = 0; ;) {
    const [left, right] = [at * 2 + 1, at * 2 + 2]
    let worst = at
    if (left < heap.length && isWorse(heap[left]!, heap[worst]!)) worst = left
    if (right < heap.length && isWorse(heap[right]!, heap[worst]!)) worst = right
    if (worst === at) return
    ;[heap[at], heap[worst]] = [heap[worst]!, heap[at]!]
    at = worst
  }
}
