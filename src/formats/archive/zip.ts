import type { FileHandle } from 'node:fs/promises'
import { Readable, pipeline } from 'node:stream'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { fail } from '#core/errors.ts'
import type { Bound } from './bound.ts'
import { entryOf } from './entry.ts'
import type { FeedEntry } from './feed-input.ts'
import { zlibError } from './gunzip.ts'
import { zipDirectory } from './zip-directory.ts'
import type { ZipEntry } from './zip-directory.ts'

/** Entries up to this size are unpacked in one go: most feeds are a hundred thousand small files. */
const small = 1024 * 1024
const window = 1024 * 1024

/**
 * The files of a zip in the order they lie in it. What the directory says is checked first (`zipDirectory`), then each local header against it, and size and
 * checksum of each entry that is read. Throws `feed.*`.
 */
export async function* zipEntries(feed: string, file: FileHandle, length: number, bound: Bound): AsyncGenerator<FeedEntry> {
  const readAt = windowed(file)
  for (const entry of await zipDirectory(feed, file, length, bound)) {
    const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'zip', problem: `${entry.name} ${problem}` })
    const start = await localHeader(readAt, entry, broken)
    yield entryOf(feed, entry.name, bound, () => contents(feed, readAt, entry, start, broken), true)
  }
}

type ReadAt = (offset: number, length: number) => Promise<Buffer>

/** Where the entry's bytes begin. Its own header must say what the directory says. */
async function localHeader(readAt: ReadAt, entry: ZipEntry, broken: (problem: string) => never): Promise<number> {
  const head = await readAt(entry.offset, 30 + entry.raw.length)
  if (head.length < 30 + entry.raw.length || head.readUInt32LE(0) !== 0x04034b50) broken('is not where the directory says')
  const later = (entry.flags & 8) !== 0
  const same = head.readUInt16LE(8) === entry.method && head.readUInt16LE(26) === entry.raw.length && head.subarray(30).equals(entry.raw)
    && head.readUInt16LE(6) === entry.flags && (later || head.readUInt32LE(14) === entry.crc)
    && (later || sizeSays(head.readUInt32LE(18), entry.packed)) && (later || sizeSays(head.readUInt32LE(22), entry.size))
  if (!same) broken('is not what the directory says')
  return entry.offset + 30 + entry.raw.length + head.readUInt16LE(28)
}

function sizeSays(field: number, size: number): boolean {
  return field === size || field === 0xffffffff
}

async function* contents(feed: string, readAt: ReadAt, entry: ZipEntry, start: number, broken: (problem: string) => never): AsyncGenerator<Uint8Array> {
  let crc = 0
  let size = 0
  try {
    for await (const piece of entry.packed <= small && entry.size <= small ? once(readAt, entry, start) : inPieces(readAt, entry, start)) {
      size += piece.length
      if (size > entry.size) broken('is longer than it says')
      crc = crc32(piece, crc)
      yield piece
    }
  } catch (error) {
    throw zlibError(feed, 'zip', (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? longer(broken) : error, entry.name)
  }
  if (size !== entry.size || crc !== entry.crc) broken('has a wrong checksum or length')
}

function longer(broken: (problem: string) => never): unknown {
  try {
    return broken('is longer than it says')
  } catch (error) {
    return error
  }
}

async function* once(readAt: ReadAt, entry: ZipEntry, start: number): AsyncGenerator<Uint8Array> {
  const packed = await readAt(start, entry.packed)
  yield entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) })
}

function inPieces(readAt: ReadAt, entry: ZipEntry, start: number): AsyncIterable<Uint8Array> {
  async function* packed(): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < entry.packed;) {
      const piece = await readAt(start + done, Math.min(window, entry.packed - done))
      if (piece.length === 0) break
      done += piece.length
      yield piece
    }
  }
  if (entry.method === 0) return packed()
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 })
  pipeline(Readable.from(packed(), { objectMode: false }), inflate, () => {})
  return inflate
}

/** Reads of a file that go forward, a megabyte at a time. What comes back is never written over. */
function windowed(file: FileHandle): ReadAt {
  let held: Buffer = Buffer.alloc(0)
  let from = 0
  return async (offset, length) => {
    if (offset < from || offset + length > from + held.length) {
      const bytes = Buffer.allocUnsafe(Math.max(length, window))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
      held = bytes.subarray(0, bytesRead)
      from = offset
    }
    return held.subarray(offset - from, offset - from + length)
  }
}
