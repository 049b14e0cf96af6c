import { encoded } from '../bytes.ts'
import type { ByteSet } from './node.ts'

export type Range = readonly [from: number, to: number]

const last = 0x10ffff

/** In order, none touching the next. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const out: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = out.at(-1)
    if (before !== undefined && from <= before[1] + 1) before[1] = Math.max(before[1], to)
    else out.push([from, to])
  }
  return out
}

export function inverted(ranges: readonly Range[]): readonly Range[] {
  const out: Range[] = []
  let next = 0
  for (const [from, to] of merged(ranges)) {
    if (from > next) out.push([next, from - 1])
    next = to + 1
  }
  if (next <= last) out.push([next, last])
  return out
}

/** Both cases of what is in it: of ASCII always, beyond it of ranges short enough to be letters that somebody named. */
export function folded(ranges: readonly Range[]): readonly Range[] {
  const out = [...ranges]
  for (const [from, to] of ranges) {
    for (const [low, high, shift] of [[0x41, 0x5a, 32], [0x61, 0x7a, -32]] as const) {
      const first = Math.max(from, low)
      const end = Math.min(to, high)
      if (first <= end) out.push([first + shift, end + shift])
    }
    if (to < 0x80 || to - from > 2000) continue
    for (let code = Math.max(from, 0x80); code <= to; code++) {
      for (const other of [String.fromCodePoint(code).toLowerCase(), String.fromCodePoint(code).toUpperCase()]) if ([...other].length === 1) out.push([other.codePointAt(0)!, other.codePointAt(0)!])
    }
  }
  return out
}

/** Code points as what their bytes may be. */
export function byteSet(ranges: readonly Range[]): ByteSet {
  const all = merged(ranges)
  const ascii = all.filter(([from]) => from < 0x80).map(([from, to]) => [from, Math.min(to, 0x7f)] as const)
  const beyond = all.filter(([, to]) => to >= 0x80).map(([from, to]) => [Math.max(from, 0x80), to] as const)
  const missing = inverted(ranges).reduce((sum, [from, to]) => sum + Math.max(0, to - Math.max(from, 0x80) + 1), 0)
  if (beyond.length > 0 && missing === 0) return { ascii, open: true, sequences: [] }
  return { ascii, open: false, sequences: beyond.flatMap(([from, to]) => sequences(from, to)) }
}

const lengths = [0x7f, 0x7ff, 0xffff, last]

/** A range of code points as rows of ranges of bytes. */
function sequences(from: number, to: number): (readonly Range[])[] {
  for (const end of lengths) if (from <= end && to > end) return [...sequences(from, end), ...sequences(end + 1, to)]
  const low = [...encoded(from)].map((byte) => byte.charCodeAt(0))
  const high = [...encoded(to)].map((byte) => byte.charCodeAt(0))
  for (let tail = 1; tail < low.length; tail++) {
    const mask = (1 << (6 * tail)) - 1
    if ((from & ~mask) === (to & ~mask)) continue
    if ((from & mask) !== 0) return [...sequences(from, from | mask), ...sequences((from | mask) + 1, to)]
    if ((to & mask) !== mask) return [...sequences(from, (to & ~mask) - 1), ...sequences(to & ~mask, to)]
  }
  return [low.map((byte, index) => [byte, high[index]!] as const)]
}
