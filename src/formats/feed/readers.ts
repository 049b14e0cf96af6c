import type { FeedReader } from './reader.ts'

/** All feeds there are readers for. A new one is a file or folder here, an import and a line. */
export const readers: readonly FeedReader[] = [
]

/** The reader for a file or folder laid out as upstream or in a mirror folder, or null. */
export function readerFor(path: string): FeedReader | null {
  return readers.find((reader) => reader.recognises(path)) ?? null
}
