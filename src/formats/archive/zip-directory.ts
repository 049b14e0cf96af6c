import type { FileHandle } from 'node:fs/promises'
import { fail } from '#core/errors.ts'
import { sizeText } from './bound.ts'
import type { Bound } from './bound.ts'
import { entryName } from './entry-name.ts'

export type ZipEntry = Readonly<{ name: string; raw: Buffer; flags: number; method: number; crc: number; packed: number; size: number; offset: number }>

const endSize = 22
const mostComment = 65_535
/** 2 million entries with names of 100 characters. */
const mostDirectory = 320 * 1024 * 1024

/**
 * The central directory, checked as far as it goes without the entries: no duplicate names, no encryption, only stored and deflated, no links, sizes within the
 * limits, entries one behind the other and none over another. Throws `feed.*`.
 */
export async function zipDirectory(feed: string, file: FileHandle, length: number, bound: Bound): Promise<readonly ZipEntry[]> {
  const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'zip', problem })
  const end = await endOf(feed, file, length, broken)
  if (end.count > bound.limits.entries) fail('feed.too_many', { path: feed, most: bound.limits.entries })
  if (end.size > mostDirectory) broken('its directory is too large')
  if (end.offset + end.size !== end.at) broken('its directory is not where it should be')
  const directory = Buffer.alloc(end.size)
  if ((await file.read(directory, 0, end.size, end.offset)).bytesRead < end.size) fail('feed.truncated', { path: feed, place: 'its entries' })

  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let at = 0
  for (let index = 0; index < end.count; index++) {
    if (at + 46 > end.size || directory.readUInt32LE(at) !== 0x02014b50) broken(`entry ${index + 1} of its directory is damaged`)
    const nameLength = directory.readUInt16LE(at + 28)
    const extraLength = directory.readUInt16LE(at + 30)
    const next = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32)
    if (next > end.size) broken(`entry ${index + 1} of its directory is damaged`)
    const raw = directory.subarray(at + 46, at + 46 + nameLength)
    const name = entryName(feed, raw.toString('utf8'))
    const mode = directory.readUInt32LE(at + 38) >>> 16
    const wide = wideSizes(directory, at, nameLength, extraLength, broken)
    const entry: ZipEntry = { name, raw, flags: directory.readUInt16LE(at + 8), method: directory.readUInt16LE(at + 10), crc: directory.readUInt32LE(at + 16), ...wide }
    at = next
    bound.entry()
    const kind = mode & 0xf000
    if (kind !== 0 && kind !== 0x8000 && kind !== 0x4000) fail('feed.link', { path: feed, entry: name })
    if (names.has(name)) broken(`${name} is in it twice`)
    names.add(name)
    if ((entry.flags & 0x2041) !== 0) broken(`${name} is encrypted`)
    if (entry.method !== 0 && entry.method !== 8) broken(`${name} is packed by method ${entry.method}; only stored and deflated are read`)
    if (entry.method === 0 && entry.packed !== entry.size) broken(`the sizes of ${name} contradict each other`)
    if (entry.size > bound.limits.total) fail('feed.too_large', { path: feed, entry: name, most: sizeText(bound.limits.total) })
    bound.unpacked(entry.size, name)
    bound.ratio(entry.size, entry.packed, name)
    if (!raw.toString('latin1').endsWith('/') && name !== '') entries.push(entry)
    else if (entry.size > 0) broken(`the folder ${name} has content`)
  }
  if (at !== end.size) broken('its directory holds more than it says')
  return inOrder(entries, end.offset, broken)
}

/** Entries by place. One that lies in another is a way to unpack the same bytes many times. */
function inOrder(entries: ZipEntry[], directory: number, broken: (problem: string) => never): readonly ZipEntry[] {
  entries.sort((one, other) => one.offset - other.offset)
  let free = 0
  for (const entry of entries) {
    if (entry.offset < free) broken(`${entry.name} lies over another entry`)
    free = entry.offset + 30 + entry.raw.length + entry.packed
  }
  if (free > directory) broken('its last entry lies over its directory')
  return entries
}

type End = Readonly<{ count: number; size: number; offset: number; at: number }>

/** The record at the end, in its 64-bit form where there is one. */
async function endOf(feed: string, file: FileHandle, length: number, broken: (problem: string) => never): Promise<End> {
  const tail = Buffer.alloc(Math.min(length, endSize + mostComment + 20))
  await file.read(tail, 0, tail.length, length - tail.length)
  let found = tail.length - endSize
  while (found >= 0 && !(tail.readUInt32LE(found) === 0x06054b50 && tail.readUInt16LE(found + 20) === tail.length - found - endSize)) found--
  if (found < 0) fail('feed.truncated', { path: feed, place: `${length} bytes; the directory at the end is missing` })
  const at = length - tail.length + found
  const end = { count: tail.readUInt16LE(found + 10), size: tail.readUInt32LE(found + 12), offset: tail.readUInt32LE(found + 16), at }
  if (tail.readUInt16LE(found + 4) !== 0 || tail.readUInt16LE(found + 8) !== end.count) broken('it has several parts')
  const locator = found - 20
  if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) return end
  const place = Number(tail.readBigUInt64LE(locator + 8))
  const wide = Buffer.alloc(56)
  if (!Number.isSafeInteger(place) || place + 56 > at || (await file.read(wide, 0, 56, place)).bytesRead < 56 || wide.readUInt32LE(0) !== 0x06064b50) {
    broken('its 64-bit directory is damaged')
  }
  return { count: number64(wide, 32, broken), size: number64(wide, 40, broken), offset: number64(wide, 48, broken), at: place }
}

function wideSizes(directory: Buffer, at: number, nameLength: number, extraLength: number, broken: (problem: string) => never): Readonly<{ packed: number; size: number; offset: number }> {
  let size = directory.readUInt32LE(at + 24)
  let packed = directory.readUInt32LE(at + 20)
  let offset = directory.readUInt32LE(at + 42)
  if (size !== 0xffffffff && packed !== 0xffffffff && offset !== 0xffffffff) return { packed, size, offset }
  const last = at + 46 + nameLength + extraLength
  for (let field = at + 46 + nameLength; field + 4 <= last;) {
    const length = directory.readUInt16LE(field + 2)
    if (directory.readUInt16LE(field) === 1) {
      const stop = Math.min(field + 4 + length, last)
      let place = field + 4
      const next = (): number => {
        if (place + 8 > stop) broken('a 64-bit size is missing')
        place += 8
        return number64(directory, place - 8, broken)
      }
      if (size === 0xffffffff) size = next()
      if (packed === 0xffffffff) packed = next()
      if (offset === 0xffffffff) offset = next()
      return { packed, size, offset }
    }
    field += 4 + length
  }
  return broken('a 64-bit size is missing')
}

function number64(bytes: Buffer, at: number, broken: (problem: string) => never): number {
  const value = Number(bytes.readBigUInt64LE(at))
  return Number.isSafeInteger(value) ? value : broken('a size beyond all bounds')
}
