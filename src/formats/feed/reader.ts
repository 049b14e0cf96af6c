import type { FeedRecord, Source } from '#core/knowledge/record.ts'
import type { FeedInput } from '../archive/feed-input.ts'

/** Reads one kind of feed. Knows nothing of what came before: the builder compares, replaces and swaps. */
export type FeedReader = Readonly<{
  source: Source
  /** Whether a file or folder of this name, as laid out upstream or in a mirror folder, is one of this feed: `kev/known_exploited_vulnerabilities.json`. */
  recognises(path: string): boolean
  /** Of the paths recognised in one place those to read, where upstream has the same in several forms: a dated copy beside the current one. Absent: all. */
  choose?(paths: readonly string[]): readonly string[]
  /**
   * Streams what the feed holds. Throws a catalogue error `feed.*` when the feed as a whole cannot be believed (truncated, wrong count, not its format): then
   * nothing of it is taken. One bad record is an `unused` record, and the feed goes on.
   */
  read(input: FeedInput): AsyncIterable<FeedRecord>
}>
