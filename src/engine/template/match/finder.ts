import { buildTextTable, hashAgain, hashOf, lowering, rowOf } from './text-table.ts'

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
  pairs(): Uint8Array
  /** Nothing beyond ASCII is in it. */
  isPlain: boolean
}>

/** Bytes of a text that can be sought: shorter ones stand nearly everywhere, and for longer ones there is no room in the table. And how many texts there may be. */
export const [shortestText, longestText, mostTexts] = [3, 4096, 65_535]

/** Finds which of many texts stand in a body, in one pass. */
export type Finder = Readonly<{ look(body: string): Look }>

const lower = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte))

/**
 * Texts of three bytes and more, each once; a letter with `eitherCase` on its code stands for both. Each is found by a few of its bytes, those that the fewest others have. A body is passed over by four bytes
 * at once: of a text that is long enough, some of these bytes stand at a place that is a multiple of four, so that only these places are looked up.
 */
export function buildFinder(texts: readonly string[]): Finder {
  const { eight, six, four, three, ends, entries, codes } = buildTextTable(texts)
  // Of each pass its own: the bit of a row is taken away when all of its texts are found.
  const [eightBits, sixBits, fourBits, threeBits] = [eight.bits.slice(), six.bits.slice(), four.bits.slice(), three.bits.slice()]
  const places = new Int32Array(texts.length).fill(-1)
  let last: readonly number[] = []
  let cleared: number[] = []
  const pairs = new Uint8Array(65_536)
  let buffer = bufferOf(65_536)
  let words = wordsOf(buffer)
  const tables = [eight, six, four, three]
  const bitsOf = [eightBits, sixBits, fourBits, threeBits]
  const candidates = new Int32Array((block / 4) * 10 + 1)

  /** Compares whole what has these bytes from a place on; true: all of it is found. */
  function compare(bytes: Uint8Array, size: number, row: number, at: number, found: number[]): boolean {
    let left = 0
    for (let index = ends[row]! * 4; index < ends[row + 1]! * 4; index += 4) {
      const id = entries[index]!
      if (places[id]! >= 0) continue
      const place = at - entries[index + 1]!
      if (stands(bytes, size, codes, entries[index + 2]!, entries[index + 3]!, place)) {
        places[id] = place
        found.push(id)
      } else left += 1
    }
    return left === 0
  }

  /** Looks again at what has the first bit of its hash. */
  function lookAt(bytes: Uint8Array, words: Int32Array, size: number, candidate: number, found: number[]): void {
    const by = tables[candidate & 3]!
    const bits = bitsOf[candidate & 3]!
    const at = candidate >>> 2
    const [first, behind] = [fourAt(words, at), fourAt(words, at + 4)]
    const [low, lowBehind] = [(first | lowering) & by.mask, (behind | lowering) & by.maskBehind]
    if (!has(by.folded, hashAgain(low, lowBehind)) && !has(by.exact, hashAgain(first & by.mask, behind & by.maskBehind))) return
    const hash = hashOf(low, lowBehind) >>> by.shift
    if (has(bits, hash) && compare(bytes, size, rowOf(by, hash), at, found)) {
      clear(bits, hash)
      cleared.push(candidate & 3, hash)
    }
  }

  /**
   * Part of the pass, apart from all else, so that V8 compiles it as a whole: writes down where a hash has its bit, the place times four and the number of the table, and says how many. Each is written and
   * only counted where it has: which have cannot be foretold, and a branch that is foretold wrongly takes longer.
   */
  function pass(words: Int32Array, from: number, to: number): number {
    const [shiftEight, shiftSix, shiftFour, shiftThree] = [eight.shift, six.shift, four.shift, three.shift]
    let count = 0
    let now = words[from >>> 2]! | lowering
    let behind = words[(from >>> 2) + 1]! | lowering
    for (let at = from; at < to; at += 4) {
      const later = words[(at >>> 2) + 2]! | lowering
      const half = (now >>> 16) | (behind << 16)
      const rest = (behind >>> 16) | (later << 16)
      const [own, middle] = [Math.imul(now, 0x9e3779b1), Math.imul(half, 0x9e3779b1)]
      const code = at << 2
      candidates[count] = code
      count += bitOf(eightBits, (own + Math.imul(behind, 0x85ebca6b)) >>> shiftEight)
      candidates[count] = code + 8
      count += bitOf(eightBits, (middle + Math.imul(rest, 0x85ebca6b)) >>> shiftEight)
      candidates[count] = code + 1
      count += bitOf(sixBits, (own + Math.imul(behind & 0xffff, 0x85ebca6b)) >>> shiftSix)
      candidates[count] = code + 9
      count += bitOf(sixBits, (middle + Math.imul(behind >>> 16, 0x85ebca6b)) >>> shiftSix)
      candidates[count] = code + 2
      count += bitOf(fourBits, own >>> shiftFour)
      candidates[count] = code + 10
      count += bitOf(fourBits, middle >>> shiftFour)
      candidates[count] = code + 3
      count += bitOf(threeBits, Math.imul(now & 0xffffff, 0x9e3779b1) >>> shiftThree)
      candidates[count] = code + 7
      count += bitOf(threeBits, Math.imul(now >>> 8, 0x9e3779b1) >>> shiftThree)
      candidates[count] = code + 11
      count += bitOf(threeBits, Math.imul(half & 0xffffff, 0x9e3779b1) >>> shiftThree)
      candidates[count] = code + 15
      count += bitOf(threeBits, Math.imul(half >>> 8, 0x9e3779b1) >>> shiftThree)
      now = behind
      behind = later
    }
    return count
  }

  function pairsOf(bytes: Uint8Array, size: number): Uint8Array {
    pairs.fill(0)
    let previous = 0
    for (let at = 0; at < size; at++) {
      const byte = bytes[at]!
      pairs[(previous << 8) | byte] = 1
      previous = byte
    }
    return pairs
  }

  /** Takes back what the last pass left. */
  function forget(): void {
    for (const id of last) places[id] = -1
    for (let at = 0; at < cleared.length; at += 2) bitsOf[cleared[at]!]![cleared[at + 1]! >>> 5]! |= 1 << (cleared[at + 1]! & 31)
    cleared = []
  }

  return {
    look(body) {
      forget()
      if (buffer.length < body.length + 16) {
        buffer = bufferOf(body.length * 2)
        words = wordsOf(buffer)
      }
      const bytes: Uint8Array = buffer
      const size = buffer.write(body, 0, 'latin1')
      bytes.fill(0, size, size + 16)
      const now = isLittle ? words : wordsOf(buffer.subarray(0, (size + 23) & ~7))
      const found: number[] = (last = [])
      for (let from = 0; from < size; from += block) {
        const count = pass(now, from, Math.min(size, from + block))
        for (let at = 0; at < count; at++) lookAt(bytes, now, size, candidates[at]!, found)
      }
      let known: Uint8Array | null = null
      return { body, bytes, size, found, places, pairs: () => (known ??= pairsOf(bytes, size)), isPlain: isPlain(now, size) }
    },
  }
}

/** Bytes that are passed over before what was found in them is looked at again. */
const block = 4096

function isPlain(words: Int32Array, size: number): boolean {
  let high = 0
  for (let at = 0; at * 4 < size; at++) high |= words[at]!
  return (high & 0x80808080) === 0
}

function bufferOf(size: number): Buffer {
  return Buffer.from(new ArrayBuffer((size + 23) & ~7))
}

const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Four bytes as one number, the first lowest. */
function wordsOf(buffer: Buffer): Int32Array {
  const { buffer: of, byteOffset, length } = isLittle ? buffer : Buffer.from(buffer).swap32()
  return new Int32Array(of, byteOffset, length >>> 2)
}

function bitOf(bits: Int32Array, hash: number): number {
  return (bits[hash >>> 5]! >>> (hash & 31)) & 1
}

function has(bits: Int32Array, hash: number): boolean {
  return ((bits[hash >>> 5]! >>> (hash & 31)) & 1) === 1
}

/** Four bytes from any place on. */
function fourAt(words: Int32Array, at: number): number {
  const shift = (at & 3) << 3
  return shift === 0 ? words[at >>> 2]! : (words[at >>> 2]! >>> shift) | (words[(at >>> 2) + 1]! << (32 - shift))
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
