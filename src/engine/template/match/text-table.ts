import { eitherCase } from '#core/template/pattern/demand-texts.ts'

/** Texts by a few bytes of each, in flat arrays. */
export type TextTable = Readonly<{
  /** By eight bytes, by four and by three: the longer, the rarer. */
  eight: Hashed
  four: Hashed
  three: Hashed
  /** Where the texts of a row begin in `ids`; one more than there are rows. */
  ends: Int32Array
  ids: Int32Array
  /** From the last of the bytes by which a text is found back to its first byte. */
  back: Uint16Array
  /** All texts behind each other, and where each begins. */
  codes: Uint16Array
  from: Int32Array
}>

/**
 * One bit for each hash that there is, few enough to stay in the nearest cache; for those that have it one of another hash (`again`), by which most of what is not there is told; and the row of each hash.
 */
export type Hashed = Readonly<{ bits: Int32Array; again: Int32Array; rows: Uint16Array }>

const mostRows = 0xffff

/** Of the last four bytes and the four before them. */
export function hashOfEight(last: number, before: number): number {
  return (Math.imul(last, 0x9e3779b1) + Math.imul(before, 0x85ebca6b)) >>> 14
}

export function hashOfFour(last: number): number {
  return Math.imul(last, 0x9e3779b1) >>> 16
}

export function hashOfThree(last: number): number {
  return Math.imul(last & 0xffffff, 0x9e3779b1) >>> 18
}

/** The other hash, for any of the three. */
export function hashAgain(last: number, before: number): number {
  return Math.imul(last ^ Math.imul(before, 0x27d4eb2f), 0x2c1b3c6d) >>> 15
}

const sizes = [8, 4, 3] as const
/** Bits of the hashes: most texts are told by eight bytes. */
const bitsOf = { 8: 18, 4: 16, 3: 14 } as const
type Size = (typeof sizes)[number]

/** Texts of three bytes and more, as `Finder` takes them. */
export function buildTextTable(texts: readonly string[]): TextTable {
  const windows = texts.map(windowsOf)
  // Bytes that many templates look for are on many pages.
  const times = new Map<string, number>()
  for (const of of windows) for (const window of of) times.set(window, (times.get(window) ?? 0) + 1)
  const rows = { 8: new Map<number, number[]>(), 4: new Map<number, number[]>(), 3: new Map<number, number[]>() }
  const again = { 8: new Int32Array(4096), 4: new Int32Array(4096), 3: new Int32Array(4096) }
  const back = new Uint16Array(texts.length)
  for (const [id, of] of windows.entries()) {
    const costs = of.map((window) => costOf(window, times.get(window)!))
    const best = costs.indexOf(Math.min(...costs))
    const window = of[best]!
    back[id] = best + window.length - 1
    const size = window.length as Size
    const hash = hashOf(window)
    mark(again[size], againOf(window))
    const row = rows[size].get(hash)
    if (row === undefined) rows[size].set(hash, [id])
    else row.push(id)
  }
  const all = sizes.flatMap((size) => [...rows[size].values()])
  if (all.length > mostRows) throw new RangeError('more texts than a table takes')
  const ends = new Int32Array(all.length + 2)
  for (const [row, of] of all.entries()) ends[row + 2] = ends[row + 1]! + of.length
  const from = new Int32Array(texts.length + 1)
  for (const [id, text] of texts.entries()) from[id + 1] = from[id]! + text.length
  return {
    eight: hashed(8, again[8], rows[8].keys(), 1), four: hashed(4, again[4], rows[4].keys(), 1 + rows[8].size), three: hashed(3, again[3], rows[3].keys(), 1 + rows[8].size + rows[4].size),
    ends, ids: Int32Array.from(all.flat()), back, codes: Uint16Array.from(texts.join(''), (letter) => letter.charCodeAt(0)), from,
  }
}

function hashOf(window: string): number {
  const last = numberOf(window.slice(-4))
  return window.length === 8 ? hashOfEight(last, numberOf(window.slice(0, 4))) : window.length === 4 ? hashOfFour(last) : hashOfThree(last)
}

function againOf(window: string): number {
  return hashAgain(window.length === 3 ? numberOf(window) : numberOf(window.slice(-4)), window.length === 8 ? numberOf(window.slice(0, 4)) : 0)
}

function mark(bits: Int32Array, hash: number): void {
  bits[hash >>> 5]! |= 1 << (hash & 31)
}

function hashed(size: Size, again: Int32Array, hashes: Iterable<number>, firstRow: number): Hashed {
  const known = { again, bits: new Int32Array(1 << (bitsOf[size] - 5)), rows: new Uint16Array(1 << bitsOf[size]) }
  let row = firstRow
  for (const hash of hashes) {
    mark(known.bits, hash)
    known.rows[hash] = row++
  }
  return known
}

/** All runs of eight bytes in lower case, or of four, or of three where the text has no more. */
function windowsOf(text: string): readonly string[] {
  const plain = text.replace(/[^\0-@[-\xff]/g, (letter) => String.fromCharCode((letter.charCodeAt(0) % eitherCase) | 0x20))
  const size = sizes.find((one) => one <= text.length) ?? 3
  return Array.from({ length: text.length - size + 1 }, (_, at) => plain.slice(at, at + size))
}

function numberOf(bytes: string): number {
  let number = 0
  for (let at = 0; at < bytes.length; at++) number = (number << 8) | bytes.charCodeAt(at)
  return number
}

/** How common bytes are in pages, roughly; the higher the commoner. */
const common = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  if (' etaoinsr'.includes(letter)) return 9
  if ('"=/<>-.\ncdlmpuh'.includes(letter)) return 6
  return /[a-z:;_0-9]/.test(letter) ? 4 : 2
})

function costOf(window: string, times: number): number {
  let cost = times * 40
  for (let at = 0; at < window.length; at++) cost += common[window.charCodeAt(at)]!
  return cost
}
