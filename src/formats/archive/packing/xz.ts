import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { fail } from '#core/errors.ts'
import { sizeText, type Bound } from '../bound.ts'
import { pullOf, type Pull } from '../pull.ts'
import { crc64 } from './crc64.ts'
import { lzma2 } from './lzma2.ts'

/** What `xz -9` takes. */
const mostDictionary = 64 * 1024 * 1024
const start = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])
const sumSizes = new Map([[0, 0], [1, 4], [4, 8], [10, 32]])

type Block = Readonly<{ unpadded: number; size: number }>

/**
 * Unpacks xz: all its streams, with the checksum of every block, and the index, which must say what was there. Filters other than LZMA2 are for machine code, and
 * refused. Counts nothing into the feed's total: whoever reads it does. Throws `feed.truncated`, `feed.not_archive`, and `feed.too_large` for a bomb.
 */
export async function* unxz(feed: string, entry: string, packed: AsyncIterable<Uint8Array>, bound: Bound): AsyncGenerator<Uint8Array> {
  const pull = pullOf(packed)
  let out = 0
  const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'xz', problem: `${problem} after ${out} bytes of ${entry}` })
  const cut = (): never => fail('feed.truncated', { path: feed, place: `${out} bytes of ${entry}` })
  const read = async (length: number): Promise<Uint8Array> => {
    const bytes = await pull.read(length)
    return bytes.length < length ? cut() : bytes
  }

  async function* block(headSize: number, sumKind: number): AsyncGenerator<Uint8Array, Block> {
    const head = Buffer.from(await read(headSize))
    if (crc32(head.subarray(0, -4)) !== head.readUInt32LE(headSize - 4)) broken('a header with a wrong checksum')
    const flags = head[1]!
    if ((flags & 0x3f) !== 0) broken('filters that are not read here')
    const at = { place: 2 }
    const saidPacked = (flags & 0x40) === 0 ? null : numberAt(head, at, broken)
    const saidSize = (flags & 0x80) === 0 ? null : numberAt(head, at, broken)
    if (head[at.place] !== 0x21 || head[at.place + 1] !== 1) broken('a filter that is not read here')
    const bits = head[at.place + 2]!
    if (bits > 40) broken('a dictionary of no size')
    const dictionary = bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11)
    if (dictionary > mostDictionary) fail('feed.too_large', { path: feed, entry, most: `a dictionary of ${sizeText(mostDictionary)}` })
    const sum = summing(sumKind)
    const body = pull.position()
    let size = 0
    for await (const piece of chunks(dictionary)) {
      sum.add(piece)
      size += piece.length
      out += piece.length
      bound.ratio(out, pull.position(), entry)
      yield piece
    }
    const taken = pull.position() - body
    if ((saidPacked !== null && saidPacked !== taken) || (saidSize !== null && saidSize !== size)) broken('a block that is not as long as it says')
    if ((await read((4 - (taken % 4)) % 4)).some((byte) => byte !== 0)) broken('padding that is none')
    const said = await read(sumSizes.get(sumKind)!)
    if (!sum.is(said)) broken('a wrong checksum')
    return { unpadded: headSize + taken + said.length, size }
  }

  async function* chunks(dictionary: number): AsyncGenerator<Uint8Array> {
    const unpacker = lzma2(dictionary)
    for (;;) {
      const control = (await read(1))[0]!
      if (control === 0) return
      if (control > 2 && control < 0x80) broken('a chunk that is none')
      const head = Buffer.from(await read(control < 0x80 ? 2 : control >= 0xc0 ? 5 : 4))
      const size = control < 0x80 ? head.readUInt16BE(0) + 1 : ((control & 0x1f) << 16) + head.readUInt16BE(0) + 1
      const bytes = await read(control < 0x80 ? size : head.readUInt16BE(2) + 1)
      try {
        // What is handed out stays, and the unpacker goes on in its own room.
        yield Uint8Array.from(unpacker.chunk(control, control >= 0xc0 ? head[4]! : 0, bytes, size))
      } catch (error) {
        throw error instanceof Error && error.constructor === Error ? said(() => broken(`a chunk that is none (${error.message})`)) : error
      }
    }
  }

  try {
    for (let stream = 0; ; stream++) {
      if (stream > 0 && !(await padding(pull, broken))) return
      const head = Buffer.from(await read(12))
      if (!head.subarray(0, 6).equals(start)) broken(stream === 0 ? 'it begins as something else' : 'something behind the end')
      const sumKind = head[7]!
      if (head[6] !== 0 || crc32(head.subarray(6, 8)) !== head.readUInt32LE(8)) broken('a header with a wrong checksum')
      if (!sumSizes.has(sumKind)) broken('a checksum of a kind that is not known')
      const blocks: Block[] = []
      for (;;) {
        const size = (await pull.peek(1))[0]
        if (size === undefined) cut()
        if (size === 0) break
        blocks.push(yield* block((size! + 1) * 4, sumKind))
      }
      const index = await readIndex(pull, blocks, read, broken)
      const foot = Buffer.from(await read(12))
      if (crc32(foot.subarray(4, 10)) !== foot.readUInt32LE(0) || foot.toString('latin1', 10) !== 'YZ' || !foot.subarray(8, 10).equals(head.subarray(6, 8))
        || (foot.readUInt32LE(4) + 1) * 4 !== index) broken('its end is none')
    }
  } finally {
    await pull.close()
  }
}

