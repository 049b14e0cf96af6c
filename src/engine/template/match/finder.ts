import { buildTextTable, hashAgain, hashOfEight, hashOfFour, hashOfThree } from './text-table.ts'

/** What one pass over a body found. Valid until the next pass of the same finder. */
export type Look = Readonly<{
  body: string
  /** The bytes of the body, and how many there are. */
  bytes: Uint8Array
  size: number
  /** Texts that stand in it, in the order in which they were found. */
  found: readonly number[]
  /** Where each text stands first; below zero: it does not. */
  places: Int32Array
  /** One for each pair of adjacent bytes that is in it (first · 256 + second). */
  pairs: Uint8Array
  /** Nothing beyond ASCII is in it. */
  isPlain: boolean
}>

/** Bytes of a text that can be sought: shorter ones stand nearly everywhere, and for longer ones there is no room in the table. And how many texts there may be. */
export const [shortestText, longestText, mostTexts] = [3, 4096, 65_535]

/** Finds which of many texts stand in a body, in one pass. */
export type Finder = Readonly<{ look(body: string): Look }>

const lower = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte))

/**
 * Texts of three bytes and more, each once; a letter with `eitherCase` on its code stands for both. Each is found by four of its bytes, those that the fewest others have: a rolling number of the last
 * four is looked up for each byte of the body, and what has it is compared whole.
 */
export function buildFinder(texts: readonly string[]): Finder {
  const { eight, four, three, ends, ids, back, codes, from } = buildTextTable(texts)
  // Of each pass its own: the bit of a row is taken away when all of its texts are found.
  const [eightBits, fourBits, threeBits] = [eight.bits.slice(), four.bits.slice(), three.bits.slice()]
  const places = new Int32Array(texts.length)
  const pairs = new Uint8Array(65_536)
  let buffer = Buffer.allocUnsafe(65_536)

  /** Compares whole what has these bytes at its rarest place; true: all of it is found. */
  function compare(bytes: Uint8Array, size: number, row: number, at: number, found: number[]): boolean {
    let left = 0
    for (let index = ends[row]!; index < ends[row + 1]!; index++) {
      const id = ids[index]!
      if (places[id]! >= 0) continue
      const place = at - back[id]!
      if (stands(bytes, size, codes, from[id]!, from[id + 1]!, place)) {
        places[id] = place
        found.push(id)
      } else left += 1
    }
    return left === 0
  }

  /** The pass itself, apart from what is made for it and of it, so that V8 compiles it as a whole. Says which bits its bytes have. */
  function pass(bytes: Uint8Array, size: number, found: number[]): number {
    let previous = 0
    let last = 0
    let before = 0
    let high = 0
    for (let at = 0; at < size; at++) {
      const byte = bytes[at]!
      high |= byte
      pairs[(previous << 8) | byte] = 1
      previous = byte
      before = (before << 8) | (last >>> 24)
      last = (last << 8) | lower[byte]!
      const long = hashOfEight(last, before)
      if (has(eightBits, long) && has(eight.again, hashAgain(last, before)) && compare(bytes, size, eight.rows[long]!, at, found)) clear(eightBits, long)
      const middle = hashOfFour(last)
      if (has(fourBits, middle) && has(four.again, hashAgain(last, 0)) && compare(bytes, size, four.rows[middle]!, at, found)) clear(fourBits, middle)
      const short = hashOfThree(last)
      if (has(threeBits, short) && has(three.again, hashAgain(last & 0xffffff, 0)) && compare(bytes, size, three.rows[short]!, at, found)) clear(threeBits, short)
    }
    return high
  }

  function look(body: string): Look {
    if (buffer.length < body.length) buffer = Buffer.allocUnsafe(body.length * 2)
    const bytes: Uint8Array = buffer
    const size = buffer.write(body, 0, 'latin1')
    const found: number[] = []
    places.fill(-1)
    pairs.fill(0)
    eightBits.set(eight.bits)
    fourBits.set(four.bits)
    threeBits.set(three.bits)
    const high = pass(bytes, size, found)
    return { body, bytes, size, found, places, pairs, isPlain: high < 0x80 }
  }

  return { look }
}

function has(bits: Int32Array, hash: number): boolean {
  return ((bits[hash >>> 5]! >>> (hash & 31)) & 1) === 1
}

function clear(bits: Int32Array, hash: number): void {
  bits[hash >>> 5]! &= ~(1 << (hash & 31))
}

function stands(bytes: Uint8Array, size: number, codes: Uint16Array, from: number, end: number, place: number): boolean {
  if (place < 0 || place + end - from > size) return false
  for (let at = from, next = place; at < end; at++, next++) {
    const code = codes[at]!
    if (code < 256 ? bytes[next] !== code : lower[bytes[next]!] !== code - 256) return false
  }
  return true
}
