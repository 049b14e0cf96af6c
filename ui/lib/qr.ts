/**
 * QR code (ISO/IEC 18004) of a text, byte mode, error correction M, versions 1–15 (412 bytes). Returns rows of modules, true
 * is dark, without the quiet zone. Null when the text is too long.
 */
export function qrModules(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text)
  const version = blocks.findIndex((entry, index) => index > 0 && dataWords(index) * 8 >= 4 + (index < 10 ? 8 : 16) + bytes.length * 8 && entry.length > 0)
  if (version < 1) return null
  const words = interleave(encode(bytes, version), version)
  let best: { modules: boolean[][]; cost: number } | null = null
  for (let mask = 0; mask < 8; mask++) {
    const modules = draw(words, version, mask)
    const cost = penalty(modules)
    if (best === null || cost < best.cost) best = { modules, cost }
  }
  return best!.modules
}

/** For each version: correction words a block, then pairs of (blocks, data words a block). */
const blocks: readonly (readonly number[])[] = [
  [], [10, 1, 16], [16, 1, 28], [26, 1, 44], [18, 2, 32], [24, 2, 43], [16, 4, 27], [18, 4, 31], [22, 2, 38, 2, 39], [22, 3, 36, 2, 37], [26, 4, 43, 1, 44],
  [30, 1, 50, 4, 51], [22, 6, 36, 2, 37], [22, 8, 37, 1, 38], [24, 4, 40, 5, 41], [24, 5, 41, 5, 42],
]
const alignment: readonly (readonly number[])[] = [
  [], [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50], [6, 30, 54], [6, 32, 58], [6, 34, 62], [6, 26, 46, 66], [6, 26, 48, 70],
]

function dataWords(version: number): number {
  const [, one, size, two = 0, other = 0] = blocks[version]!
  return one! * size! + two * other
}

function encode(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = []
  const put = (value: number, count: number): void => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >>> bit) & 1)
  }
  put(4, 4)
  put(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) put(byte, 8)
  const room = dataWords(version) * 8
  put(0, Math.min(4, room - bits.length))
  while (bits.length % 8 !== 0) bits.push(0)
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) put(pad, 8)
  return Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((value, bit) => value * 2 + bit, 0))
}

// GF(2⁸) with the polynomial 0x11d.
const exponent = new Uint8Array(512)
const logarithm = new Uint8Array(256)
for (let power = 0, value = 1; power < 255; power++) {
  exponent[power] = value
  exponent[power + 255] = value
  logarithm[value] = power
  value = value & 128 ? (value << 1) ^ 0x11d : value << 1
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : exponent[logarithm[a]! + logarithm[b]!]!)

function correction(data: readonly number[], count: number): number[] {
  let generator = [1]
  for (let power = 0; power < count; power++) {
    const next = Array.from({ length: generator.length + 1 }, () => 0)
    generator.forEach((factor, at) => {
      next[at]! ^= factor
      next[at + 1]! ^= times(factor, exponent[power]!)
    })
    generator = next
  }
  const rest = [...data, ...Array.from({ length: count }, () => 0)]
  for (let at = 0; at < data.length; at++) {
    const lead = rest[at]!
    if (lead !== 0) generator.forEach((factor, offset) => (rest[at + offset]! ^= times(factor, lead)))
  }
  return rest.slice(data.length)
}

function interleave(data: readonly number[], version: number): number[] {
  const [extra, one, size, two = 0, other = 0] = blocks[version]!
  const parts: number[][] = []
  let at = 0
  for (let block = 0; block < one! + two; block++) {
    const length = block < one! ? size! : other
    parts.push(data.slice(at, at + length))
    at += length
  }
  const checks = parts.map((part) => correction(part, extra!))
  const weave = (rows: readonly (readonly number[])[]): number[] =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, index) => rows.flatMap((row) => (index < row.length ? [row[index]!] : []))).flat()
  return [...weave(parts), ...weave(checks)]
}

