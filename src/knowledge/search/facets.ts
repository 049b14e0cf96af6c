import { formatTerm } from '#core/query/query.ts'
import type { Facet } from '../knowledge-base.ts'
import { detectionBits, sourceBit, sourceOrder } from '../source-bit.ts'
import { flagBits, noTime, type Columns, type WordList } from './columns.ts'
import type { Found } from './evaluate.ts'

export const severityLabels: Readonly<Record<string, string>> = { 0: 'Not rated', 1: 'Minimal', 2: 'Medium', 3: 'Serious', 4: 'Critical', 5: 'Urgent' }
const detectionLabels: Readonly<Record<string, string>> = {
  signature: 'Signature', template: 'Template', package: 'Package version', product: 'Product version', library: 'Client-side library', industrial: 'Industrial product', none: 'Not yet',
}
const most = 15

/** What a result holds, by field. */
export function facetsOf(columns: Columns, { mask }: Found): readonly Facet[] {
  const severity = new Uint32Array(6)
  const detection = new Uint32Array(64)
  const sources = new Uint32Array(sourceOrder.length)
  const [exploited, flags] = [new Uint32Array(2), new Uint32Array(256)]
  const lists = { cwe: counter(columns.cwe), product: counter(columns.products) }
  const years = new Map<number, number>()
  let lastYear = -1
  let inYear = 0
  const endYear = (): void => {
    if (inYear > 0) years.set(lastYear, (years.get(lastYear) ?? 0) + inYear)
    inYear = 0
  }
  for (let at = 0; at < columns.count; at++) {
    if (mask[at] === 0) continue
    severity[columns.severity[at]!]!++
    detection[columns.detection[at]!]!++
    exploited[columns.exploited[at] === noTime ? 0 : 1]!++
    flags[columns.flags[at]!]!++
    let bits = columns.sources[at]!
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits)
      sources[bit]!++
      bits &= bits - 1
    }
    lists.cwe.add(at)
    lists.product.add(at)
    const year = columns.id[at]! < 1_000_000_000 ? 0 : 1990 + Math.floor((columns.id[at]! - 1_000_000_000) / 10_000_000)
    if (year !== lastYear) endYear()
    lastYear = year
    inYear++
  }
  endYear()
  const withFlag = (bit: number): number => flags.reduce((sum, count, value) => ((value & bit) === 0 ? sum : sum + count), 0)
  const withDetection = (bit: number): number => detection.reduce((sum, count, value) => ((value & bit) === 0 ? sum : sum + count), 0)
  return [
    facet('severity', 'Severity', [5, 4, 3, 2, 1, 0].map((value) => [String(value), severityLabels[value]!, severity[value]!])),
    facet('exploited', 'Known exploited', [['true', 'Yes', exploited[1]!], ['false', 'No', exploited[0]!]]),
    facet('ransomware', 'Ransomware', [['true', 'Known', withFlag(flagBits.ransomware)]]),
    facet('exploit', 'Public exploit', [['weaponised', 'Ready to use', withFlag(flagBits.exploitWeaponised)], ['poc', 'Proof of concept', withFlag(flagBits.exploitPoc)]]),
    facet('ssvc', 'SSVC exploitation', [['active', 'Active', withFlag(flagBits.ssvcActive)], ['poc', 'Proof of concept', withFlag(flagBits.ssvcPoc)]]),
    facet('detection', 'Detected by', [
      ...Object.entries(detectionBits).map(([word, bit]) => [word, detectionLabels[word]!, withDetection(bit)] as const).toSorted((a, b) => b[2] - a[2]), ['none', detectionLabels['none']!, detection[0]!] as const,
    ]),
    facet('product', 'Product', lists.product.best()),
    facet('cwe', 'Weakness', lists.cwe.best()),
    facet('source', 'Source', sourceOrder.map((name, place) => [name, name, sources[place]!] as const).filter(([name]) => sourceBit(name) !== 0).toSorted((a, b) => b[2] - a[2])),
    facet('name', 'Year', [...years].filter(([year]) => year > 0).toSorted((a, b) => b[0] - a[0]).map(([year, count]) => [`CVE-${year}*`, String(year), count] as const)),
  ].filter((one) => one.values.length > 0)
}

export function facet(field: string, label: string, values: readonly (readonly [value: string, label: string, count: number])[]): Facet {
  return {
    field, label,
    values: values.filter(([, , count]) => count > 0).map(([value, text, count]) => ({ value, label: text, term: value.endsWith('*') ? `${field}:${value}` : formatTerm(field, value), count })),
  }
}

function counter({ words, offsets, places }: WordList) {
  const counts = new Uint32Array(words.length)
  return {
    add(at: number): void {
      for (let place = offsets[at]!; place < offsets[at + 1]!; place++) counts[places[place]!]!++
    },
    best(): (readonly [string, string, number])[] {
      const order = Array.from(counts.keys()).filter((place) => counts[place]! > 0).sort((a, b) => counts[b]! - counts[a]! || (words[a]! < words[b]! ? -1 : 1)).slice(0, most)
      return order.map((place) => [words[place]!, words[place]!, counts[place]!] as const)
    },
  }
}
