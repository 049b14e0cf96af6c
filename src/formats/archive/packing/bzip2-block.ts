/** Where a stream of bits is: the most significant bit of a byte comes first. Reading past the end gives zeros, and shows in `past`. */
export type Bits = Readonly<{ take(count: number): number; /** Bits taken so far. */ taken(): number; past(): boolean }>

export function bitsOf(bytes: Uint8Array, skip: number): Bits {
  let at = 0
  let held = 0
  let count = 0
  const take = (wanted: number): number => {
    // 24 bits at a time: a byte more always fits beside what is held.
    if (wanted > 24) return take(wanted - 16) * 65_536 + take(16)
    while (count < wanted) {
      held = ((held << 8) | (at < bytes.length ? bytes[at]! : 0)) >>> 0
      at++
      count += 8
    }
    count -= wanted
    const value = (held >>> count) & ((1 << wanted) - 1)
    held &= (1 << count) - 1
    return value
  }
  take(skip)
  return { take, taken: () => at * 8 - count, past: () => at > bytes.length }
}

const mostLength = 20
const perGroup = 50
const mostSelectors = 18_002

/** One Huffman code, canonical: the largest code of each length, where its symbols begin, and the symbols in order. */
type Code = Readonly<{ shortest: number; limit: Int32Array; base: Int32Array; symbols: Uint16Array }>

/**
 * The block that follows its 48 bits of mark: its text, before runs are written out, as numbers to walk (`next`), and where to begin. Throws a string that says
 * what is wrong.
 */
export function readBlock(bits: Bits, most: number): Readonly<{ crc: number; next: Uint32Array; length: number; start: number }> {
  const crc = bits.take(32)
  if (bits.take(1) !== 0) throw new Error('it is of the randomised form, which no packer has written since 1998')
  const origin = bits.take(24)
  const used = usedBytes(bits)
  const symbols = used.length + 2
  const groups = bits.take(3)
  if (groups < 2 || groups > 6) throw new Error(`${groups} tables`)
  const selectors = readSelectors(bits, groups)
  const codes = Array.from({ length: groups }, () => readCode(bits, symbols))
  const next = new Uint32Array(most)
  const counts = new Uint32Array(256)
  const length = readSymbols(bits, { next, counts, used, selectors, codes, end: symbols - 1, most })
  if (origin >= length) throw new Error('its beginning lies outside of it')
  // The inverse of Burrows and Wheeler: the byte in the low 8 bits, the place of what follows it above.
  let sum = 0
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte]!
    counts[byte] = sum
    sum += count
  }
  for (let index = 0; index < length; index++) {
    const place = counts[next[index]! & 0xff]!++
    next[place] = (next[place]! | (index << 8)) >>> 0
  }
  return { crc, next, length, start: next[origin]! >>> 8 }
}

function usedBytes(bits: Bits): Uint8Array {
  const found: number[] = []
  const rows = bits.take(16)
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >>> row)) === 0) continue
    const columns = bits.take(16)
    for (let column = 0; column < 16; column++) if ((columns & (0x8000 >>> column)) !== 0) found.push(row * 16 + column)
  }
  if (found.length === 0) throw new Error('it uses no bytes')
  return Uint8Array.from(found)
}

function readSelectors(bits: Bits, groups: number): Uint8Array {
  const count = bits.take(15)
  if (count === 0) throw new Error('it selects no tables')
  const order = Array.from({ length: groups }, (_, index) => index)
  const selectors = new Uint8Array(Math.min(count, mostSelectors))
  for (let index = 0; index < count; index++) {
    let back = 0
    while (bits.take(1) === 1) if (++back >= groups) throw new Error('it selects a table that is not there')
    const [one] = order.splice(back, 1) as [number]
    order.unshift(one)
    // Some packers write more than can be needed.
    if (index < mostSelectors) selectors[index] = one
  }
  return selectors
}

function readCode(bits: Bits, symbols: number): Code {
  const lengths = new Uint8Array(symbols)
  let length = bits.take(5)
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > mostLength) throw new Error(`a code of ${length} bits`)
      if (bits.take(1) === 0) break
      length += bits.take(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  const sorted = Uint16Array.from([...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b))
  const limit = new Int32Array(mostLength + 2).fill(-1)
  const base = new Int32Array(mostLength + 2)
  let code = 0
  let place = 0
  const shortest = lengths[sorted[0]!]!
  for (let size = shortest; size <= mostLength; size++) {
    base[size] = place - code
    const from = place
    while (place < symbols && lengths[sorted[place]!] === size) place++
    code += place - from
    if (code > 1 << size) throw new Error('a table with more codes than there are')
    limit[size] = code - 1
    code <<= 1
  }
  return { shortest, limit, base, symbols: sorted }
}

type Reading = Readonly<{ next: Uint32Array; counts: Uint32Array; used: Uint8Array; selectors: Uint8Array; codes: readonly Code[]; end: number; most: number }>

function readSymbols(bits: Bits, { next, counts, used, selectors, codes, end, most }: Reading): number {
  const front = Uint8Array.from(used)
  let [length, group, left, run, weight] = [0, -1, 0, 0, 1]
  let code: Code = codes[0]!
  for (;;) {
    if (left === 0) {
      if (++group >= selectors.length) throw new Error('it has no table for its end')
      code = codes[selectors[group]!]!
      left = perGroup
    }
    left--
    let size = code.shortest
    let value = bits.take(size)
    while (value > code.limit[size]!) {
      if (++size > mostLength) throw new Error('a code that no table has')
      value = (value << 1) | bits.take(1)
    }
    const symbol = code.symbols[value + code.base[size]!]
    if (symbol === undefined) throw new Error('a code that no table has')
    if (symbol <= 1) {
      run += weight << symbol
      weight <<= 1
      if (run > most) throw new Error('a run longer than a block')
      continue
    }
    if (run > 0) {
      if (length + run > most) throw new Error('it is longer than its size')
      next.fill(front[0]!, length, length + run)
      counts[front[0]!]! += run
      length += run
      run = 0
      weight = 1
    }
    if (symbol === end) return length
    if (length >= most) throw new Error('it is longer than its size')
    const byte = front[symbol - 1]!
    front.copyWithin(1, 0, symbol - 1)
    front[0] = byte
    counts[byte]!++
    next[length++] = byte
  }
}