const masks: readonly ((row: number, column: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0, (y) => y % 2 === 0, (_, x) => x % 3 === 0, (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0, (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0, (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
]

function draw(words: readonly number[], version: number, mask: number): boolean[][] {
  const size = version * 4 + 17
  const grid: (boolean | null)[][] = Array.from({ length: size }, () => Array.from({ length: size }, () => null))
  const set = (y: number, x: number, dark: boolean): void => {
    if (y >= 0 && x >= 0 && y < size && x < size) grid[y]![x] = dark
  }
  for (const [y, x] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const ring = Math.max(Math.abs(dy), Math.abs(dx))
      set(y + dy, x + dx, ring !== 2 && ring !== 4)
    }
  }
  const centres = alignment[version]!
  for (const y of centres) for (const x of centres) {
    if (grid[y]![x] !== null) continue
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(y + dy, x + dx, Math.max(Math.abs(dy), Math.abs(dx)) !== 1)
  }
  for (let at = 8; at < size - 8; at++) {
    grid[6]![at] ??= at % 2 === 0
    grid[at]![6] ??= at % 2 === 0
  }
  formatBits(set, size, mask)
  if (version >= 7) versionBits(set, size, version)
  fill(grid, words, size, mask)
  return grid.map((row) => row.map((cell) => cell === true))
}

function remainder(value: number, polynomial: number, bits: number): number {
  let rest = value << bits
  for (let at = 31 - Math.clz32(rest); rest !== 0 && at >= bits; at = 31 - Math.clz32(rest)) rest ^= polynomial << (at - bits)
  return rest
}

function formatBits(set: (y: number, x: number, dark: boolean) => void, size: number, mask: number): void {
  // Level M has the bits 00.
  const bits = ((mask << 10) | remainder(mask, 0x537, 10)) ^ 0x5412
  const bit = (at: number): boolean => ((bits >>> at) & 1) === 1
  for (let at = 0; at < 6; at++) set(at, 8, bit(at))
  set(7, 8, bit(6))
  set(8, 8, bit(7))
  set(8, 7, bit(8))
  for (let at = 9; at < 15; at++) set(8, 14 - at, bit(at))
  for (let at = 0; at < 8; at++) set(8, size - 1 - at, bit(at))
  for (let at = 8; at < 15; at++) set(size - 15 + at, 8, bit(at))
  set(size - 8, 8, true)
}

function versionBits(set: (y: number, x: number, dark: boolean) => void, size: number, version: number): void {
  const bits = (version << 12) | remainder(version, 0x1f25, 12)
  for (let at = 0; at < 18; at++) {
    const dark = ((bits >>> at) & 1) === 1
    set(Math.floor(at / 3), size - 11 + (at % 3), dark)
    set(size - 11 + (at % 3), Math.floor(at / 3), dark)
  }
}

/** Two columns at a time from the right, up and down in turn; the column of the timing pattern is left out. */
function fill(grid: (boolean | null)[][], words: readonly number[], size: number, mask: number): void {
  let at = 0
  let up = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (grid[y]![x] !== null) continue
        const dark = (((words[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1) === 1
        grid[y]![x] = dark !== masks[mask]!(y, x)
        at++
      }
    }
    up = !up
  }
}

function penalty(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length
  let cost = 0
  const lines = [...modules, ...modules.map((_, x) => modules.map((row) => row[x]!))]
  for (const line of lines) {
    let run = 1
    for (let at = 1; at <= size; at++) {
      if (at < size && line[at] === line[at - 1]) run++
      else {
        if (run >= 5) cost += run - 2
        run = 1
      }
    }
    const text = line.map((dark) => (dark ? '1' : '0')).join('')
    for (const finder of ['10111010000', '00001011101']) for (let at = text.indexOf(finder); at >= 0; at = text.indexOf(finder, at + 1)) cost += 40
  }
  for (let y = 0; y < size - 1; y++) for (let x = 0; x < size - 1; x++) {
    const dark = modules[y]![x]
    if (dark === modules[y]![x + 1] && dark === modules[y + 1]![x] && dark === modules[y + 1]![x + 1]) cost += 3
  }
  const share = modules.flat().filter(Boolean).length / (size * size)
  return cost + Math.floor(Math.abs(share * 100 - 50) / 5) * 10
}
