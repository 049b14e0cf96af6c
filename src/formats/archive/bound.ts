import { fail } from '#core/errors.ts'
import type { FeedLimits } from './feed-input.ts'

/** Counts what one feed has unpacked so far, over all of its entries. */
export type Bound = Readonly<{
  limits: FeedLimits
  /** `bytes` more came out, of `entry`. Throws `feed.too_large`. */
  unpacked(bytes: number, entry: string): void
  /** One entry more. Throws `feed.too_many`. */
  entry(): void
  /** `out` bytes came from `packed`. Throws `feed.too_large` when that is no honest file: a bomb. */
  ratio(out: number, packed: number, entry: string): void
}>

const ratioFrom = 1024 * 1024

export function boundOf(feed: string, limits: FeedLimits): Bound {
  let total = 0
  let entries = 0
  return {
    limits,
    unpacked(bytes, entry) {
      total += bytes
      if (total > limits.total) fail('feed.too_large', { path: feed, entry, most: sizeText(limits.total) })
    },
    entry() {
      entries += 1
      if (entries > limits.entries) fail('feed.too_many', { path: feed, most: limits.entries })
    },
    ratio(out, packed, entry) {
      if (out > ratioFrom && out > packed * limits.ratio) fail('feed.too_large', { path: feed, entry, most: `${limits.ratio} times its packed size` })
    },
  }
}

export function sizeText(bytes: number): string {
  for (const [unit, size] of [['GB', 1024 ** 3], ['MB', 1024 ** 2], ['kB', 1024]] as const) if (bytes >= size) return `${Math.round(bytes / size)} ${unit}`
  return `${bytes} bytes`
}
