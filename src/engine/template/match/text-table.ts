import { eitherCase } from '#core/template/pattern/demand-texts.ts'
import { usual } from './usual.ts'

/** Texts by a few bytes of each, in flat arrays. */
export type TextTable = Readonly<{
  /** By so many bytes: the longer, the rarer. */
  eight: Hashed
  six: Hashed
  four: Hashed
  three: Hashed
  /** Where the texts of a row begin among them; one more than there are rows. */
  ends: Int32Array
  /** Four numbers for each text of a row: which it is; from the first of the bytes by which it is found here back to its first; where it begins and ends in `codes`. */
  entries: Int32Array
  /** All texts behind each other. */
  codes: Uint16Array
}>

/**
 * One bit for each hash that there is, few enough to stay in a near cache; for those that have it one of another hash, by which most of what is not there is told: of the bytes as they are where the text
 * says so (`exact`), of those in lower case else (`folded`); and how many rows there are before those of each 32 bits.
 */
export type Hashed = Readonly<{ mask: number; maskBehind: number; bits: Int32Array; exact: Int32Array; folded: Int32Array; rows: Int32Array; shift: number }>

/** A letter in lower case; other bytes as others, the same everywhere. */
export const lowering = 0x20202020

/** Of four bytes, the first lowest, and of those behind them. */
export function hashOf(first: number, behind: number): number {
  return Math.imul(first, 0x9e3779b1) + Math.imul(behind, 0x85ebca6b)
}

/** Another one of the same, in 16 bits. */
export function hashAgain(first: number, behind: number): number {
  return Math.imul(first ^ Math.imul(behind, 0x27d4eb2f), 0x2c1b3c6d) >>> 16
}

/**
 * How many bytes of a text of at least `from` are looked up, at each `stride`-th place of a body. A text of size + stride - 1 bytes has one of these places in it, whichever it is: it is put down for each.
 */
const ways = [
  { name: 'eight', from: 9, size: 8, stride: 2 },
  { name: 'six', from: 7, size: 6, stride: 2 },
  { name: 'four', from: 5, size: 4, stride: 2 },
  { name: 'three', from: 3, size: 3, stride: 1 },
] as const
type Way = (typeof ways)[number]
type Entry = Readonly<{ id: number; back: number; text: string }>

/** Texts of three bytes and more, as `Finder` takes them. */
export function buildTextTable(texts: readonly string[]): TextTable {
  const plain = texts.map(plainOf)
  const wayOf = texts.map((text) => ways.find(({ from }) => text.length >= from) ?? ways[3])
  // Bytes that many templates look for are on many pages.
  const times = new Map<string, number>()
  for (const [id, text] of plain.entries()) for (let at = 0; at + wayOf[id]!.size <= text.length; at++) times.set(text.slice(at, at + wayOf[id]!.size), (times.get(text.slice(at, at + wayOf[id]!.size)) ?? 0) + 1)
  const entries: Readonly<Record<Way['name'], Entry[]>> = { eight: [], six: [], four: [], three: [] }
  for (const [id, text] of plain.entries()) {
    const way = wayOf[id]!
    const best = bestOf(text, way, times)
    for (let back = best; back < best + way.stride; back++) entries[way.name].push({ id, back, text: texts[id]!.slice(back, back + way.size) })
  }
  const rows: Entry[][] = []
  const [eight, six, four, three] = ways.map(({ name, size }) => hashed(size, entries[name], rows)) as [Hashed, Hashed, Hashed, Hashed]
  const ends = new Int32Array(rows.length + 1)
  for (const [row, of] of rows.entries()) ends[row + 1] = ends[row]! + of.length
  const from = new Int32Array(texts.length + 1)
  for (const [id, text] of texts.entries()) from[id + 1] = from[id]! + text.length
  const all = rows.flat().flatMap(({ id, back }) => [id, back, from[id]!, from[id + 1]!])
  return { eight, six, four, three, ends, entries: Int32Array.from(all), codes: Uint16Array.from(texts.join(''), (letter) => letter.charCodeAt(0)) }
}

