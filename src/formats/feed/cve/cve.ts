import type { Source } from '#core/knowledge/record.ts'
import type { FeedReader } from '../reader.ts'
import { type Sink, Unusable, jsonOf, runFeed } from '../value/feed-run.ts'
import { fieldsOf, isCve, isFields, known, listOf, textOf, timeOf, wordOf } from '../value/json-value.ts'
import type { Fields } from '../value/json-value.ts'
import { putAffected } from './affected.ts'
import { statementOf } from './statement.ts'

/** CVE records of the CVE program as in cvelistV5, JSON 5.x. */
export const cve: FeedReader = readerOf({
  name: 'cve', title: 'CVE List', licence: 'CVE Terms of Use', attribution: 'CVE® Program, © The MITRE Corporation', homepage: 'https://www.cve.org/',
  upstream: ['https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip'],
}, (path) => /(?:^|\/)(?:cvelistv5|cves)(?:[-_.][^/]*)?(?:\/|$)|(?:^|\/)[^/]*_delta_cves_/i.test(path) && !/vulnrichment/i.test(path))

/** The same records with CISA's container. */
export const vulnrichment: FeedReader = readerOf({
  name: 'vulnrichment', title: 'CISA Vulnrichment', licence: 'CC0-1.0', attribution: 'Cybersecurity and Infrastructure Security Agency', homepage: 'https://github.com/cisagov/vulnrichment',
  upstream: ['https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.zip'],
}, (path) => /vulnrichment/i.test(path))

function readerOf(source: Source, recognises: (path: string) => boolean): FeedReader {
  return {
    source,
    recognises,
    read: (input) => runFeed(input, {
      what: 'a list of CVE records',
      takes: (name) => /(?:^|\/)CVE-\d{4}-\d{4,7}\.json(?:\.gz)?$/.test(name),
      entry(bytes, name, sink) {
        const record = jsonOf(bytes)
        // One file may hold a list of them.
        const records = Array.isArray(record) ? listOf(record, 10_000) : [record]
        for (const one of records) putRecord(one, name, sink)
        return records.length
      },
    }),
  }
}

/** Puts one CVE record: what its CNA says and what others (ADP) say, apart. Throws `Unusable`. */
export function putRecord(value: unknown, name: string, sink: Sink): void {
  const record = fieldsOf(value)
  const about = fieldsOf(record['cveMetadata'])
  const id = about['cveId']
  if (!isFields(value) || !isCve(id)) throw new Unusable('no-cve-id', `${name} has no CVE id`)
  if (!/^5\.\d/.test(String(record['dataVersion']).slice(0, 10))) throw new Unusable('cve-format', `${id} is not of CVE JSON 5`)
  const containers = fieldsOf(record['containers'])
  const cna = fieldsOf(containers['cna'])
  const published = timeOf(about['datePublished'])
  const modified = timeOf(about['dateUpdated'])
  sink.seen(modified)
  if (about['state'] === 'REJECTED') return putRejected(id, cna, { published, modified, rejected: timeOf(about['dateRejected']) }, sink)
  if (about['state'] !== 'PUBLISHED') throw new Unusable('cve-state', `${id} is neither published nor rejected`)
  const by = wordOf(about['assignerShortName'], 60)
  const told = new Set<string>()
  const first = statementOf({ cve: id, key: id, by, fields: cna }, { published, modified }, told)
  sink.put(first)
  putAffected(id, id, cna['affected'], sink)
  for (const { url } of first.references) told.add(url)
  listOf(containers['adp'], 20).map(fieldsOf).forEach((fields, index) => {
    const who = wordOf(fieldsOf(fields['providerMetadata'])['shortName'], 60)
    const key = `${id}/${who ?? `adp-${index}`}`
    const statement = statementOf({ cve: id, key, by: who, fields }, { published: undefined, modified: timeOf(fieldsOf(fields['providerMetadata'])['dateUpdated']) }, told)
    putAffected(id, key, fields['affected'], sink)
    const isEmpty = statement.cvss.length === 0 && statement.cwe.length === 0 && statement.references.length === 0 && statement.products.length === 0 && statement.overlay === undefined
    // The program's own container mostly repeats the CNA's references.
    if (isEmpty && statement.details === undefined) return
    sink.put(withoutTitle(statement))
  })
}

/** `CISA ADP Vulnrichment` is the name of the container, not of the vulnerability. */
function withoutTitle<T extends Readonly<{ title?: string }>>(statement: T): T {
  const { title: _, ...rest } = statement
  return rest as T
}

function putRejected(id: string, cna: Fields, times: Readonly<{ published: string | undefined; modified: string | undefined; rejected: string | undefined }>, sink: Sink): void {
  const reasons = listOf(cna['rejectedReasons'], 20).map((one) => textOf(fieldsOf(one)['value'], 4000)).filter((one) => one !== undefined)
  const withdrawn = times.rejected ?? times.modified ?? times.published
  if (withdrawn === undefined) throw new Unusable('no-time', `${id} is rejected, it does not say when`)
  sink.put(known({
    record: 'statement', vulnerability: id, key: id, aliases: [], details: reasons.length === 0 ? undefined : reasons.join('\n\n'), published: times.published, modified: times.modified,
    withdrawn, cvss: [], cwe: [], references: [], products: [],
  }))
}
