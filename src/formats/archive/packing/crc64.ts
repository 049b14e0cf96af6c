/** CRC-64 of ECMA-182, reflected, as xz has it: in two halves, since numbers of 64 bits are slow here. */
const low = new Uint32Array(256)
const high = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let [l, h] = [byte, 0]
  for (let bit = 0; bit < 8; bit++) {
    const odd = l & 1
    l = ((l >>> 1) | (h << 31)) >>> 0
    h >>>= 1
    if (odd === 1) {
      l = (l ^ 0xd7870f42) >>> 0
      h = (h ^ 0xc96c5795) >>> 0
    }
  }
  low[byte] = l
  high[byte] = h
}

export function crc64(): Readonly<{ add(bytes: Uint8Array): void; /** Eight bytes, the lowest first. */ value(): Buffer }> {
  let [l, h] = [0xffffffff, 0xffffffff]
  return {
    add(bytes) {
      for (let index = 0; index < bytes.length; index++) {
        const place = (l ^ bytes[index]!) & 0xff
        l = ((l >>> 8) | (h << 24)) ^ low[place]!
        h = (h >>> 8) ^ high[place]!
      }
    },
    value() {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32LE(~l >>> 0, 0)
      bytes.writeUInt32LE(~h >>> 0, 4)
      return bytes
    },
  }
}
