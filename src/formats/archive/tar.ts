import { fail } from '#core/errors.ts'
import { sizeText } from './bound.ts'
import type { Bound } from './bound.ts'
import { entryName } from './entry-name.ts'
import { entryOf } from './entry.ts'
import type { FeedEntry } from './feed-input.ts'
import type { Pull } from './pull.ts'

const block = 512
/** A pax or GNU long-name header is a name, not a novel. */
const mostHeader = 64 * 1024
const latin = new TextDecoder('latin1')
const utf8 = new TextDecoder()

/** Whether a block is a tar header: its checksum holds. */
export function isTarHeader(head: Uint8Array): boolean {
  if (head.length < block || head[0] === 0) return false
  let sum = 0
  for (let index = 0; index < block; index++) sum += index >= 148 && index < 156 ? 32 : head[index]!
  return sum === octal(head, 148, 8)
}

/**
 * The files of a tar: ustar, pax and GNU names and sizes. Directories are passed over. Throws `feed.truncated` when the two zero blocks at the end are missing,
 * `feed.link` for links, devices and pipes, `feed.not_archive` for a header whose checksum is wrong or a kind of entry that is not known.
 */
export async function* tarEntries(feed: string, pull: Pull, bound: Bound): AsyncGenerator<FeedEntry> {
  let longName: string | null = null
  let longSize: number | null = null
  let last = 'its beginning'
  const broken = (problem: string): never => fail('feed.not_archive', { path: feed, format: 'tar', problem: `${problem} after ${last}` })
  const cut = (): never => fail('feed.truncated', { path: feed, place: last })
  const padding = (size: number): number => (block - (size % block)) % block

  for (;;) {
    const head = await pull.read(block)
    if (head.length < block) cut()
    if (head.every((byte) => byte === 0)) {
      await theEnd(pull, cut, broken)
      return
    }
    if (!isTarHeader(head)) broken('a header with a wrong checksum')
    const size: number = longSize ?? octal(head, 124, 12) ?? broken('a header without a size')
    const kind = String.fromCharCode(head[156]!)
    if (kind === 'x' || kind === 'g' || kind === 'L' || kind === 'K') {
      if (size > mostHeader) broken('a name too long')
      const body = await pull.read(size)
      if (body.length < size || !(await pull.skip(padding(size)))) cut()
      if (kind === 'L') longName = untilZero(utf8.decode(body))
      if (kind === 'x') {
        const pax = paxOf(body)
        longName = pax.get('path') ?? longName
        longSize = pax.has('size') ? Number(pax.get('size')) : null
        if (longSize !== null && !Number.isSafeInteger(longSize)) broken('a header without a size')
      }
      continue
    }
    const name = entryName(feed, longName ?? headerName(head))
    longName = longSize = null
    bound.entry()
    if ('123456'.includes(kind) && kind !== '5') fail('feed.link', { path: feed, entry: name })
    if (kind === '5' || kind === 'V') {
      if (!(await pull.skip(size + padding(size)))) cut()
      continue
    }
    if (kind !== '0' && kind !== '7' && kind !== '\0') broken(`an entry of the unknown kind ${JSON.stringify(kind)}`)
    if (size > bound.limits.total) fail('feed.too_large', { path: feed, entry: name, most: sizeText(bound.limits.total) })
    bound.unpacked(size, name)

    let left = size
    let passed = false
    async function* body(): AsyncGenerator<Uint8Array> {
      if (passed) throw new Error(`the entry ${name} has been passed`)
      while (left > 0) {
        const piece: Uint8Array = (await pull.some(left)) ?? cut()
        left -= piece.length
        yield piece
      }
    }
    if (name !== '') yield entryOf(feed, name, bound, body, true)
    passed = true
    if (!(await pull.skip(left + padding(size)))) cut()
    last = name
  }
}

/** A second block of zeros, and nothing but zeros to the end. */
async function theEnd(pull: Pull, cut: () => never, broken: (problem: string) => never): Promise<void> {
  const second = await pull.read(block)
  if (second.length < block) cut()
  for (let piece: Uint8Array | null = second; piece !== null; piece = await pull.some(1024 * 1024)) {
    if (piece.some((byte) => byte !== 0)) broken('something behind the end')
  }
}

function headerName(head: Uint8Array): string {
  const name = untilZero(utf8.decode(head.subarray(0, 100)))
  const isUstar = latin.decode(head.subarray(257, 263)) === 'ustar\0'
  const prefix = isUstar ? untilZero(utf8.decode(head.subarray(345, 500))) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function untilZero(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/** An octal field, or base 256 where the highest bit is set; null when it is neither. */
function octal(head: Uint8Array, from: number, length: number): number | null {
  if ((head[from]! & 0x80) !== 0) {
    let value = head[from]! & 0x7f
    for (let index = from + 1; index < from + length; index++) value = value * 256 + head[index]!
    return Number.isSafeInteger(value) ? value : null
  }
  const text = untilZero(latin.decode(head.subarray(from, from + length))).trim()
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : null
}

/** `length key=value\n` records of a pax header; lengths count bytes. */
function paxOf(body: Uint8Array): Map<string, string> {
  const found = new Map<string, string>()
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at)
    const length = space < 0 ? NaN : Number(latin.decode(body.subarray(at, space)))
    if (!(length > 0) || at + length > body.length) break
    const record = utf8.decode(body.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    if (equals > 0) found.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return found
}
