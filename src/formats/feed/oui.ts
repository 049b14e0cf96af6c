import { parse } from 'csv-parse/sync'
import { fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedReader } from './reader.ts'
import { dayOf } from './value/feed-run.ts'
import { decoded } from './value/json-file.ts'
import { known, listOf, textOf } from './value/json-value.ts'

const what = 'a register of hardware addresses'
/** Hex digits of a block, by register. */
const digits: Readonly<Record<string, number>> = { 'MA-L': 6, CID: 6, 'MA-M': 7, 'MA-S': 9, IAB: 9 }

/** The four registers of the IEEE, each a file: 24, 28 and 36 bits, and the old individual blocks of 36. */
export const oui: FeedReader = {
  source: {
    name: 'oui', title: 'IEEE registers of hardware addresses', licence: 'Public domain', attribution: 'IEEE Registration Authority', homepage: 'https://standards.ieee.org/products-programs/regauth/',
    upstream: ['oui/oui.csv', 'oui28/mam.csv', 'oui36/oui36.csv', 'iab/iab.csv'].map((file) => `https://standards-oui.ieee.org/${file}`),
  },
  recognises: (path) => /(^|\/)(oui|mam|oui28|oui36|iab|cid)\.csv(\.gz)?$/.test(path),
  async *read(input) {
    let found = false
    for await (const entry of input.entries()) {
      if (!/\.csv(\.gz)?$/.test(entry.name)) continue
      found = true
      yield* register(entry.name, decoded(await entry.bytes()))
    }
    if (!found) fail('feed.format', { path: input.name, what, problem: 'there is no CSV file in it' })
    yield known({ record: 'head', whole: true, snapshot: dayOf(input.name) } as const)
  },
}

function* register(path: string, text: string): Generator<FeedRecord> {
  if (!text.startsWith('Registry,Assignment,Organization Name')) fail('feed.format', { path, what, problem: 'its first row is not Registry,Assignment,Organization Name' })
  if (!text.endsWith('\n')) fail('feed.truncated', { path, place: `${text.length} characters` })
  const rows = rowsOf(path, text)
  for (const row of rows) {
    const [kind, block, name] = listOf(row)
    const prefix = typeof block === 'string' ? block.trim().toUpperCase() : ''
    const organization = textOf(name, 300)?.replace(/\s+/g, ' ')
    if (typeof kind !== 'string' || !Object.hasOwn(digits, kind) || !/^[0-9A-F]+$/.test(prefix) || prefix.length !== digits[kind] || organization === undefined) {
      yield { record: 'unused', key: prefix.slice(0, 20), reason: 'bad-row', text: `${String(kind)} ${String(name)}`.slice(0, 200) }
    } else yield { record: 'hardware', prefix, organization }
  }
  yield { record: 'counted', records: rows.length }
}

function rowsOf(path: string, text: string): readonly unknown[] {
  try {
    return parse(text, { from_line: 2, relax_column_count: true, max_record_size: 10_000, skip_empty_lines: true })
  } catch (error) {
    return fail('feed.format', { path, what, problem: error instanceof Error ? error.message.slice(0, 200) : 'no CSV' })
  }
}
