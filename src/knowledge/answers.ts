import type { DatabaseSync } from 'node:sqlite'
import { fail } from '#core/errors.ts'
import type { Software } from '#core/knowledge/affected.ts'
import type { Fingerprint, Library } from '#core/knowledge/record.ts'
import type { Signature } from '#core/signature.ts'
import { unpackBody } from './body.ts'
import type { Ask, CheckBody, CheckRow, Facet, KnowledgeBase, Page, VulnerabilityRow } from './knowledge-base.ts'
import { createMatcher, type Matcher } from './match/matcher.ts'
import { sqliteRanges } from './match/sqlite-ranges.ts'
import { allChanges, changesOf, checkColumns, sourceNames, threatsOf, toChecks, toVulnerability, vulnerabilityColumns, type RawCheck, type RawVulnerability } from './read/rows.ts'
import { changeCounts, changesIn, newsBetween } from './read/change-log.ts'
import { readSources } from './read/sources.ts'
import { readLifecycles } from './read/lifecycles.ts'
import { readTemplateChecks } from './read/template-checks.ts'
import { readVulnerability } from './read/vulnerability.ts'
import { openCheckList, respell } from './search/check-list.ts'
import { readColumns } from './search/columns.ts'
import { evaluate, type Found } from './search/evaluate.ts'
import { facetsOf } from './search/facets.ts'
import type { Searching } from './search/fields.ts'
import { pageOf, vulnerabilitySorts, type VulnerabilitySort } from './search/page.ts'
import { openTextIndex } from './search/text.ts'

/** Results kept: the facets of a query are asked right after its first page. */
const keptResults = 8

/** What `KnowledgeBase` answers, over an open file, in the thread that holds it. */
export function answersOver(db: DatabaseSync, folder: string, now: () => number) {
  let searching: Omit<Searching, 'now'> | null = null
  const at = (): Searching => {
    if (searching === null) {
      const columns = readColumns(db)
      searching = { db, columns, text: openTextIndex(db, columns) }
    }
    return { ...searching, now: now() }
  }
  const results = new Map<string, Found>()
  let checks: ReturnType<typeof openCheckList> | null = null
  const checkList = (): ReturnType<typeof openCheckList> => (checks ??= openCheckList(db, now))
  let matcher: Matcher | null = null
  let wholeFacets: Readonly<{ total: number; facets: readonly Facet[] }> | null = null

  const found = (q: string): Found => {
    // Ages in a query move with the clock: such a result is good for a minute.
    const key = `${Math.floor(now() / 60_000)} ${q}`
    const known = results.get(key)
    if (known !== undefined) return known
    const result = evaluate(at(), q)
    if (results.size >= keptResults) results.delete(results.keys().next().value!)
    results.set(key, result)
    return result
  }

  return {
    vulnerabilities({ q, sort = 'relevance', after = null, limit }: Ask): Page<VulnerabilityRow> {
      if (!(vulnerabilitySorts as readonly string[]).includes(sort)) fail('query.bad_value', { value: sort, field: 'sort', expected: `it takes ${vulnerabilitySorts.join(', ')}` })
      const result = found(q)
      const { columns } = at()
      const { places, next } = pageOf(columns, result, sort as VulnerabilitySort, after, Math.max(1, Math.min(200, Math.trunc(limit))))
      const read = db.prepare(`select ${vulnerabilityColumns} from vulnerability where id = ?`)
      const items = places.map((place) => toVulnerability(read.get(columns.id[place]!) as RawVulnerability))
      const better = result.total > 0 || result.words.length === 0 ? null : respell(db, q, result.words)
      return { items, next, total: result.total, totalIsExact: true, didYouMean: better !== null && found(better).total > 0 ? better : null }
    },
    vulnerabilityFacets(q: string): Readonly<{ total: number; facets: readonly Facet[] }> {
      if (q.trim() === '' && wholeFacets !== null) return wholeFacets
      const result = found(q)
      const facets = { total: result.total, facets: facetsOf(at().columns, result) }
      if (q.trim() === '') wholeFacets = facets
      return facets
    },
    vulnerability: (name: string) => readVulnerability(db, name),
    checks: (ask: Ask): Page<CheckRow> => checkList().page({ ...ask, limit: Math.max(1, Math.min(200, Math.trunc(ask.limit))) }),
    checkFacets: (q: string) => checkList().facets(q),
    check(id: number) {
      const row = db.prepare(`select ${checkColumns} from "check" where id = ?`).get(id) as RawCheck | undefined
      if (row === undefined) return null
      const sources = sourceNames(db)
      const { body } = db.prepare('select body from "check" where id = ?').get(id) as { body: Uint8Array }
      return { row: toChecks(db, [row], sources)[0]!, body: unpackBody<CheckBody>(body), changes: changesOf(db, [String(id)], sources) }
    },
    match: (hosts: readonly (readonly Software[])[]) => (matcher ??= createMatcher(sqliteRanges(db))).match(hosts),
    threats: (names: readonly (string | number)[]) => threatsOf(db, names),
    signatures: () => (db.prepare(`select body from "check" where kind = 'signature' order by id`).all() as { body: Uint8Array }[]).map((row) => unpackBody<Signature>(row.body)),
    fingerprints: () => (db.prepare('select body from fingerprint order by file, position').all() as { body: Uint8Array }[]).map((row) => unpackBody<Fingerprint>(row.body)),
    lifecycles: () => readLifecycles(db),
    libraries: () => (db.prepare('select body from library order by key').all() as { body: Uint8Array }[]).map((row) => unpackBody<Library>(row.body)),
    file: (key: string) => (db.prepare('select bytes from file where key = ?').get(key) as { bytes: Uint8Array } | undefined)?.bytes ?? null,
    templateChecks: (keys: readonly string[]) => readTemplateChecks(db, keys),
    sources: () => readSources(db, folder, now()),
    changeCounts: (since: string) => changeCounts(db, since),
    changesIn: (release: number, most: number) => changesIn(db, release, most),
    newsBetween: (from: string, to: string) => newsBetween(db, from, to),
    changes: (about: Parameters<KnowledgeBase['changes']>[0]) => allChanges(db, about, sourceNames(db)),
  }
}
