import { fail } from '#core/errors.ts'
import type { FeedReader } from '../reader.ts'
import type { Sink } from '../value/feed-run.ts'
import { Unusable, each, jsonOf, runFeed } from '../value/feed-run.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf, timeOf } from '../value/json-value.ts'
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
    entry: (bytes, name, sink) => putFile(fieldsOf(jsonOf(bytes)), input.name, name, sink),
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

function putFile(file: Fields, feed: string, name: string, sink: Sink): number {
  if (Array.isArray(file['vulnerabilities'])) return putAnswer(file, feed, name, sink)
  if (Array.isArray(file['CVE_Items'])) {
    sink.seen(timeOf(file['CVE_data_timestamp']))
    return putEach(listOf(file['CVE_Items'], 1_000_000), name, (item) => putLegacy(item, sink), sink)
  }
  // Record of the CVE program: another reader's.
  if (file['dataType'] === 'CVE_RECORD') throw new Unusable('cve-record', `${name} is a record of the CVE list, which has a reader of its own`)
  throw new Unusable('nvd-format', `${name} has neither vulnerabilities nor CVE_Items`)
}

function putAnswer(file: Fields, feed: string, name: string, sink: Sink): number {
  const list = listOf(file['vulnerabilities'], 1_000_000)
  const { totalResults: total, resultsPerPage: page } = file
  sink.seen(timeOf(file['timestamp']))
  // A page of many is a part; so is what changed lately.
  if ((typeof total === 'number' && total > list.length) || list.length <= 1 || /-(?:modified|recent)\b/.test(name)) sink.about({ whole: false })
  if (typeof page === 'number' && page > list.length && typeof total === 'number' && total > list.length) fail('feed.count', { path: feed, said: page, held: list.length })
  return putEach(list, name, (item) => putModern(fieldsOf(item['cve']), sink), sink)
}

function putEach(list: readonly unknown[], name: string, put: (item: Fields) => void, sink: Sink): number {
  list.forEach((value, index) => each(sink, `${name}#${index}`, () => put(fieldsOf(value))))
  return list.length
}
