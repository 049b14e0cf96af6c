import { fail } from '#core/errors.ts'
import { sizeText } from './bound.ts'
import type { Bound } from './bound.ts'
import type { FeedEntry } from './feed-input.ts'
import { packingNamed, plainName, unpack } from './packing/packing.ts'

/**
 * An entry whose packed bytes can be streamed once; what packs it is taken off on the way, and everything is counted. Only `.gz` stays in its name, and only what has
 * it is kept as it lies there.
 */
export function entryOf(feed: string, name: string, bound: Bound, packed: () => AsyncIterable<Uint8Array>, counted: boolean): FeedEntry {
  const packing = packingNamed(name)
  const plain = packing === null ? packed : () => unpack(packing, feed, name, packed(), bound)
  async function* stream(): AsyncGenerator<Uint8Array> {
    for await (const piece of plain()) {
      if (!counted || packing !== null) bound.unpacked(piece.length, name)
      yield piece
    }
  }
  const bytes = (): Promise<Uint8Array> => whole(feed, name, bound, stream())
  return { name: plainName(name), stream, bytes, packed: packing === null || packing === 'gzip' ? () => whole(feed, name, bound, packed()) : bytes }
}

/** All of a stream, at most `limits.entry` bytes. */
export async function whole(feed: string, entry: string, bound: Bound, stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of stream) {
    length += piece.length
    if (length > bound.limits.entry) fail('feed.too_large', { path: feed, entry, most: sizeText(bound.limits.entry) })
    pieces.push(piece)
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length)
}
