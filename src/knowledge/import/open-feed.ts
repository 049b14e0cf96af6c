import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { fail } from '#core/errors.ts'
import type { FeedRecord, SourceName } from '#core/knowledge/record.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { readers } from '#formats/feed/readers.ts'

const longestLine = 8 * 1024 * 1024

/** What a feed holds, by its reader; files of records as `vigil kb export` writes them are read as they are. */
export function openFeed(source: SourceName, path: string): AsyncIterable<FeedRecord> {
  if (isRecordFile(path)) return readRecordFile(path)
  const reader = readers.find((one) => one.source.name === source) ?? fail('feed.unknown', { path, known: readers.map((one) => one.source.name).join(', ') })
  return readAll(reader, path)
}

async function* readAll(reader: (typeof readers)[number], path: string): AsyncIterable<FeedRecord> {
  yield* reader.read(await openFeedInput(path))
}

function isRecordFile(path: string): boolean {
  return /\.vigil\.jsonl(\.gz)?$/.test(path)
}

/** Lines of JSON, each a record; the last must be `{"record":"end"}`, so that a file cut off on the way is not believed. */
async function* readRecordFile(path: string): AsyncIterable<FeedRecord> {
  const bytes = createReadStream(path)
  const lines = createInterface({ input: path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes, crlfDelay: Infinity })
  let isWhole = false
  let number = 0
  for await (const line of lines) {
    number++
    if (line.length > longestLine) fail('feed.too_large', { path, entry: `line ${number}`, most: `${longestLine} characters` })
    if (line === '') continue
    let record: FeedRecord | Readonly<{ record: 'end' }>
    try {
      record = JSON.parse(line) as FeedRecord | Readonly<{ record: 'end' }>
    } catch {
      return fail('feed.format', { path, what: 'lines of JSON', problem: `line ${number} is none` })
    }
    if (record.record === 'end') isWhole = true
    else yield record
  }
  if (!isWhole) fail('feed.truncated', { path, place: `line ${number}` })
}
