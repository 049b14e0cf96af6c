import type { Affected, Interval } from '#core/knowledge/affected.ts'
import type { CvssStatement, Statement } from '#core/knowledge/record.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import { cvssOf } from '../value/cvss.ts'
import { type Sink, Unusable } from '../value/feed-run.ts'
import { splitPoints } from '../value/interval.ts'
import { type Fields, cweOf, fieldsOf, isCve, known, listOf, textOf, timeOf, unique, wordOf } from '../value/json-value.ts'
import { references } from '../value/reference.ts'
import { type TreeProduct, readTree } from './product-tree.ts'
import { type Resolved, resolve } from './product.ts'

const mostVulnerabilities = 2000
const mostIds = 50_000

/** Puts a CSAF 2.0 advisory or VEX document; `newest` remembers the version of each tracking id. Throws `Unusable`. */
export function putAdvisory(value: unknown, newest: Map<string, string>, sink: Sink): void {
  const root = fieldsOf(value)
  const document = fieldsOf(root['document'])
  const tracking = fieldsOf(document['tracking'])
  const id = wordOf(tracking['id'], 200)
  const version = wordOf(tracking['version'], 50)
  if (id === undefined || version === undefined || !/^2\.\d/.test(String(document['csaf_version']).slice(0, 10))) throw new Unusable('csaf-format', 'it is no CSAF 2 document with an id and a version')
  const before = newest.get(id)
  if (before !== undefined && compareNumbers(version, before) <= 0) throw new Unusable('superseded', `${id} ${version} is there as ${before} already`)
  newest.set(id, version)
  const published = timeOf(tracking['initial_release_date'])
  const modified = timeOf(tracking['current_release_date'])
  sink.seen(modified)
  const tree = readTree(fieldsOf(root['product_tree']))
  const general: Fields = document
  listOf(root['vulnerabilities'], mostVulnerabilities).forEach((one, index) => {
    putVulnerability({ id, index, document: general, published, modified, tree }, fieldsOf(one), sink)
  })
}

type Context = Readonly<{ id: string; index: number; document: Fields; published: string | undefined; modified: string | undefined; tree: ReadonlyMap<string, TreeProduct> }>

function putVulnerability({ id, index, document, published, modified, tree }: Context, fields: Fields, sink: Sink): void {
  const cve = fields['cve']
  const own = wordOf(fieldsOf(listOf(fields['ids'], 1)[0])['text'], 100)
  const vulnerability = isCve(cve) ? cve : own !== undefined && /^[A-Za-z0-9][\w.:-]{3,90}$/.test(own) ? own : `${id}-${index + 1}`
  const links = references()
  for (const [list, kind] of [[document['references'], 'advisory'], [fields['references'], 'web']] as const) {
    for (const one of listOf(list, 100)) links.add(fieldsOf(one)['url'], fieldsOf(one)['category'] === 'self' ? 'advisory' : kind)
  }
  const impacts = listOf(fields['threats'], 500).map(fieldsOf).filter((one) => one['category'] === 'impact')
  const rating = wordOf(impacts[0]?.['details'], 40) ?? wordOf(fieldsOf(document['aggregate_severity'])['text'], 40)
  const { affected, lost } = statusOf(fields, tree)
  const title = textOf(fields['title'], 500)
  sink.put(known({
    record: 'statement', vulnerability, key: id, aliases: [], title: title === undefined || isCve(title) ? textOf(document['title'], 500) : title,
    details: notesOf(fields['notes']) ?? notesOf(document['notes']), solution: solutionOf(fields['remediations']), published, modified, rating: rating?.toLowerCase(),
    cvss: ratingsOf(fields['scores'] ?? fields['metrics']), cwe: unique([cweOf(fieldsOf(fields['cwe'])['id']), ...listOf(fields['cwes'], 20).map((one) => cweOf(fieldsOf(one)['id']))].filter((one) => one !== undefined)),
    references: links.all, products: unique(affected.map((one) => one.product.name)).slice(0, 50),
  }) as Statement)
  for (const one of affected) sink.put({ ...one, vulnerability, key: id, ...(rating === undefined || !isDistribution(one.product.ecosystem) ? {} : { rating: rating.toLowerCase() }) })
  for (const [reason, text] of lost) sink.unused(`${id} ${vulnerability}`, reason, text)
}

function notesOf(value: unknown): string | undefined {
  const notes = listOf(value, 100).map(fieldsOf)
  const note = notes.find((one) => one['category'] === 'description') ?? notes.find((one) => one['category'] === 'summary') ?? notes.find((one) => one['category'] === 'details')
  return textOf(note?.['text'])
}

