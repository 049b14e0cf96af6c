/**
 * LZMA2 (the only filter of xz that files of data have): chunks of at most 2 MB, each packed by LZMA or stored. Here is what one chunk unpacks to; the frame around
 * it is xz.ts. What is wrong is thrown as an error that says it.
 */
export type Lzma2 = Readonly<{
  /** A chunk by its control byte: what follows the sizes, and how much it unpacks to. What it gives is valid until the next call. */
  chunk(control: number, properties: number, packed: Uint8Array, size: number): Uint8Array
}>

const mostChunk = 2 * 1024 * 1024
const states = 12
const positionStates = 16
const half = 1024

export function lzma2(dictionary: number): Lzma2 {
  // What may be referred to lies before what is written; it is moved down when the room ends.
  const text = new Uint8Array(dictionary + 2 * mostChunk)
  let at = 0
  let begun = 0
  let needsDictionary = true
  let needsProperties = true
  let [lc, lp, pb] = [0, 0, 0]
  let [state, rep0, rep1, rep2, rep3] = [0, 0, 0, 0, 0]
  const match = probabilities(states * positionStates)
  const rep = probabilities(states)
  const repG0 = probabilities(states)
  const repG1 = probabilities(states)
  const repG2 = probabilities(states)
  const rep0Long = probabilities(states * positionStates)
  const slots = Array.from({ length: 4 }, () => probabilities(64))
  const special = probabilities(128)
  const aligned = probabilities(16)
  const lengths = [lengthCoder(), lengthCoder()] as const
  let literals = probabilities(0x300)

  const resetState = (): void => {
    state = rep0 = rep1 = rep2 = rep3 = 0
    for (const one of [match, rep, repG0, repG1, repG2, rep0Long, special, aligned, ...slots, ...lengths.flatMap((coder) => [coder.choice, coder.high, ...coder.low, ...coder.middle])]) one.fill(half)
    literals = probabilities(0x300 << (lc + lp))
  }

  const unpack = (packed: Uint8Array, size: number): void => {
    const coder = rangeCoder(packed)
    const { bit, tree, reverse, direct } = coder
    const end = at + size
    const mask = (1 << pb) - 1
    const lengthOf = (which: 0 | 1, position: number): number => {
      const { choice, low, middle, high } = lengths[which]
      if (bit(choice, 0) === 0) return 2 + tree(low[position]!, 3)
      return bit(choice, 1) === 0 ? 10 + tree(middle[position]!, 3) : 18 + tree(high, 8)
    }
    while (at < end) {
      const position = (at - begun) & mask
      if (bit(match, state * positionStates + position) === 0) {
        const before = at > begun ? text[at - 1]! : 0
        const from = 0x300 * ((((at - begun) & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)))
        let symbol = 1
        if (state >= 7) {
          let matched = text[at - rep0 - 1]!
          let offset = 0x100
          while (symbol < 0x100) {
            matched <<= 1
            const wanted = matched & offset
            const got = bit(literals, from + offset + wanted + symbol)
            symbol = (symbol << 1) | got
            offset &= got === 1 ? wanted : ~wanted
          }
        } else while (symbol < 0x100) symbol = (symbol << 1) | bit(literals, from + symbol)
        text[at++] = symbol & 0xff
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
        continue
      }
      let length: number
      if (bit(rep, state) === 0) {
        rep3 = rep2
        rep2 = rep1
        rep1 = rep0
        length = lengthOf(0, position)
        state = state < 7 ? 7 : 10
        const slot = tree(slots[Math.min(length - 2, 3)]!, 6)
        if (slot < 4) rep0 = slot
        else {
          const bits = (slot >> 1) - 1
          const base = ((2 | (slot & 1)) << bits) >>> 0
          rep0 = slot < 14 ? base + reverse(special, base - slot, bits) : base + direct(bits - 4) * 16 + reverse(aligned, 0, 4)
          // In LZMA2 nothing but its size ends a chunk.
          if (rep0 === 0xffffffff) throw new Error('an end within a chunk')
        }
      } else {
        if (at === begun) throw new Error('a repeat of nothing')
        if (bit(repG0, state) === 0) {
          if (bit(rep0Long, state * positionStates + position) === 0) {
            if (rep0 >= at - begun || rep0 >= dictionary) throw new Error('it refers to what was never there')
            text[at] = text[at - rep0 - 1]!
            at++
            state = state < 7 ? 9 : 11
            continue
          }
        } else {
          let distance: number
          if (bit(repG1, state) === 0) distance = rep1
          else {
            if (bit(repG2, state) === 0) distance = rep2
            else {
              distance = rep3
              rep3 = rep2
            }
            rep2 = rep1
          }
          rep1 = rep0
          rep0 = distance
        }
        length = lengthOf(1, position)
        state = state < 7 ? 8 : 11
      }
      if (rep0 >= at - begun || rep0 >= dictionary) throw new Error('it refers to what was never there')
      if (length > end - at) throw new Error('it is longer than its size')
      for (let from = at - rep0 - 1; length > 0; length--) text[at++] = text[from++]!
    }
    if (!coder.isDone()) throw new Error('it holds more than its size')
  }

  return {
    chunk(control, properties, packed, size) {
      if (at + size > text.length) {
        const kept = Math.min(at - begun, dictionary)
        // Positions count by 16 at most: what is kept begins where they are the same.
        const from = at - kept - ((at - kept - begun) % 16 === 0 ? 0 : (at - kept - begun) % 16)
        text.copyWithin(0, from, at)
        at -= from
        begun = 0
      }
      if (control === 1 || control >= 0xe0) {
        begun = at
        needsDictionary = false
      } else if (needsDictionary) throw new Error('a chunk before there is a dictionary')
      const start = at
      if (control < 0x80) {
        text.set(packed, at)
        at += packed.length
        return text.subarray(start, at)
      }
      if (control >= 0xc0) {
        if (properties >= 225) throw new Error('properties that are none')
        lc = properties % 9
        lp = Math.floor(properties / 9) % 5
        pb = Math.floor(properties / 45)
        if (lc + lp > 4) throw new Error('properties that are none')
        needsProperties = false
      } else if (needsProperties) throw new Error('a chunk before there are properties')
      if (control >= 0xa0) resetState()
      unpack(packed, size)
      return text.subarray(start, at)
    },
  }
}

function probabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(half)
}

function lengthCoder(): Readonly<{ choice: Uint16Array; low: readonly Uint16Array[]; middle: readonly Uint16Array[]; high: Uint16Array }> {
  const each = (): Uint16Array[] => Array.from({ length: positionStates }, () => probabilities(8))
  return { choice: probabilities(2), low: each(), middle: each(), high: probabilities(256) }
}

type RangeCoder = Readonly<{
  bit(of: Uint16Array, index: number): 0 | 1
  tree(of: Uint16Array, bits: number): number
  reverse(of: Uint16Array, from: number, bits: number): number
  direct(bits: number): number
  isDone(): boolean
}>

function rangeCoder(packed: Uint8Array): RangeCoder {
  if (packed.length < 5 || packed[0] !== 0) throw new Error('a chunk that does not begin as one')
  let range = 0xffffffff
  let code = ((packed[1]! << 24) | (packed[2]! << 16) | (packed[3]! << 8) | packed[4]!) >>> 0
  let at = 5
  const bit = (of: Uint16Array, index: number): 0 | 1 => {
    if (range < 0x1000000) {
      if (at >= packed.length) throw new Error('it ends before its size')
      range = (range << 8) >>> 0
      code = ((code << 8) | packed[at++]!) >>> 0
    }
    const probability = of[index]!
    const bound = (range >>> 11) * probability
    if (code < bound) {
      range = bound
      of[index] = probability + ((2048 - probability) >> 5)
      return 0
    }
    range -= bound
    code -= bound
    of[index] = probability - (probability >> 5)
    return 1
  }
  return {
    bit,
    tree(of, bits) {
      let symbol = 1
      for (let left = bits; left > 0; left--) symbol = (symbol << 1) | bit(of, symbol)
      return symbol - (1 << bits)
    },
    reverse(of, from, bits) {
      let symbol = 1
      let value = 0
      for (let index = 0; index < bits; index++) {
        const got = bit(of, from + symbol)
        symbol = (symbol << 1) | got
        value |= got << index
      }
      return value
    },
    direct(bits) {
      let value = 0
      for (let left = bits; left > 0; left--) {
        if (range < 0x1000000) {
          if (at >= packed.length) throw new Error('it ends before its size')
          range = (range << 8) >>> 0
          code = ((code << 8) | packed[at++]!) >>> 0
        }
        range >>>= 1
        const got = code >= range ? 1 : 0
        if (got === 1) code -= range
        value = value * 2 + got
      }
      return value
    },
    isDone() {
      if (range < 0x1000000 && at < packed.length) {
        range = (range << 8) >>> 0
        code = ((code << 8) | packed[at++]!) >>> 0
      }
      return at === packed.length && code === 0
    },
  }
}
