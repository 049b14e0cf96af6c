import { fail } from '#core/errors.ts'
import type { FeedRecord, Statement } from '#core/knowledge/record.ts'
import type { FeedReader } from './reader.ts'
import { cpeWord } from './value/cpe.ts'
import { parsedJson } from './value/json-file.ts'
import type { Fields } from './value/json-value.ts'
import { cweOf, fieldsOf, isCve, isFields, known, listOf, textOf, timeOf, unique, wordOf } from './value/json-value.ts'
import { references } from './value/reference.ts'

/** CISA's catalogue of vulnerabilities known to be exploited. Whole: what is no longer in it is no longer said to be. */
export const kev: FeedReader = {
  source: {
    name: 'kev', title: 'Known Exploited Vulnerabilities', licence: 'CC0-1.0', attribution: 'Cybersecurity and Infrastructure Security Agency (CISA)',
    homepage: 'https://www.cisa.gov/known-exploited-vulnerabilities-catalog',
    upstream: ['https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'],
  },
  recognises: (path) => /(^|\/)known_exploited_vulnerabilities\.json(\.gz)?$/.test(path),
  async *read(input) {
    let found = false
    for await (const entry of input.entries()) {
      if (!/\.json(\.gz)?$/.test(entry.name) || /schema/.test(entry.name)) continue
      found = true
      yield* catalogue(input.name, parsedJson(entry.name, 'a catalogue of exploited vulnerabilities', await entry.bytes()))
    }
    if (!found) fail('feed.format', { path: input.name, what: 'a catalogue of exploited vulnerabilities', problem: 'there is no JSON file in it' })
  },
}

function* catalogue(path: string, parsed: unknown): Generator<FeedRecord> {
  const { count, vulnerabilities, catalogVersion, dateReleased } = fieldsOf(parsed)
  if (!Array.isArray(vulnerabilities)) fail('feed.format', { path, what: 'a catalogue of exploited vulnerabilities', problem: 'it has no list of vulnerabilities' })
  if (count !== vulnerabilities.length) fail('feed.count', { path, said: Number(count), held: vulnerabilities.length })
  const snapshot = timeOf(dateReleased)?.slice(0, 10)
  yield known({ record: 'head', whole: true, snapshot, version: wordOf(catalogVersion) } as const)
  for (const item of vulnerabilities as readonly unknown[]) {
    const statement = isFields(item) ? statementOf(item) : null
    yield statement ?? { record: 'unused', key: wordOf(fieldsOf(item).cveID) ?? '', reason: 'no-cve', text: 'has no CVE id or day' }
  }
  yield { record: 'counted', records: vulnerabilities.length }
}

function statementOf(item: Fields): Statement | null {
  const vulnerability = wordOf(item.cveID)
  const since = timeOf(item.dateAdded)?.slice(0, 10)
  if (!isCve(vulnerability) || since === undefined) return null
  const web = references()
  for (const part of (textOf(item.notes) ?? '').split(/[\s;]+/)) web.add(part.replace(/[,.)]+$/, ''))
  const vendor = cpeWord(wordOf(item.vendorProject) ?? '')
  const product = cpeWord(wordOf(item.product) ?? '')
  const action = textOf(item.requiredAction)
  return known({
    record: 'statement', vulnerability, key: vulnerability, aliases: [], title: textOf(item.vulnerabilityName, 500), details: textOf(item.shortDescription), solution: action,
    cvss: [], cwe: unique(listOf(item.cwes, 100).map(cweOf).filter((id) => id !== undefined)), references: web.all,
    products: vendor === null || product === null ? [] : [`${vendor}:${product}`],
    overlay: {
      exploited: known({
        since, due: timeOf(item.dueDate)?.slice(0, 10), ransomware: wordOf(item.knownRansomwareCampaignUse)?.toLowerCase() === 'known', action,
        name: textOf(item.vulnerabilityName, 500), note: textOf(item.notes),
      }),
    },
  } as const)
}
