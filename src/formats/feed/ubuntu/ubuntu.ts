import type { Affected } from '#core/knowledge/affected.ts'
import type { Statement } from '#core/knowledge/record.ts'
import type { Criteria } from '../oval/document.ts'
import { putDefinitions } from '../oval/definitions.ts'
import type { Definition, OvalDocument, PackageTest } from '../oval/document.ts'
import { putRecord } from '../osv/osv.ts'
import type { FeedReader } from '../reader.ts'
import { cvssOf } from '../value/cvss.ts'
import { type Sink, jsonOf, runFeed } from '../value/feed-run.ts'
import { isCve, known, textOf, timeOf, unique } from '../value/json-value.ts'
import { references } from '../value/reference.ts'

/** Ubuntu's own word on its packages: OVAL by release, or records of OSV. */
export const ubuntu: FeedReader = {
  source: {
    name: 'ubuntu', title: 'Ubuntu Security', licence: 'CC-BY-SA-4.0', attribution: 'Canonical Ltd.', homepage: 'https://ubuntu.com/security',
    upstream: ['https://security-metadata.canonical.com/oval/'],
  },
  recognises: (path) => /(?:^|\/)ubuntu(?:[-_.][^/]*)?(?:\/|$)|(?:^|\/)(?:oci\.)?com\.ubuntu\.[\w.-]+\.xml(?:\.gz)?$/i.test(path),
  read: (input) => runFeed(input, {
    what: 'security data of Ubuntu',
    takes: (name) => /\.(?:json|xml)(?:\.gz)?$/.test(name),
    entry(bytes, name, sink) {
      if (/\.xml(?:\.gz)?$/.test(name)) return putDefinitions(input.name, bytes, sink, putDefinition)
      putRecord(jsonOf(bytes), sink)
      return 1
    },
  }),
}

/** What Ubuntu writes beside a test on packages, and what it means. */
const meanings: readonly (readonly [RegExp, Affected['status'] | 'none'])[] = [
  [/is related to the CVE in some way and has been fixed/, 'none'],
  [/is affected and may need fixing/, 'underInvestigation'],
  [/was vulnerable and has been fixed, but no release version available/, 'none'],
  [/is affected and needs fixing|is affected, but a decision has been made to defer|a decision has been made to ignore|is affected\. An update containing the fix/, 'unfixed'],
  [/was vulnerable but has been fixed|is earlier than/, 'affected'],
]

function putDefinition(definition: Definition, document: OvalDocument, sink: Sink): void {
  const release = definition.platforms.map((one) => /^Ubuntu (\d\d\.\d\d)(?:\.\d+)?(?: LTS)?$/.exec(one)?.[1]).find((one) => one !== undefined)
  const cves = unique([...definition.references.filter((one) => one.source === 'CVE').map((one) => one.id), ...definition.cves.map((one) => one.id)].filter(isCve))
  const notice = definition.references.find((one) => one.source === 'USN')?.id
  const key = (notice ?? cves[0] ?? definition.id).slice(0, 200)
  if (cves.length === 0) return sink.unused(key, 'no-cve', definition.title)
  if (release === undefined) return sink.unused(key, 'no-release', definition.platforms.join(', '))
  const groups = new Map<string, { name: string; status: Affected['status']; before: Set<string> }>()
  const lost = new Map<string, string>()
  const test = (comment: string, asked: PackageTest): void => {
    const status = meanings.find(([form]) => form.test(comment))?.[1] ?? (asked.below === null ? null : 'affected')
    if (status === null) return void lost.set('unknown-status', comment)
    if (status === 'none') return
    if (status === 'affected' && (asked.below === null || asked.operation !== 'less than')) return void lost.set('operation', comment)
    for (const name of asked.names) {
      const group = groups.get(`${name} ${status}`) ?? { name, status, before: new Set() }
      groups.set(`${name} ${status}`, group)
      if (asked.below !== null && status === 'affected') group.before.add(asked.below)
    }
  }
  walk(definition.criteria, (comment, id, negate) => {
    const asked = document.tests.get(id)
    if (asked === undefined || asked.names.length === 0) return
    if (negate) lost.set('negated', comment)
    else test(comment, asked)
  })
  const rating = definition.severity === '' ? undefined : definition.severity.toLowerCase()
  const links = references()
  for (const { url, source } of definition.references) links.add(url, source === 'USN' ? 'advisory' : 'web')
  for (const cve of cves) {
    const about = definition.cves.find((one) => one.id === cve)?.attributes ?? {}
    const cvss = cvssOf(about['cvss_vector'], about['cvss_score'], 'Ubuntu')
    const own = about['priority']?.toLowerCase() ?? rating
    sink.put(known({
      record: 'statement', vulnerability: cve, key, aliases: [], title: notice === undefined ? undefined : textOf(definition.title, 500), details: textOf(definition.description),
      published: timeOf(definition.issued.replace(/ UTC$/, 'Z')), rating: own, cvss: cvss === null ? [] : [cvss], cwe: [], references: links.all, products: [],
    }) as Statement)
    for (const { name, status, before } of groups.values()) {
      sink.put({
        record: 'affected', vulnerability: cve, key, product: { ecosystem: `Ubuntu:${release}`, name }, of: 'binary', scheme: 'dpkg', versions: [], status, fixed: [...before],
        intervals: before.size > 0 ? [...before].map((one) => ({ before: one })) : [{}], ...(own === undefined ? {} : { rating: own }),
      })
    }
  }
  for (const [reason, text] of lost) sink.unused(key, reason, text)
}

function walk(criteria: Criteria | null, test: (comment: string, id: string, negate: boolean) => void, negate = false): void {
  if (criteria === null || criteria.kind === 'definition') return
  if (criteria.kind === 'test') test(criteria.comment, criteria.test, negate || criteria.negate)
  else for (const one of criteria.of) walk(one, test, negate || criteria.negate)
}
