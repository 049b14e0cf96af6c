import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import type { Bound } from './bound.ts'
import { entryName } from './entry-name.ts'
import { entryOf } from './entry.ts'
import type { FeedEntry } from './feed-input.ts'

const deepest = 32

/** The files under a folder, by name; `.git` and the like are passed over. Throws `feed.link` for links, devices and pipes. */
export async function* folderEntries(feed: string, path: string, bound: Bound, under = '', depth = 0): AsyncGenerator<FeedEntry> {
  if (depth > deepest) fail('feed.path', { path: feed, entry: under })
  const found = await readdir(join(path, under), { withFileTypes: true })
  found.sort((one, other) => (one.name < other.name ? -1 : 1))
  for (const entry of found) {
    const name = entryName(feed, under === '' ? entry.name : `${under}/${entry.name}`)
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.git')) yield* folderEntries(feed, path, bound, name, depth + 1)
      continue
    }
    if (!entry.isFile()) fail('feed.link', { path: feed, entry: name })
    bound.entry()
    yield entryOf(feed, name, bound, () => fileStream(join(path, name)), false)
  }
}

/** A file in pieces; one that became a link meanwhile is not followed. */
export async function* fileStream(path: string, follow = false): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | (follow ? 0 : constants.O_NOFOLLOW))
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(256 * 1024)
      const { bytesRead } = await file.read(piece, 0, piece.length)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
