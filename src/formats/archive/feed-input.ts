/** One file of a feed. Names are relative with `/`, already checked: no `..`, no absolute path, no link; `.bz2`, `.xz` and `.zst` are taken off them. */
export type FeedEntry = Readonly<{
  name: string
  /** The whole file, unpacked where it is packed; at most `limits.entry` bytes, else `feed.too_large`. Call it before asking for the next entry, or skip it. */
  bytes(): Promise<Uint8Array>
  /** As `bytes`, in pieces, for what should not be in memory whole. */
  stream(): AsyncIterable<Uint8Array>
  /** As `bytes`, but as it lies there: what ends in `.gz` stays gzipped. Instead of `bytes` or `stream`, as each may be called only once. */
  packed(): Promise<Uint8Array>
}>

/** A feed, whatever it came as: folder, zip, tar or one file, each plain or packed by gzip, bzip2, xz or zstd. */
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
