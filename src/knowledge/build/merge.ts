import type { DatabaseSync } from 'node:sqlite'
import { cveOfNumber } from '#core/knowledge/number.ts'
import type { SourceName, Statement } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import { factsOf, inOrder, overlayOf, ratingOf, riskOf, severityOfScore, severityOfWord, withdrawnOf, type Said } from '../precedence.ts'
import { detectionBits, sourceBit } from '../source-bit.ts'
import { byNumber, type Affecting, type Checking, type Probability } from './by-number.ts'
import { changesBetween, isSame, type Merged } from './news.ts'
import type { Names } from './names.ts'
import type { TextIndex } from './text-index.ts'

export type Merging = Readonly<{
  release: number; at: string; names: Names; sources: ReadonlyMap<number, SourceName>; firstTime: ReadonlySet<SourceName>; texts: TextIndex
  tell(done: number, all: number): void
}>

const mostProducts = 12
const mostDetails = 4000
const columns = [
  'id', 'name', 'title', 'published', 'modified', 'withdrawn', 'severity', 'cvss', 'cvss_version', 'score', 'epss', 'percentile', 'exploited_since', 'ransomware', 'ssvc', 'exploit', 'detection',
  'cwe', 'products', 'sources', 'risk', 'changed_in',
] as const

/** Rebuilds the merged view of every vulnerability in `touched`, and the log of what changed. Returns how many changed. */
export function mergeTouched(db: DatabaseSync, merging: Merging): number {
  const rowOf = db.prepare('select * from vulnerability where id = ?')
  const write = db.prepare(`insert or replace into vulnerability (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  const drop = db.prepare('delete from vulnerability where id = ?')
  const unindex = db.prepare('delete from search where rowid = ?')
  const isIndexed = db.prepare('select 1 from search where rowid = ?')
  const log = db.prepare('insert into change (release, at, subject, kind, text, source) values (?, ?, ?, ?, ?, ?)')
  const wasEmpty = db.prepare('select 1 from vulnerability limit 1').get() === undefined
  const ids = (db.prepare('select id from touched order by id').all() as { id: number }[]).map((row) => row.id)
  const rows = byNumber(db, ids.length)
  const listed = [...merging.sources.values()].includes('kev')
  let changed = 0
  let done = 0
  for (const id of ids) {
    if (++done % 20_000 === 0) merging.tell(done, ids.length)
    const said = rows.statements(id).map((row): Said => ({ source: merging.sources.get(row.source)!, statement: unpackBody<Statement>(row.body) }))
    const [affected, checks, probability] = [rows.affected(id), rows.checks(id), rows.probability(id)]
    const before = wasEmpty ? undefined : (rowOf.get(id) as Merged | undefined)
    if (said.length === 0 && affected.length === 0 && checks.length === 0 && probability === undefined) {
      if (before === undefined) continue
      drop.run(id)
      unindex.run(id)
      log.run(merging.release, merging.at, before.name, 'withdrawn', 'No source speaks of it any more.', null)
      changed++
      continue
    }
    const name = cveOfNumber(id) ?? before?.name ?? merging.names.nameOf(id) ?? `#${id}`
    const merged = mergeOne({ id, name, said, affected, checks, probability, sources: merging.sources, listed })
    const details = detailsOf(said)
    if (!wasEmpty && isIndexed.get(id) !== undefined) unindex.run(id)
    if (merged.title !== '' || details !== '') merging.texts.add(id, merged.title, merged.products, details)
    if (before !== undefined && isSame(before, merged)) continue
    write.run(...columns.map((column) => (column === 'changed_in' ? merging.release : merged[column])))
    changed++
    // A source that is read for the first time brings tens of thousands: the log tells of it once.
    const isNews = before !== undefined || !said.every((one) => merging.firstTime.has(one.source))
    if (!isNews || wasEmpty) continue
    for (const { kind, text, source } of changesBetween(before ?? null, merged)) log.run(merging.release, merging.at, name, kind, text, source === null ? null : idOf(merging.sources, source))
  }
  return changed
}

type Parts = Readonly<{
  id: number; name: string; said: readonly Said[]; affected: readonly Affecting[]; checks: readonly Checking[]; probability: Probability | undefined
  sources: ReadonlyMap<number, SourceName>; listed: boolean
}>

