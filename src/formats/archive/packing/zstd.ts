import { Readable, pipeline } from 'node:stream'
import { constants, createZstdDecompress } from 'node:zlib'
import { fail } from '#core/errors.ts'
import { sizeText, type Bound } from '../bound.ts'
import { zlibError } from '../gunzip.ts'
import { pullOf, type Pull } from '../pull.ts'

/** A window of 128 MB, as `zstd` itself takes without being asked; a frame that wants more wants our memory. */
const mostWindow = 27
const magic = 0xfd2fb528
const mostBlock = 128 * 1024

/**
 * Unpacks zstd. Node's decompressor ends silently with the first frame, and parallel packers write many: so the frames are told apart here, by the sizes of their
 * blocks. Counts nothing into the feed's total: whoever reads it does. Throws `feed.truncated`, `feed.not_archive`, and `feed.too_large` for a bomb.
 */
export async function* unzstd(feed: string, entry: string, packed: AsyncIterable<Uint8Array>, bound: Bound): AsyncGenerator<Uint8Array> {
  const pull = pullOf(packed)
  let out = 0
  const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'zstd', problem: `${problem} after ${out} bytes of ${entry}` })
  const cut = (): never => fail('feed.truncated', { path: feed, place: `${out} bytes of ${entry}` })
  try {
    for (let frame = 0; ; frame++) {
      const head = view(await pull.peek(8))
      if (head.byteLength === 0 && frame > 0) return
      if (head.byteLength < 4) cut()
      const start = head.getUint32(0, true)
      if (start >>> 4 === 0x0184d2a5) {
        // A frame to be skipped: it holds what other programs want to know.
        if (head.byteLength < 8 || !(await pull.skip(8 + head.getUint32(4, true)))) cut()
        continue
      }
      if (start !== magic) broken(frame === 0 ? 'it begins as something else' : 'something behind the end')
      const unpacked = createZstdDecompress({ chunkSize: 256 * 1024, params: { [constants.ZSTD_d_windowLogMax]: mostWindow } })
      pipeline(Readable.from(frameOf(pull, cut, broken, () => fail('feed.too_large', { path: feed, entry, most: `a window of ${sizeText(2 ** mostWindow)}` })), { objectMode: false }), unpacked, () => {})
      try {
        for await (const piece of unpacked as AsyncIterable<Uint8Array>) {
          out += piece.length
          bound.ratio(out, pull.position(), entry)
          yield piece
        }
      } catch (error) {
        throw zlibError(feed, 'zstd', error, `${out} bytes of ${entry}`)
      }
    }
  } finally {
    await pull.close()
  }
}

/** The bytes of one frame: its header, its blocks to the one that says it is the last, and its checksum. */
async function* frameOf(pull: Pull, cut: () => never, broken: (problem: string) => never, tooLarge: () => never): AsyncGenerator<Uint8Array> {
  const head = await pull.peek(14)
  if (head.length < 6) cut()
  const descriptor = head[4]!
  if ((descriptor & 8) !== 0) broken('a frame of a later form')
  const isSingle = (descriptor & 0x20) !== 0
  if ((descriptor & 3) !== 0) broken('it needs a dictionary')
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6]!
  const headSize = 5 + (isSingle ? 0 : 1) + sizeBytes
  if (head.length < headSize) cut()
  // A frame in one segment has a window as large as itself.
  const window = isSingle ? sizeOf(view(head), sizeBytes) : 2 ** (10 + (head[5]! >>> 3)) * (1 + (head[5]! & 7) / 8)
  if (window > 2 ** mostWindow) tooLarge()
  yield await pull.read(headSize)
  for (let last = false; !last;) {
    const block = await pull.peek(3)
    if (block.length < 3) cut()
    const word = block[0]! | (block[1]! << 8) | (block[2]! << 16)
    last = (word & 1) === 1
    const kind = (word >>> 1) & 3
    const size = kind === 1 ? 1 : word >>> 3
    if (kind === 3 || size > mostBlock) broken('a block that is none')
    const whole = await pull.read(3 + size)
    if (whole.length < 3 + size) cut()
    yield whole
  }
  if ((descriptor & 4) === 0) return
  const sum = await pull.read(4)
  if (sum.length < 4) cut()
  yield sum
}

function sizeOf(head: DataView, bytes: number): number {
  if (bytes === 1) return head.getUint8(5)
  if (bytes === 2) return head.getUint16(5, true) + 256
  return bytes === 4 ? head.getUint32(5, true) : Number(head.getBigUint64(5, true))
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