/** Zeros between streams, by four. False at the end of the file. */
async function padding(pull: Pull, broken: (problem: string) => never): Promise<boolean> {
  for (;;) {
    const next = await pull.peek(4)
    if (next.length === 0) return false
    if (next.length < 4) broken('something behind the end')
    if (next.some((byte) => byte !== 0)) return true
    await pull.skip(4)
  }
}

/** Its length. It must list the blocks that were there. */
async function readIndex(pull: Pull, blocks: readonly Block[], read: (length: number) => Promise<Uint8Array>, broken: (problem: string) => never): Promise<number> {
  const most = Math.ceil((2 + 9 + blocks.length * 18) / 4) * 4 + 4
  const bytes = Buffer.from(await pull.peek(most))
  const at = { place: 1 }
  const wrong = (): never => broken('its index says something else')
  if (numberAt(bytes, at, wrong) !== blocks.length) wrong()
  for (const { unpadded, size } of blocks) if (numberAt(bytes, at, wrong) !== unpadded || numberAt(bytes, at, wrong) !== size) wrong()
  while (at.place % 4 !== 0) if (bytes[at.place++] !== 0) wrong()
  const whole = Buffer.from(await read(at.place + 4))
  if (crc32(whole.subarray(0, -4)) !== whole.readUInt32LE(at.place)) broken('an index with a wrong checksum')
  return whole.length
}

/** Seven bits a byte, the lowest first. */
function numberAt(bytes: Buffer, at: { place: number }, broken: (problem: string) => never): number {
  let value = 0
  for (let index = 0; index < 7; index++) {
    const byte = bytes[at.place++]
    if (byte === undefined) return broken('a number that is cut off')
    value += (byte & 0x7f) * 128 ** index
    if ((byte & 0x80) === 0) return value
  }
  return broken('a number beyond all bounds')
}

function summing(kind: number): Readonly<{ add(bytes: Uint8Array): void; is(said: Uint8Array): boolean }> {
  if (kind === 10) {
    const hash = createHash('sha256')
    return { add: (bytes) => void hash.update(bytes), is: (said) => hash.digest().equals(said) }
  }
  if (kind === 4) {
    const sum = crc64()
    return { add: sum.add, is: (said) => sum.value().equals(said) }
  }
  let sum = 0
  return {
    add: (bytes) => {
      if (kind === 1) sum = crc32(bytes, sum)
    },
    is: (said) => kind === 0 || Buffer.from(said).readUInt32LE(0) === sum,
  }
}

function said(thrower: () => never): unknown {
  try {
    return thrower()
  } catch (error) {
    return error
  }
}