function mergeOne({ id, name, said, affected, checks, probability, sources, listed }: Parts): Merged {
  const facts = factsOf(said)
  const { cvss, word } = ratingOf(said)
  const overlay = overlayOf(said, listed)
  const withdrawn = withdrawnOf(said)
  const order = inOrder(said)
  const score = cvss?.score ?? null
  const severity = score !== null ? severityOfScore(score) : word !== null ? severityOfWord(word) : Math.max(0, ...checks.filter((one) => one.type !== 'information').map((one) => one.severity))
  const detection = detectionOf(affected, checks, sources)
  const exploit = overlay.exploit?.maturity ?? (checks.some((one) => one.kind === 'template' && one.type === 'confirmed') ? 'poc' : null)
  let bits = probability === undefined ? 0 : sourceBit('epss')
  for (const one of said) bits |= sourceBit(one.source)
  for (const one of [...affected, ...checks]) bits |= sourceBit(sources.get(one.source)!)
  return {
    id, name, title: (facts.title?.value ?? firstLine(facts.details?.value) ?? checks[0]?.title ?? '').slice(0, 300),
    published: order.map(({ statement }) => statement.published).find((one) => one !== undefined) ?? null,
    modified: order.map(({ statement }) => statement.modified).filter((one) => one !== undefined).sort().at(-1) ?? null,
    withdrawn, severity, cvss: cvss?.vector ?? null, cvss_version: cvss?.version ?? null, score,
    epss: probability?.probability ?? null, percentile: probability?.percentile ?? null,
    exploited_since: overlay.exploited?.since ?? null, ransomware: overlay.exploited?.ransomware === true ? 1 : 0, ssvc: overlay.ssvc?.exploitation ?? null, exploit,
    detection, cwe: (facts.cwe?.value ?? []).slice(0, 20).join(','), products: productsOf(order, affected).join(','), sources: bits,
    risk: riskOf({
      exploited: overlay.exploited !== undefined, ransomware: overlay.exploited?.ransomware === true, ssvc: overlay.ssvc?.exploitation ?? null, exploit, epss: probability?.probability ?? null, score, severity,
      withdrawn: withdrawn !== null, detectable: detection !== 0,
    }),
  }
}

function detectionOf(affected: readonly Affecting[], checks: readonly Checking[], sources: ReadonlyMap<number, SourceName>): number {
  let bits = 0
  for (const { kind } of checks) bits |= kind === 'signature' ? detectionBits.signature : kind === 'template' ? detectionBits.template : 0
  for (const one of affected) {
    bits |= sources.get(one.source) === 'csaf' ? detectionBits.industrial : one.ecosystem === 'retire.js' ? detectionBits.library : one.ecosystem === 'cpe' ? detectionBits.product : detectionBits.package
  }
  return bits
}

/** `vendor:product` as sources name them, else `ecosystem:package`. */
function productsOf(order: readonly Said[], affected: readonly Affecting[]): string[] {
  const named = new Set<string>()
  const add = (product: string): void => {
    const clean = product.toLowerCase().replaceAll(',', ' ').trim()
    if (clean !== '' && clean.length <= 120 && named.size < mostProducts) named.add(clean)
  }
  for (const { ecosystem, name } of affected) if (ecosystem === 'cpe') add(name)
  if (named.size === 0) for (const { statement } of order) statement.products.forEach(add)
  for (const { ecosystem, name } of affected) if (ecosystem !== 'cpe') add(`${ecosystem.split(':')[0]}:${name}`)
  return [...named]
}

function detailsOf(said: readonly Said[]): string {
  const texts = new Set<string>()
  for (const { statement } of inOrder(said)) for (const text of [statement.title, statement.details]) if (text !== undefined) texts.add(text)
  return [...texts].join('\n').slice(0, mostDetails)
}

function firstLine(text: string | undefined): string | undefined {
  const line = text?.trim().split('\n')[0]?.replace(/^#+\s*/, '')
  if (line === undefined || line === '') return undefined
  const sentence = /^.{20,200}?[.!?](?=\s|$)/.exec(line)?.[0] ?? line
  return sentence.length <= 200 ? sentence : `${sentence.slice(0, 199)}…`
}

function idOf(sources: ReadonlyMap<number, SourceName>, name: SourceName): number | null {
  for (const [id, one] of sources) if (one === name) return id
  return null
}
