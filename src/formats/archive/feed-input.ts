/** One file of a feed. Names are relative with `/`, already checked: no `..`, no absolute path, no link. */
export type FeedEntry = Readonly<{
  name: string
  /** The whole file, gunzipped where it ends in `.gz`; at most `limits.entry` bytes, else `feed.too_large`. Call it before asking for the next entry, or skip it. */
  bytes(): Promise<Uint8Array>
  /** As `bytes`, in pieces, for what should not be in memory whole. */
  stream(): AsyncIterable<Uint8Array>
  /** As `bytes`, but as it lies there: what ends in `.gz` stays gzipped. Instead of `bytes` or `stream`, as each may be called only once. */
  packed(): Promise<Uint8Array>
}>

/** A feed, whatever it came as: folder, tar, tar.gz, zip, or one file (gzipped or not). */
export type FeedInput = Readonly<{
  /** How to name it in messages: the file's or folder's own name. */
  name: string
  /** In the archive's order; each call begins anew. Throws `feed.truncated`, `feed.not_archive`, `feed.path`, `feed.link`, `feed.too_large`, `feed.too_many` with name and place. */
  entries(): AsyncIterable<FeedEntry>
}>

export type FeedLimits = Readonly<{
  /** Bytes of one entry, unpacked. */
  entry: number
  /** Bytes of all entries, unpacked. */
  total: number
  entries: number
  /** Unpacked over packed, once 1 MB was unpacked. */
  ratio: number
}>
export const feedLimits: FeedLimits = { entry: 256 * 1024 * 1024, total: 8 * 1024 ** 3, entries: 2_000_000, ratio: 400 }
