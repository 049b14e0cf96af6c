import type { CvssStatement, Overlay, SourceName, Statement } from '#core/knowledge/record.ts'
import type { Sourced } from './knowledge-base.ts'

/**
 * Who is believed for what, first to last. Text comes from who assigned the CVE, then from those who wrote about it; ratings from the assigner, then from CISA's
 * enrichment, NVD, and the package and vendor databases. Nothing is thrown away: what was outranked is shown beside.
 */
const text: readonly SourceName[] = [
  'cve', 'vulnrichment', 'nvd', 'ghsa', 'rustsec', 'osv', 'csaf', 'redhat', 'debian', 'ubuntu', 'alpine', 'retirejs', 'nuclei', 'kev', 'nvd-overrides', 'vigil', 'endoflife',
]
const title: readonly SourceName[] = ['kev', ...text.filter((name) => name !== 'kev')]
const rating: readonly SourceName[] = ['cve', 'vulnrichment', 'nvd', 'ghsa', 'redhat', 'csaf', 'osv', 'rustsec', 'nvd-overrides', 'nuclei', 'retirejs']
const weakness: readonly SourceName[] = ['cve', 'vulnrichment', 'nvd', 'ghsa', 'csaf', 'redhat', 'osv', 'rustsec', 'kev', 'nuclei', 'retirejs']
const exploited: readonly SourceName[] = ['kev', 'vulnrichment', 'nvd', 'csaf']

/** Of several CVSS versions: 3.1 is what most of all vulnerabilities have, so that their scores compare. */
const cvssVersions = ['3.1', '3.0', '4.0', '2.0'] as const
const words: Readonly<Record<string, number>> = {
  critical: 5, urgent: 5, high: 4, important: 4, serious: 4, medium: 3, moderate: 3, low: 2, minor: 2, negligible: 1, unimportant: 1, minimal: 1, none: 1, info: 1, informational: 1,
}

export type Said = Readonly<{ source: SourceName; statement: Statement }>

/** A rating and the severity it means: docs/user/glossary.md. */
export function severityOfScore(score: number): number {
  return score >= 9 ? 5 : score >= 7 ? 4 : score >= 4 ? 3 : score > 0 ? 2 : 1
}

export function severityOfWord(word: string): number {
  return words[word.toLowerCase()] ?? 0
}

/** Statements that still hold, best first. A withdrawn one speaks only where nobody else does. */
export function inOrder(said: readonly Said[], order: readonly SourceName[] = text): readonly Said[] {
  const rank = (source: SourceName): number => {
    const place = order.indexOf(source)
    return place < 0 ? order.length : place
  }
  const holding = said.filter(({ statement }) => statement.withdrawn === undefined)
  return (holding.length === 0 ? said : holding).toSorted((a, b) => rank(a.source) - rank(b.source) || (a.statement.key < b.statement.key ? -1 : a.statement.key > b.statement.key ? 1 : 0))
}

export type Facts = Readonly<{
  title: Sourced<string> | null; details: Sourced<string> | null; impact: Sourced<string> | null; solution: Sourced<string> | null; cvss: Sourced<string> | null
  cwe: Sourced<readonly string[]> | null
}>

export function factsOf(said: readonly Said[]): Facts {
  const texts = inOrder(said)
  return {
    title: first(inOrder(said, title), ({ title: one }) => one),
    details: first(texts, ({ details }) => details),
    impact: first(texts, ({ impact }) => impact),
    solution: first(texts, ({ solution }) => solution),
    cvss: first(inOrder(said, rating), (statement) => cvssOf(statement)?.vector),
    cwe: first(inOrder(said, weakness), ({ cwe }) => (cwe.length === 0 ? undefined : cwe)),
  }
}