/** In which row of its table a hash is, if it has its bit. */
export function rowOf({ bits, rows }: Hashed, hash: number): number {
  return rows[hash >>> 5]! + bitsIn(bits[hash >>> 5]! & ((1 << (hash & 31)) - 1))
}

function bitsIn(number: number): number {
  const two = number - ((number >>> 1) & 0x55555555)
  const four = (two & 0x33333333) + ((two >>> 2) & 0x33333333)
  return Math.imul((four + (four >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Puts the entries down by their hash, and their rows behind those that there are. */
function hashed(size: number, entries: readonly Entry[], rows: Entry[][]): Hashed {
  // Some bits for each: what stays in the nearest cache is better than what is told at once.
  const width = Math.min(22, Math.max(16, Math.ceil(Math.log2(entries.length * 12 + 1))))
  const known = { mask: size === 3 ? 0xffffff : -1, maskBehind: size === 8 ? -1 : size === 6 ? 0xffff : 0, bits: new Int32Array(1 << (width - 5)), exact: new Int32Array(2048), folded: new Int32Array(2048), rows: new Int32Array(1 << (width - 5)), shift: 32 - width }
  const byHash = new Map<number, Entry[]>()
  for (const entry of entries) {
    const plain = plainOf(entry.text)
    const hash = hashOf(numberOf(plain, 0, 4), numberOf(plain, 4, 8)) >>> known.shift
    if (/[\u0100-\uffff]/.test(entry.text)) mark(known.folded, hashAgain(numberOf(plain, 0, 4), numberOf(plain, 4, 8)))
    else mark(known.exact, hashAgain(numberOf(entry.text, 0, 4), numberOf(entry.text, 4, 8)))
    mark(known.bits, hash)
    const row = byHash.get(hash)
    if (row === undefined) byHash.set(hash, [entry])
    else row.push(entry)
  }
  let before = rows.length
  for (const [at, bits] of known.bits.entries()) {
    known.rows[at] = before
    before += bitsIn(bits)
  }
  // The later in the text, the earlier the text begins: what stands first is found first.
  for (const [, row] of [...byHash].sort(([a], [b]) => a - b)) rows.push(row.sort((a, b) => b.back - a.back))
  return known
}

function mark(bits: Int32Array, hash: number): void {
  bits[hash >>> 5]! |= 1 << (hash & 31)
}

/** Where the rarest bytes of a text begin, of which each place is as rare as it can be. */
function bestOf(text: string, { size, stride }: Way, times: ReadonlyMap<string, number>): number {
  let best = 0
  let least = Infinity
  for (let at = 0; at + size + stride - 1 <= text.length; at++) {
    let cost = 0
    for (let place = at; place < at + stride; place++) {
      const bytes = text.slice(place, place + size)
      cost += costOf(bytes, times.get(bytes)!)
    }
    if (cost < least) [best, least] = [at, cost]
  }
  return best
}

/** In lower case as the pass sees it. */
function plainOf(text: string): string {
  return text.replace(/[^]/g, (letter) => String.fromCharCode((letter.charCodeAt(0) % eitherCase) | 0x20))
}

function numberOf(bytes: string, from: number, end: number): number {
  let number = 0
  for (let at = from; at < end && at < bytes.length; at++) number |= bytes.charCodeAt(at) << (8 * (at - from))
  return number
}

const usualPlain = plainOf(usual)
/** All that stands on a usual page of so many bytes. */
const usualBytes = new Set(ways.flatMap(({ size }) => Array.from({ length: usualPlain.length }, (_, at) => usualPlain.slice(at, at + size))))

/** How common bytes are in pages, roughly; the higher the commoner. */
const common = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  if (' etaoinsr'.includes(letter)) return 9
  if ('"=/<>-.\ncdlmpuh'.includes(letter)) return 6
  return /[a-z:;_0-9]/.test(letter) ? 4 : 2
})

function costOf(bytes: string, times: number): number {
  let cost = times * 40 + (usualBytes.has(bytes) ? 2000 : 0)
  for (let at = 0; at < bytes.length; at++) cost += common[bytes.charCodeAt(at)]!
  return cost
}
