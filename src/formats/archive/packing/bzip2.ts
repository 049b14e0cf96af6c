import { fail } from '#core/errors.ts'
import type { Bound } from '../bound.ts'
import { pullOf } from '../pull.ts'
import { bitsOf, readBlock } from './bzip2-block.ts'

/** No block of 900,000 symbols can take more: 20 bits a symbol, and its tables. */
const mostPacked = 2_400_000
const piece = 256 * 1024

/**
 * Unpacks bzip2: all its streams, one behind another as parallel packers write them, with the checksum of every block and stream. Counts nothing into the feed's
 * total: whoever reads it does. Throws `feed.truncated`, `feed.not_archive`, and `feed.too_large` for a bomb.
 */
export async function* bunzip2(feed: string, entry: string, packed: AsyncIterable<Uint8Array>, bound: Bound): AsyncGenerator<Uint8Array> {
  const pull = pullOf(packed)
  let out = 0
  const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'bzip2', problem: `${problem} after ${out} bytes of ${entry}` })
  const cut = (): never => fail('feed.truncated', { path: feed, place: `${out} bytes of ${entry}` })
  try {
    for (let stream = 0; ; stream++) {
      const head = await pull.peek(4)
      if (head.length === 0 && stream > 0) return
      if (head.length < 4) cut()
      if (head[0] !== 0x42 || head[1] !== 0x5a || head[2] !== 0x68 || head[3]! < 0x31 || head[3]! > 0x39) broken(stream === 0 ? 'it begins as something else' : 'something behind the end')
      const most = (head[3]! - 0x30) * 100_000
      let [skip, sum] = [32, 0]
      for (;;) {
        const bytes = await pull.peek(mostPacked)
        const bits = bitsOf(bytes, skip)
        const mark = bits.take(48)
        if (bits.past()) cut()
        if (mark === 0x177245385090) {
          const said = bits.take(32)
          if (bits.past()) cut()
          if (said >>> 0 !== sum) broken('a wrong checksum')
          await pull.skip(Math.ceil(bits.taken() / 8))
          break
        }
        if (mark !== 0x314159265359) broken('no block')
        let block: ReturnType<typeof readBlock>
        try {
          block = readBlock(bits, most)
        } catch (error) {
          if (bits.past()) cut()
          return broken(`a block that is none (${(error as Error).message})`)
        }
        if (bits.past()) cut()
        const end = bits.taken()
        await pull.skip(end >>> 3)
        skip = end & 7
        let crc = 0xffffffff
        for (const part of written(block)) {
          for (let index = 0; index < part.length; index++) crc = (crc << 8) ^ table[(crc >>> 24) ^ part[index]!]!
          out += part.length
          bound.ratio(out, pull.position(), entry)
          yield part
        }
        if (~crc >>> 0 !== block.crc >>> 0) broken('a wrong checksum')
        sum = (((sum << 1) | (sum >>> 31)) ^ block.crc) >>> 0
      }
    }
  } finally {
    await pull.close()
  }
}

/** Four times the same byte are followed by how many more there are of it. */
function* written({ next, length, start }: ReturnType<typeof readBlock>): Generator<Uint8Array> {
  let text = new Uint8Array(piece)
  let [size, last, same, at] = [0, -1, 0, start]
  for (let index = 0; index < length; index++) {
    const entry = next[at]!
    const byte = entry & 0xff
    at = entry >>> 8
    if (same === 4) {
      if (size + byte > piece) {
        yield text.subarray(0, size)
        text = new Uint8Array(piece)
        size = 0
      }
      text.fill(last, size, size + byte)
      size += byte
      same = 0
      last = -1
      continue
    }
    same = byte === last ? same + 1 : 1
    last = byte
    if (size === piece) {
      yield text
      text = new Uint8Array(piece)
      size = 0
    }
    text[size++] = byte
  }
  if (size > 0) yield text.subarray(0, size)
}

/** CRC-32 with the highest bit first, unlike that of gzip. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24
  for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0)
  return sum >>> 0
})
