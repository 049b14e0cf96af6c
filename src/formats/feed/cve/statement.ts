import type { CvssStatement, Overlay, Statement } from '#core/knowledge/record.ts'
import { cpeWord } from '../value/cpe.ts'
import { cvssOf } from '../value/cvss.ts'
import type { Fields } from '../value/json-value.ts'
import { cweOf, fieldsOf, known, listOf, textOf, timeOf, unique, wordOf } from '../value/json-value.ts'
import { referenceKind, references } from '../value/reference.ts'

export type Container = Readonly<{ cve: string; key: string; by: string | undefined; fields: Fields }>

/** What a container of a CVE record says in text and ratings. References that are in `known` already are left out. */
export function statementOf({ cve, key, by, fields }: Container, times: Readonly<{ published: string | undefined; modified: string | undefined }>, told: ReadonlySet<string>): Statement {
  const links = references()
  for (const value of listOf(fields['references'], 500)) {
    const reference = fieldsOf(value)
    const url = reference['url']
    if (typeof url === 'string' && !told.has(url)) links.add(url, referenceKind(listOf(reference['tags'], 20)))
  }
  return known({
    record: 'statement', vulnerability: cve, key, aliases: [],
    title: textOf(fields['title'], 500),
    details: english(fields['descriptions']),
    impact: english(listOf(fields['impacts'], 20).flatMap((one) => listOf(fieldsOf(one)['descriptions'], 20)), 4000),
    solution: english(fields['solutions'], 8000) ?? english(fields['workarounds'], 8000),
    ...times,
    cvss: ratingsOf(fields['metrics'], by),
    cwe: unique(listOf(fields['problemTypes'], 50).flatMap((one) => listOf(fieldsOf(one)['descriptions'], 50))
      .map((one) => cweOf(fieldsOf(one)['cweId']) ?? cweOf(fieldsOf(one)['description'])).filter((one) => one !== undefined)),
    references: links.all,
    products: productNames(fields['affected']),
    overlay: overlayOf(fields),
  }) as Statement
}

/** Texts in English, one after the other; in whatever language there is when none is. */
function english(value: unknown, most?: number): string | undefined {
  const list = listOf(value, 50).map(fieldsOf)
  const chosen = list.filter((one) => typeof one['lang'] === 'string' && one['lang'].toLowerCase().startsWith('en'))
  const texts = (chosen.length > 0 ? chosen : list.slice(0, 1)).map((one) => textOf(one['value'] ?? one['description'])).filter((one) => one !== undefined)
  return texts.length === 0 ? undefined : textOf(unique(texts).join('\n\n'), most)
}

function ratingsOf(metrics: unknown, by: string | undefined): readonly CvssStatement[] {
  const found: CvssStatement[] = []
  for (const value of listOf(metrics, 50)) {
    const metric = fieldsOf(value)
    for (const name of ['cvssV4_0', 'cvssV3_1', 'cvssV3_0', 'cvssV2_0']) {
      if (metric[name] === undefined) continue
      const fields = fieldsOf(metric[name])
      const cvss = cvssOf(fields['vectorString'], fields['baseScore'], by)
      if (cvss !== null && !found.some((one) => one.vector === cvss.vector)) found.push(cvss)
    }
  }
  return found
}

function productNames(value: unknown): readonly string[] {
  const names = new Set<string>()
  for (const one of listOf(value, 500)) {
    const { vendor, product } = fieldsOf(one)
    const [first, second] = [cpeWord(wordOf(vendor) ?? ''), cpeWord(wordOf(product) ?? '')]
    if (second !== null) names.add(`${first ?? 'unknown'}:${second}`)
    if (names.size >= 50) break
  }
  return [...names]
}

/** CISA's enrichment: how far exploitation has come (SSVC) and since when it is on the list of exploited ones (KEV). */
export function overlayOf(fields: Fields): Overlay | undefined {
  let overlay: { -readonly [K in keyof Overlay]: Overlay[K] } = {}
  for (const value of listOf(fields['metrics'], 50)) {
    const other = fieldsOf(fieldsOf(value)['other'])
    const content = fieldsOf(other['content'])
    if (other['type'] === 'ssvc') overlay = { ...overlay, ...ssvcOf(content) }
    if (other['type'] === 'kev') {
      const since = timeOf(content['dateAdded'])
      const note = textOf(content['reference'], 500)
      if (since !== undefined) overlay.exploited = { since: since.slice(0, 10), ransomware: false, ...(note === undefined ? {} : { note }) }
    }
  }
  return overlay.ssvc === undefined && overlay.exploited === undefined ? undefined : overlay
}

function ssvcOf(content: Fields): Pick<Overlay, 'ssvc'> {
  const answers = new Map<string, string>()
  for (const option of listOf(content['options'], 20)) {
    for (const [name, value] of Object.entries(fieldsOf(option)).slice(0, 5)) if (typeof value === 'string') answers.set(name, value.toLowerCase())
  }
  const exploitation = answers.get('Exploitation')
  if (exploitation !== 'none' && exploitation !== 'poc' && exploitation !== 'active') return {}
  const automatable = answers.get('Automatable')
  const impact = answers.get('Technical Impact')
  const at = timeOf(content['timestamp'])
  return {
    ssvc: {
      exploitation, automatable: automatable === 'yes' ? true : automatable === 'no' ? false : null, impact: impact === 'partial' || impact === 'total' ? impact : null,
      ...(at === undefined ? {} : { at }),
    },
  }
}
