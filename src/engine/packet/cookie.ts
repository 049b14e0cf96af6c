/**
 * What a packet of ours carries so that its answer can be told from a stranger's without keeping a list: 32 bits that only who knows the run's key can tell, of the address and the port.
 * The rounds are those of HalfSipHash (Aumasson and Bernstein), one for each word and three at the end: nobody guesses one in the seconds a scan lasts.
 */
export type Key = readonly [number, number]

/** The state after the address, which is the same for all ports. */
export type Seed = Readonly<{ a: number; b: number; c: number; d: number }>

let a = 0
let b = 0
let c = 0
let d = 0

function mix(): void {
  a = (a + b) | 0
  b = ((b << 5) | (b >>> 27)) ^ a
  a = (a << 16) | (a >>> 16)
  c = (c + d) | 0
  d = ((d << 8) | (d >>> 24)) ^ c
  a = (a + d) | 0
  d = ((d << 7) | (d >>> 25)) ^ a
  c = (c + b) | 0
  b = ((b << 13) | (b >>> 19)) ^ c
  c = (c << 16) | (c >>> 16)
}

export function seedOf(key: Key, address: Uint8Array): Seed {
  a = key[0]
  b = key[1]
  c = 0x6c796765 ^ key[0]
  d = 0x74656462 ^ key[1]
  const view = new DataView(address.buffer, address.byteOffset, address.length)
  for (let at = 0; at < address.length; at += 4) {
    const word = view.getInt32(at)
    d ^= word
    mix()
    a ^= word
  }
  return { a, b, c, d }
}

/** Unsigned. `what`: a TCP or UDP port, or 65,536 and more for what has none. */
export function cookieOf(seed: Seed, what: number): number {
  a = seed.a
  b = seed.b
  c = seed.c
  d = seed.d ^ what
  mix()
  a ^= what
  c ^= 0xff
  mix()
  mix()
  mix()
  return (b ^ d) >>> 0
}
