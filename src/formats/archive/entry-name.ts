import { fail } from '#core/errors.ts'

/**
 * The name of an entry as `a/b/c`, or '' for the root folder itself. Throws `feed.path` for whatever could lead out of the archive: `..`, an absolute path, a
 * drive letter, a zero byte, or more than 1,024 characters. A backslash counts as a separator, as Windows takes it for one.
 */
export function entryName(feed: string, raw: string): string {
  const parts = raw.split(/[/\\]/)
  if (raw.length > 1024 || raw.includes('\0') || /^[/\\]|^[A-Za-z]:/.test(raw) || parts.includes('..')) fail('feed.path', { path: feed, entry: raw })
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}