/** The vector that counts, of all statements. */
export function ratingOf(said: readonly Said[]): Readonly<{ cvss: CvssStatement | null; word: string | null }> {
  const order = inOrder(said, rating)
  for (const { statement } of order) {
    const cvss = cvssOf(statement)
    if (cvss !== null && cvss.score !== null) return { cvss, word: null }
  }
  for (const { statement } of order) if (statement.rating !== undefined && severityOfWord(statement.rating) > 0) return { cvss: null, word: statement.rating }
  return { cvss: null, word: null }
}

function cvssOf({ cvss }: Statement): CvssStatement | null {
  for (const version of cvssVersions) {
    const found = cvss.find((one) => one.version === version && one.score !== null)
    if (found !== undefined) return found
  }
  return null
}

function first<T>(said: readonly Said[], value: (statement: Statement) => T | undefined): Sourced<T> | null {
  const all = said.map(({ source, statement }) => ({ source, key: statement.key, value: value(statement) })).filter((one): one is { source: SourceName; key: string; value: T } =>
    one.value !== undefined && one.value !== '')
  const [best, ...rest] = all
  if (best === undefined) return null
  const told = new Set([JSON.stringify(best.value)])
  const others = rest.filter((one) => !told.has(JSON.stringify(one.value)) && told.add(JSON.stringify(one.value)) !== undefined).slice(0, 10)
  return { value: best.value, source: best.source, key: best.key, others }
}

/**
 * What is known beyond the text: SSVC and exploits by what is worst. Where the list of known exploited vulnerabilities itself is there (`listed`), it alone says what is
 * exploited: copies of its mark in other feeds outlive what it takes back.
 */
export function overlayOf(said: readonly Said[], listed: boolean): Overlay {
  const all = inOrder(said, exploited).filter(({ statement }) => statement.overlay !== undefined)
  const order = all.map(({ statement }) => statement.overlay!)
  const stage = { none: 0, poc: 1, active: 2 } as const
  const known = all.find(({ source, statement }) => statement.overlay?.exploited !== undefined && (!listed || source === 'kev'))?.statement.overlay?.exploited
  const ssvc = order.map((one) => one.ssvc).filter((one) => one !== undefined).sort((a, b) => stage[b.exploitation] - stage[a.exploitation])[0]
  const exploits = order.map((one) => one.exploit).filter((one) => one !== undefined)
  const exploit = exploits.find((one) => one.maturity === 'weaponised') ?? exploits[0]
  return { ...(known === undefined ? {} : { exploited: known }), ...(ssvc === undefined ? {} : { ssvc }), ...(exploit === undefined ? {} : { exploit }) }
}

/** When it was taken back: by who assigned it, or by all who spoke of it. */
export function withdrawnOf(said: readonly Said[]): string | null {
  const assigner = said.find(({ source }) => source === 'cve') ?? said.find(({ source }) => source === 'vulnrichment') ?? said.find(({ source }) => source === 'nvd')
  if (assigner !== undefined) return assigner.statement.withdrawn ?? null
  const times = said.map(({ statement }) => statement.withdrawn)
  return said.length === 0 || times.includes(undefined) ? null : (times as string[]).sort()[0]!
}

/** 0–1000 for the order of lists: exploited first, then how likely, then how bad. */
export function riskOf(about: Readonly<{ exploited: boolean; ransomware: boolean; ssvc: string | null; exploit: string | null; epss: number | null; score: number | null; severity: number; withdrawn: boolean; detectable: boolean }>): number {
  if (about.withdrawn) return 0
  const severity = about.score ?? [0, 1, 3, 5, 8, 9.5][about.severity]!
  return Math.min(1000, Math.round(
    (about.exploited ? 380 : about.ssvc === 'active' ? 300 : 0) + (about.ransomware ? 60 : 0) + (about.exploit === 'weaponised' ? 60 : about.exploit === 'poc' || about.ssvc === 'poc' ? 30 : 0)
    + (about.epss ?? 0) * 200 + severity * 28 + (about.detectable ? 20 : 0),
  ))
}
