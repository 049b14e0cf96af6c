import type { Affected, Interval } from '#core/knowledge/affected.ts'
import { isDistribution, schemeOf } from '#core/version/ecosystem.ts'
import { cpeAttributes, readCpe } from '../value/cpe.ts'
import { ecosystemName, packageName, purlProduct, readPurl, speaksOf } from '../value/ecosystem.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf, wordOf, wordsOf } from '../value/json-value.ts'
import { outside, rangesOf } from './range.ts'

type About = Omit<Affected, 'vulnerability' | 'key'>
const mostPackages = 5000

/** What the record says of packages, before it is said of each vulnerability; `lost` are reasons why some of it cannot be used. */
export function affectedOf(record: Fields): Readonly<{ affected: readonly About[]; lost: readonly string[] }> {
  const found: About[] = []
  const lost = new Set<string>()
  const seen = new Set<string>()
  for (const value of listOf(record['affected'], mostPackages)) {
    const one = readPackage(fieldsOf(value), lost)
    if (one === null) continue
    // Repositories and modules of one release repeat the same packages.
    const text = JSON.stringify(one)
    if (seen.has(text)) continue
    seen.add(text)
    found.push(one, ...asCpe(record, one))
  }
  return { affected: found, lost: [...lost] }
}

function readPackage(entry: Fields, lost: Set<string>): About | null {
  const named = fieldsOf(entry['package'])
  const purl = readPurl(named['purl'])
  const ecosystem = wordOf(named['ecosystem'], 100) ?? (purl === null ? undefined : purlProduct(purl)?.ecosystem)
  const name = wordOf(named['name'], 300) ?? (purl === null ? undefined : purlProduct(purl)?.name)
  const specific = fieldsOf(entry['ecosystem_specific'])
  const own = fieldsOf(entry['database_specific'])
  const kept = ecosystem === undefined ? '' : ecosystemName(ecosystem)
  const scheme = schemeOf(kept)
  const ranges = rangesOf(entry['ranges'], scheme)
  for (const reason of ranges.lost) if (reason !== 'git-range' || (ranges.intervals.length === 0 && listOf(entry['versions'], 1).length === 0)) lost.add(reason)
  if (ecosystem === undefined || name === undefined) {
    lost.add('no-package')
    return null
  }
  const isOfDistribution = isDistribution(kept)
  const bounded = narrowed(ranges.intervals, ranges.fixed, specific['custom_ranges'], own['last_known_affected_version_range'], scheme)
  // A distribution lists every version it ever had beside the range that says the same.
  const versions = isOfDistribution && bounded.intervals.length > 0 ? [] : outside(wordsOf(entry['versions'], 20_000), bounded.intervals, scheme)
  if (bounded.intervals.length === 0 && versions.length === 0) {
    lost.add('no-version')
    return null
  }
  const rating = wordOf(own['urgency'] ?? specific['urgency'] ?? own['severity'], 40)?.toLowerCase()
  const isOpen = bounded.intervals.some((one) => one.before === undefined && one.upTo === undefined)
  return {
    record: 'affected', product: { ecosystem: kept, name: packageName(kept, name) }, of: speaksOf(kept), scheme, intervals: bounded.intervals, versions,
    status: isOfDistribution && isOpen ? 'unfixed' : 'affected', fixed: bounded.fixed, ...(rating === undefined || rating === 'not yet assigned' ? {} : { rating }),
  }
}

/**
 * All versions, with a note that it is not all: ranges that Go's database could not put in module versions, and the last affected version that GitHub knows of.
 */
function narrowed(intervals: readonly Interval[], fixed: readonly string[], custom: unknown, last: unknown, scheme: Affected['scheme']): Readonly<{ intervals: readonly Interval[]; fixed: readonly string[] }> {
  const more = rangesOf(custom, scheme)
  const isAll = intervals.every((one) => Object.keys(one).length === 0)
  if (more.intervals.length > 0) return { intervals: isAll ? more.intervals : [...intervals, ...more.intervals], fixed: [...fixed, ...more.fixed] }
  const bound = typeof last === 'string' && last.length < 100 ? /^\s*(<=?)\s*([\w.+:~-]+)\s*$/.exec(last) : null
  const only = intervals[0]
  if (bound === null || intervals.length !== 1 || only?.before !== undefined || only?.upTo !== undefined) return { intervals, fixed }
  return { intervals: [{ ...only, ...(bound[1] === '<' ? { before: bound[2]! } : { upTo: bound[2]! }) }], fixed }
}

/** Bitnami names the application by CPE too, which is how a banner names it. */
function asCpe(record: Fields, about: About): readonly About[] {
  if (about.product.ecosystem !== 'Bitnami') return []
  const found = new Map<string, About>()
  for (const text of listOf(fieldsOf(record['database_specific'])['cpes'], 50)) {
    const cpe = readCpe(text)
    if (cpe === null) continue
    const attributes = cpeAttributes(cpe)
    const one: About = { ...about, product: { ecosystem: 'cpe', name: cpe.name, part: cpe.part }, scheme: 'generic', ...(attributes === undefined ? {} : { cpe: attributes }) }
    found.set(JSON.stringify([one.product, attributes]), one)
  }
  return [...found.values()]
}
