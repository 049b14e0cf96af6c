import { fail } from '#core/errors.ts'
import { sizeText } from './bound.ts'
import type { Bound } from './bound.ts'
import type { FeedEntry } from './feed-input.ts'
import { gunzip } from './gunzip.ts'

/** An entry whose packed bytes can be streamed once; `.gz` is taken off on the way, and everything is counted. */
export function entryOf(feed: string, name: string, bound: Bound, packed: () => AsyncIterable<Uint8Array>, counted: boolean): FeedEntry {
  const plain = name.endsWith('.gz') ? () => gunzip(feed, name, packed(), bound) : packed
  async function* stream(): AsyncGenerator<Uint8Array> {
    for await (const piece of plain()) {
      if (!counted || name.endsWith('.gz')) bound.unpacked(piece.length, name)
      yield piece
    }
  }
  return { name, stream, bytes: () => whole(feed, name, bound, stream()), packed: () => whole(feed, name, bound, packed()) }
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
