import type { Bound } from '../bound.ts'
import { gunzip } from '../gunzip.ts'
import { bunzip2 } from './bzip2.ts'
import { unxz } from './xz.ts'
import { unzstd } from './zstd.ts'

/** What packs one stream of bytes, for feeds. */
export type Packing = 'gzip' | 'bzip2' | 'xz' | 'zstd'

export const endingOf: Readonly<Record<Packing, string>> = { gzip: '.gz', bzip2: '.bz2', xz: '.xz', zstd: '.zst' }
const unpackers = { gzip: gunzip, bzip2: bunzip2, xz: unxz, zstd: unzstd }

/** By how it begins; null: by none of these. */
export function packingOf(head: Uint8Array): Packing | null {
  const [a, b, c, d] = head
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (a === 0x42 && b === 0x5a && c === 0x68 && d! >= 0x31 && d! <= 0x39) return 'bzip2'
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58) return 'xz'
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : null
}

export function packingNamed(name: string): Packing | null {
  return (Object.keys(endingOf) as Packing[]).find((packing) => name.endsWith(endingOf[packing])) ?? null
}

/** A name as those who read feeds know it: most were published gzipped or plain at first, and are called the same in any other packing. */
export function plainName(name: string): string {
  return name.replace(/\.(?:bz2|xz|zst)$/, '')
}

/** The bytes, in pieces. Counts nothing into the feed's total: whoever reads it does. Throws `feed.truncated`, `feed.not_archive`, and `feed.too_large` for a bomb. */
export function unpack(packing: Packing, feed: string, entry: string, packed: AsyncIterable<Uint8Array>, bound: Bound): AsyncIterable<Uint8Array> {
  return unpackers[packing](feed, entry, packed, bound)
}
