import type { Affected } from '#core/knowledge/affected.ts'
import { isDistribution, schemeOf } from '#core/version/ecosystem.ts'
import { speaksOf } from '../value/ecosystem.ts'
import type { Sink } from '../value/feed-run.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf } from '../value/json-value.ts'
import { productsOf } from './product.ts'
import { compareSpoken, rangesOf } from './versions.ts'

const mostProducts = 3000

/** Puts the `affected` list of one container, CNA or ADP, of a CVE record. */
export function putAffected(cve: string, key: string, list: unknown, sink: Sink): void {
  const reasons = new Map<string, string>()
  for (const value of listOf(list, mostProducts)) {
    const entry = fieldsOf(value)
    const reason = putProduct(cve, key, entry, sink)
    for (const one of reason) if (!reasons.has(one)) reasons.set(one, typeof entry['product'] === 'string' ? entry['product'] : '')
  }
  for (const [reason, product] of reasons) sink.unused(key, reason, product)
}

/** Puts what one entry says and tells what of it cannot be used. */
function putProduct(cve: string, key: string, entry: Fields, sink: Sink): readonly string[] {
  const named = productsOf(entry)
  if (typeof named === 'string') return [named]
  const ranges = rangesOf(entry, compareSpoken)
  const lost = [...ranges.lost]
  for (const { product, cpe, own } of named) {
    const distribution = isDistribution(product.ecosystem)
    const base = {
      record: 'affected', vulnerability: cve, key, product, of: speaksOf(product.ecosystem), scheme: schemeOf(product.ecosystem), fixed: ranges.fixed, ...(cpe === undefined ? {} : { cpe }),
    } as const
    const put = (status: Affected['status'], intervals: Affected['intervals'], versions: Affected['versions']): void => sink.put({ ...base, status, intervals, versions })
    if (ranges.says === 'versions') put('affected', ranges.intervals, ranges.versions)
    else if (own.length > 0 && entry['defaultStatus'] !== 'unaffected') put('affected', [], own)
    else if (listOf(entry['versions'], 1).length > 0) {
      if (lost.length === 0) lost.push('no-affected-version')
    } else if (entry['defaultStatus'] === 'affected') put(distribution ? 'unfixed' : 'affected', [{}], [])
    else if (entry['defaultStatus'] === 'unaffected' && distribution) put('notAffected', [], [])
    else lost.push('no-version')
  }
  return lost
}
