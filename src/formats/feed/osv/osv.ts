import type { CvssStatement, Source, Statement } from '#core/knowledge/record.ts'
import type { FeedInput } from '../../archive/feed-input.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedReader } from '../reader.ts'
import { cvssOf } from '../value/cvss.ts'
import { type Sink, Unusable, each, jsonOf, runFeed } from '../value/feed-run.ts'
import { type Fields, cweOf, fieldsOf, isFields, known, listOf, textOf, timeOf, unique, wordOf } from '../value/json-value.ts'
import { referenceKind, references } from '../value/reference.ts'
import { affectedOf } from './affected.ts'
import { identityOf } from './identity.ts'

/** OSV exports: `<Ecosystem>/all.zip`, folders of records, answers of the API. */
export const osv: FeedReader = readerOf({
  name: 'osv', title: 'OSV', licence: 'by database: CC-BY-4.0, Apache-2.0, CC0-1.0 and others', attribution: 'OSV.dev and the databases it gathers', homepage: 'https://osv.dev/',
  upstream: ['https://osv-vulnerabilities.storage.googleapis.com/all.zip'],
}, (path) => /(?:^|\/)osv(?:\/|[-_.][^/]*$)|(?:^|\/)all\.zip$/i.test(path) && !path.endsWith('modified_id.csv'))

/** GitHub's advisories, in the layout of github/advisory-database. */
export const ghsa: FeedReader = readerOf({
  name: 'ghsa', title: 'GitHub Advisory Database', licence: 'CC-BY-4.0', attribution: 'GitHub Advisory Database', homepage: 'https://github.com/advisories',
  upstream: ['https://github.com/github/advisory-database/archive/refs/heads/main.zip'],
}, (path) => /advisory-database|(?:^|\/)ghsa(?:\/|[-_.]|$)/i.test(path) && !/pypa|rustsec/i.test(path))

function readerOf(source: Source, recognises: (path: string) => boolean): FeedReader {
  return { source, recognises, read: readOsv }
}

/** Reads records of OSV, from whatever database. */
export function readOsv(input: FeedInput): AsyncIterable<FeedRecord> {
  let entries = 0
  return runFeed(input, {
    what: 'records of OSV',
    takes: (name) => /\.json(?:\.gz)?$/.test(name) && !/(?:^|\/)(?:package|schema|composer|\.[^/]*)\.json$/.test(name),
    entry(bytes, name, sink) {
      entries++
      const value = jsonOf(bytes)
      const answer = fieldsOf(value)['vulns']
      const list = Array.isArray(answer) ? listOf(answer, 1_000_000) : Array.isArray(value) ? listOf(value, 1_000_000) : [value]
      // An answer of the API is a part of what there is.
      sink.about({ whole: entries > 1 })
      if (list.length === 1) putRecord(list[0], sink)
      else list.forEach((one, index) => each(sink, `${name}#${index}`, () => putRecord(one, sink)))
      return list.length
    },
  })
}

/** Puts one record: a statement for each vulnerability it is about, and what is affected by each. Throws `Unusable`. */
export function putRecord(value: unknown, sink: Sink): void {
  const record = fieldsOf(value)
  const identity = identityOf(record)
  if (!isFields(value) || identity === null || timeOf(record['modified']) === undefined && typeof record['modified'] !== 'string') throw new Unusable('osv-format', 'it has no id or no time')
  const { id, vulnerabilities, aliases } = identity
  const modified = timeOf(record['modified'])
  const withdrawn = timeOf(record['withdrawn'])
  sink.seen(modified)
  const { affected, lost } = affectedOf(record)
  const own = fieldsOf(record['database_specific'])
  const links = references()
  for (const one of listOf(record['references'], 500)) links.add(fieldsOf(one)['url'], referenceKind([fieldsOf(one)['type']]))
  const rated = ratingsOf(record)
  const summary = textOf(record['summary'], 500)
  const shared = {
    aliases, details: textOf(record['details']), published: timeOf(record['published']), modified, withdrawn, rating: rated.word ?? wordOf(own['severity'], 40)?.toLowerCase(),
    cvss: rated.cvss, cwe: cwesOf(own), references: links.all, products: unique(affected.filter((one) => one.product.ecosystem === 'cpe').map((one) => one.product.name)),
  }
  for (const vulnerability of vulnerabilities) {
    sink.put(known({ record: 'statement', vulnerability, key: id, title: summary, ...shared }) as Statement)
    if (withdrawn === undefined) for (const one of affected) sink.put({ ...one, vulnerability, key: id })
  }
  if (withdrawn === undefined) for (const reason of lost) sink.unused(id, reason, summary ?? id)
}

/** Of the record, or where only its packages are rated, of these. */
function ratingsOf(record: Fields): Readonly<{ cvss: readonly CvssStatement[]; word: string | undefined }> {
  const cvss: CvssStatement[] = []
  let word: string | undefined
  const add = (list: unknown): void => {
    for (const value of listOf(list, 20)) {
      const { type, score } = fieldsOf(value)
      const found = cvssOf(score)
      if (found !== null && !cvss.some((one) => one.vector === found.vector)) cvss.push(found)
      // Ubuntu's priority.
      else if (found === null && typeof type === 'string' && !type.startsWith('CVSS')) word ??= wordOf(score, 40)?.toLowerCase()
    }
  }
  add(record['severity'])
  if (cvss.length === 0) for (const value of listOf(record['affected'], 50)) add(fieldsOf(value)['severity'])
  return { cvss: cvss.slice(0, 10), word }
}

function cwesOf(own: Fields): readonly string[] {
  const list = [...listOf(own['cwe_ids'], 50), ...listOf(own['cwes'], 50).map((one) => (isFields(one) ? (one['cweId'] ?? one['id']) : one))]
  return unique(list.map(cweOf).filter((one) => one !== undefined))
}
