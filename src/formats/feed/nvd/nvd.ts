import { fail } from '#core/errors.ts'
import type { FeedEntry } from '../../archive/feed-input.ts'
import type { FeedReader } from '../reader.ts'
import type { Sink } from '../value/feed-run.ts'
import { Unusable, each, jsonOf, runFeed } from '../value/feed-run.ts'
import type { Fields } from '../value/json-value.ts'
import { jsonElements } from '../value/json-stream.ts'
import { fieldsOf, timeOf } from '../value/json-value.ts'
import { putLegacy, putModern, putOverride } from './record.ts'

/** NVD: answers of the API 2.0, its yearly files, and the retired 1.1 files. */
export const nvd: FeedReader = {
  source: {
    name: 'nvd', title: 'National Vulnerability Database', licence: 'public domain', attribution: 'This product uses data from the NVD API but is not endorsed or certified by the NVD.',
    homepage: 'https://nvd.nist.gov/', upstream: ['https://nvd.nist.gov/feeds/json/cve/2.0/'],
  },
  recognises: (path) => /(?:^|\/)nvdcve-(?:1\.1|2\.0)(?:-[\w.-]*)?(?:\.(?:json|gz|zip|tar))*$|(?:^|\/)nvd-api[\w.-]*$/i.test(path),
  read: (input) => runFeed(input, {
    what: 'an answer of the NVD or one of its files',
    takes: (name) => /\.json(?:\.gz)?$/.test(name),
    entry: () => 0,
    pieces: (entry, sink) => putFile(entry, input.name, sink),
  }),
}

/**
 * Anchore's configurations for CVEs that NVD never analysed. Where there is a statement of this source on a CVE, its configurations stand for those of NVD; a
 * statement without any takes NVD's back.
 */
export const nvdOverrides: FeedReader = {
  source: {
    name: 'nvd-overrides', title: 'NVD Data Overrides', licence: 'CC0-1.0', attribution: 'Anchore, Inc.', homepage: 'https://github.com/anchore/nvd-data-overrides',
    upstream: ['https://github.com/anchore/nvd-data-overrides/archive/refs/heads/main.zip'],
  },
  recognises: (path) => /nvd-data-overrides/i.test(path),
  read: (input) => runFeed(input, {
    what: 'overrides of NVD data',
    takes: (name) => /(?:^|\/)CVE-\d{4}-\d{4,7}\.json$/.test(name),
    entry(bytes, _, sink) {
      putOverride(fieldsOf(jsonOf(bytes)), sink)
      return 1
    },
  }),
}

const lists: ReadonlySet<string> = new Set(['vulnerabilities', 'CVE_Items'])
/** Records between two looks at what has come together. */
const step = 200

/** A year of the NVD is hundreds of megabytes: it is read record by record. */
async function* putFile(entry: FeedEntry, feed: string, sink: Sink): AsyncGenerator<number> {
  let total = 0
  let found = 0
  let isLegacy = false
  for await (const piece of jsonElements(feed, 'an answer of the NVD or one of its files', entry.stream(), lists)) {
    if ('rest' in piece) {
      about(fieldsOf(jsonOf(Buffer.from(piece.rest))), feed, entry.name, total, sink)
      continue
    }
    isLegacy = piece.list === 'CVE_Items'
    each(sink, `${entry.name}#${total}`, () => {
      const item = fieldsOf(jsonOf(Buffer.from(piece.text)))
      if (isLegacy) putLegacy(item, sink)
      else putModern(fieldsOf(item['cve']), sink)
    })
    total++
    found++
    if (found === step) {
      yield found
      found = 0
    }
  }
  yield found
}

/** What the file says besides its records. Throws `Unusable` when it is another's file, `feed.count` when records are missing. */
function about(file: Fields, feed: string, name: string, count: number, sink: Sink): void {
  if (Array.isArray(file['CVE_Items'])) return sink.seen(timeOf(file['CVE_data_timestamp']))
  // Record of the CVE program: another reader's.
  if (file['dataType'] === 'CVE_RECORD') throw new Unusable('cve-record', `${name} is a record of the CVE list, which has a reader of its own`)
  if (!Array.isArray(file['vulnerabilities'])) throw new Unusable('nvd-format', `${name} has neither vulnerabilities nor CVE_Items`)
  const { totalResults: total, resultsPerPage: page } = file
  sink.seen(timeOf(file['timestamp']))
  // A page of many is a part; so is what changed lately.
  if ((typeof total === 'number' && total > count) || count <= 1 || /-(?:modified|recent)\b/.test(name)) sink.about({ whole: false })
  if (typeof page === 'number' && page > count && typeof total === 'number' && total > count) fail('feed.count', { path: feed, said: page, held: count })
}