function solutionOf(value: unknown): string | undefined {
  const texts = listOf(value, 1000).map(fieldsOf).filter((one) => one['category'] === 'vendor_fix' || one['category'] === 'mitigation' || one['category'] === 'workaround')
    .sort((a, b) => (a['category'] === 'vendor_fix' ? 0 : 1) - (b['category'] === 'vendor_fix' ? 0 : 1)).map((one) => textOf(one['details'], 2000)).filter((one) => one !== undefined)
  return texts.length === 0 ? undefined : textOf(unique(texts).slice(0, 30).join('\n\n'), 8000)
}

/** 2.0 has `scores[].cvss_v3`, 2.1 `metrics[].content.cvss_v3`. */
function ratingsOf(value: unknown): readonly CvssStatement[] {
  const found: CvssStatement[] = []
  for (const one of listOf(value, 500)) {
    const score = { ...fieldsOf(one), ...fieldsOf(fieldsOf(one)['content']) }
    for (const name of ['cvss_v4', 'cvss_v3', 'cvss_v2'] as const) {
      const fields = fieldsOf(score[name])
      const cvss = cvssOf(fields['vectorString'], fields['baseScore'])
      if (cvss !== null && found.length < 10 && !found.some((other) => other.vector === cvss.vector)) found.push(cvss)
    }
  }
  return found
}

type About = Omit<Affected, 'vulnerability' | 'key'>
const statuses: Readonly<Record<string, Affected['status'] | 'fixed'>> = {
  known_affected: 'affected', first_affected: 'affected', last_affected: 'affected', fixed: 'fixed', first_fixed: 'fixed', recommended: 'fixed',
  known_not_affected: 'notAffected', under_investigation: 'underInvestigation',
}

/** `product_status` as ranges, by product. A package of a distribution that is fixed is affected before that version. */
function statusOf(fields: Fields, tree: ReadonlyMap<string, TreeProduct>): Readonly<{ affected: readonly About[]; lost: ReadonlyMap<string, string> }> {
  const lost = new Map<string, string>()
  const groups = new Map<string, { one: Resolved; status: Affected['status']; intervals: Map<string, Interval>; fixed: Set<string> }>()
  const unfixed = new Set<string>()
  for (const value of listOf(fields['remediations'], 1000)) {
    const remedy = fieldsOf(value)
    if (remedy['category'] === 'no_fix_planned' || remedy['category'] === 'none_available') for (const id of listOf(remedy['product_ids'], mostIds)) if (typeof id === 'string') unfixed.add(id)
  }
  const group = (one: Resolved, status: Affected['status']): { intervals: Map<string, Interval>; fixed: Set<string> } => {
    const key = JSON.stringify([one.product, one.of, status])
    const found = groups.get(key) ?? { one, status, intervals: new Map(), fixed: new Set() }
    groups.set(key, found)
    return found
  }
  const fixes: Resolved[] = []
  for (const [name, list] of Object.entries(fieldsOf(fields['product_status'])).slice(0, 20)) {
    const status = Object.hasOwn(statuses, name) ? statuses[name]! : null
    if (status === null) continue
    for (const id of listOf(list, mostIds)) {
      const one = typeof id === 'string' ? resolve(tree, id) : null
      if (one === null) lost.set('no-product', `${String(id).slice(0, 200)} of ${name}`)
      else if (one.intervals === null) lost.set('version-text', tree.get(String(id))?.range ?? tree.get(String(id))?.title ?? '')
      else if (status === 'fixed') fixes.push(one)
      else {
        const { intervals } = group(one, status === 'affected' && unfixed.has(String(id)) ? 'unfixed' : status)
        for (const interval of one.intervals) intervals.set(JSON.stringify(interval), interval)
      }
    }
  }
  for (const one of fixes) {
    if (one.version === undefined) continue
    if (isDistribution(one.product.ecosystem)) {
      const { intervals, fixed } = group(one, 'affected')
      intervals.set(one.version, { before: one.version })
      fixed.add(one.version)
    } else for (const other of groups.values()) if (other.one.product.name === one.product.name) other.fixed.add(one.version)
  }
  return { affected: [...groups.values()].map(madeOf), lost }
}

function madeOf({ one, status, intervals, fixed }: { one: Resolved; status: Affected['status']; intervals: ReadonlyMap<string, Interval>; fixed: ReadonlySet<string> }): About {
  const isAll = intervals.has('{}')
  const split = splitPoints(isAll ? [{}] : [...intervals.values()])
  const fixes = [...fixed, ...split.intervals.map((interval) => interval.before).filter((before) => before !== undefined)]
  return {
    // Of what is not affected, all versions is the empty list.
    record: 'affected', product: one.product, of: one.of, scheme: one.scheme, ...(isAll && status === 'notAffected' ? { intervals: [], versions: [] } : split), status,
    fixed: unique(fixes).slice(0, 50),
  }
}

/** `2` before `10`, `1.2` before `1.10`. */
function compareNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
