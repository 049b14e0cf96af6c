import type { CvssStatement, Overlay, Statement } from '#core/knowledge/record.ts'
import { cvssOf } from '../value/cvss.ts'
import type { Sink } from '../value/feed-run.ts'
import { Unusable } from '../value/feed-run.ts'
import type { Fields } from '../value/json-value.ts'
import { cweOf, fieldsOf, isCve, known, listOf, textOf, timeOf, unique, wordOf } from '../value/json-value.ts'
import { referenceKind, references } from '../value/reference.ts'
import { affectedOf } from './configuration.ts'

type Said = Partial<Pick<Statement, 'title' | 'details' | 'published' | 'modified' | 'withdrawn' | 'cvss' | 'cwe' | 'references' | 'overlay'>>

/** Puts a CVE's statement and its configurations. */
export function putCve(id: string, key: string, said: { [K in keyof Said]: Said[K] | undefined }, configurations: unknown, sink: Sink): void {
  sink.seen(said.modified)
  const { affected, lost, matches } = affectedOf(id, key, configurations)
  const products = unique(affected.map((one) => one.product.name)).slice(0, 50)
  sink.put(known({ cvss: [], cwe: [], references: [], ...known({ ...said }), record: 'statement', vulnerability: id, key, aliases: [], products }) as Statement)
  if (said.withdrawn === undefined) for (const one of affected) sink.put(one)
  for (const [reason, count] of lost) sink.unused(key, reason, `${count} of its CPE matches`)
  if (matches > 0 && affected.length === 0 && lost.size === 0) sink.unused(key, 'nothing-vulnerable', `none of its ${matches} CPE matches is said to be vulnerable`)
}

/** `vulnerabilities[].cve` of the API and the files of 2.0. Throws `Unusable`. */
export function putModern(cve: Fields, sink: Sink): void {
  const id = cve['id']
  if (!isCve(id)) throw new Unusable('no-cve-id', 'it has no CVE id')
  const modified = timeOf(cve['lastModified'])
  const isRejected = cve['vulnStatus'] === 'Rejected'
  const links = references()
  for (const value of listOf(cve['references'], 500)) links.add(fieldsOf(value)['url'], referenceKind(listOf(fieldsOf(value)['tags'], 20)))
  const metrics = fieldsOf(cve['metrics'])
  const cvss: CvssStatement[] = []
  for (const name of ['cvssMetricV40', 'cvssMetricV31', 'cvssMetricV30', 'cvssMetricV2']) {
    for (const value of listOf(metrics[name], 20)) {
      const metric = fieldsOf(value)
      const data = fieldsOf(metric['cvssData'])
      const found = cvssOf(data['vectorString'], data['baseScore'], wordOf(metric['source'], 100))
      if (found !== null && !cvss.some((one) => one.vector === found.vector)) cvss.push(found)
    }
  }
  const published = timeOf(cve['published'])
  putCve(id, id, {
    details: english(cve['descriptions']), published, modified, withdrawn: isRejected ? (modified ?? published) : undefined, cvss,
    cwe: unique(listOf(cve['weaknesses'], 50).flatMap((one) => listOf(fieldsOf(one)['description'], 20)).map((one) => cweOf(fieldsOf(one)['value'])).filter((one) => one !== undefined)),
    references: links.all, overlay: exploitedOf(cve),
  }, cve['configurations'], sink)
}

function exploitedOf(cve: Fields): Overlay | undefined {
  const since = timeOf(cve['cisaExploitAdd'])?.slice(0, 10)
  if (since === undefined) return undefined
  const due = timeOf(cve['cisaActionDue'])?.slice(0, 10)
  return { exploited: known({ since, due, ransomware: false, action: textOf(cve['cisaRequiredAction'], 2000), name: textOf(cve['cisaVulnerabilityName'], 300) }) as NonNullable<Overlay['exploited']> }
}

function english(value: unknown): string | undefined {
  const list = listOf(value, 20).map(fieldsOf)
  return textOf((list.find((one) => one['lang'] === 'en') ?? list[0])?.['value'])
}

/** `CVE_Items[]` of the retired 1.1 files. Throws `Unusable`. */
export function putLegacy(item: Fields, sink: Sink): void {
  const cve = fieldsOf(item['cve'])
  const id = fieldsOf(cve['CVE_data_meta'])['ID']
  if (!isCve(id)) throw new Unusable('no-cve-id', 'it has no CVE id')
  const links = references()
  for (const value of listOf(fieldsOf(cve['references'])['reference_data'], 500)) links.add(fieldsOf(value)['url'], referenceKind(listOf(fieldsOf(value)['tags'], 20)))
  const impact = fieldsOf(item['impact'])
  const three = fieldsOf(fieldsOf(impact['baseMetricV3'])['cvssV3'])
  const two = fieldsOf(fieldsOf(impact['baseMetricV2'])['cvssV2'])
  const details = english(fieldsOf(cve['description'])['description_data'])
  const published = timeOf(item['publishedDate'])
  const modified = timeOf(item['lastModifiedDate'])
  putCve(id, id, {
    details, published, modified, withdrawn: details?.startsWith('** REJECT **') === true ? (modified ?? published) : undefined,
    cvss: [cvssOf(three['vectorString'], three['baseScore']), cvssOf(two['vectorString'], two['baseScore'])].filter((one) => one !== null),
    cwe: unique(listOf(fieldsOf(cve['problemtype'])['problemtype_data'], 20).flatMap((one) => listOf(fieldsOf(one)['description'], 20)).map((one) => cweOf(fieldsOf(one)['value']))
      .filter((one) => one !== undefined)),
    references: links.all,
  }, fieldsOf(item['configurations'])['nodes'], sink)
}

/** One file of overrides: configurations that stand in for NVD's. None at all takes NVD's back. Throws `Unusable`. */
export function putOverride(record: Fields, sink: Sink): void {
  const about = fieldsOf(record['_annotation'])
  const cve = record['cve']
  const id = about['cve_id']
  if (!isCve(id)) throw new Unusable('no-cve-id', 'it has no CVE id')
  if (typeof cve !== 'object' || cve === null) throw new Unusable('no-configurations', `${id} has no part "cve"`)
  const links = references()
  for (const url of listOf(about['references'], 100)) links.add(url)
  for (const value of listOf(fieldsOf(cve)['references'], 100)) links.add(fieldsOf(value)['url'])
  const modified = timeOf(about['modified'])
  putCve(id, id, { details: textOf(about['description']), modified, references: links.all }, fieldsOf(cve)['configurations'], sink)
}

