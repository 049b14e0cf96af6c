import type { DatabaseSync } from 'node:sqlite'
import { fail } from '#core/errors.ts'
import { parseQuery, type Query, type Test } from '#core/query/query.ts'
import type { Ask, CheckRow, Facet, Page } from '../knowledge-base.ts'
import { checkColumns, sourceNames, type RawCheck } from '../read/rows.ts'
import { minutesOf } from './columns.ts'
import { facet, severityLabels } from './facets.ts'
import { readPosition } from './page.ts'
import { correct } from './spelling.ts'
import { wordsOf } from './text.ts'
import { numberTest, textTest, timeTest } from './value-tests.ts'

const checkSorts = ['relevance', '-severity', '-changed', 'title', 'id'] as const
type Sort = (typeof checkSorts)[number]

/** A check with what it is found by. */
type Listed = CheckRow & Readonly<{ row: CheckRow; text: string; head: string }>

/** Lists and counts checks. They are some ten thousand: held in memory from the first question on, and gone through one by one. */
export function openCheckList(db: DatabaseSync, now: () => number) {
  let held: readonly Listed[] | null = null
  const all = (): readonly Listed[] => (held ??= readAll(db))

  const matching = (q: string): Readonly<{ rows: readonly Listed[]; words: readonly string[] }> => {
    const query = parseQuery(q)
    const words: string[] = []
    const holds = query === null ? () => true : testOf(query, now(), words)
    return { rows: all().filter(holds), words }
  }

  return {
    page({ q, sort = 'relevance', after = null, limit }: Ask): Page<CheckRow> {
      if (!(checkSorts as readonly string[]).includes(sort)) fail('query.bad_value', { value: sort, field: 'sort', expected: `it takes ${checkSorts.join(', ')}` })
      const { rows, words } = matching(q)
      const ordered = rows.toSorted(orderOf(sort as Sort, words))
      const from = after === null || after === '' ? 0 : readPosition(after, sort).key
      const shown = ordered.slice(from, from + limit)
      const next = from + limit < ordered.length ? Buffer.from(JSON.stringify([`kb.${sort}`, from + limit, 0])).toString('base64url') : null
      const better = rows.length > 0 || words.length === 0 ? null : respell(db, q, words)
      return {
        items: shown.map((one) => one.row), next, total: rows.length, totalIsExact: true, didYouMean: better !== null && matching(better).rows.length > 0 ? better : null,
      }
    },
    facets(q: string): Readonly<{ total: number; facets: readonly Facet[] }> {
      const { rows } = matching(q)
      const count = (value: (row: Listed) => string): (readonly [string, string, number])[] => {
        const counts = new Map<string, number>()
        for (const row of rows) counts.set(value(row), (counts.get(value(row)) ?? 0) + 1)
        return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name, n]) => [name, name, n] as const)
      }
      return {
        total: rows.length,
        facets: [
          facet('severity', 'Severity', count((row) => String(row.severity)).map(([value, , n]) => [value, severityLabels[value] ?? value, n] as const).toSorted((a, b) => Number(b[0]) - Number(a[0]))),
          facet('kind', 'Kind', count((row) => row.kind)), facet('type', 'Type', count((row) => row.type)), facet('category', 'Category', count((row) => row.category)),
          facet('runnable', 'Runs now', count((row) => String(row.runnable)).map(([value, , n]) => [value, value === 'true' ? 'Yes' : 'No', n] as const)), facet('source', 'Source', count((row) => row.source)),
        ],
      }
    },
  }
}

function readAll(db: DatabaseSync): readonly Listed[] {
  const sources = sourceNames(db)
  const cves = new Map<number, string[]>()
  for (const row of db.prepare('select c."check" as id, v.name from check_cve c join vulnerability v on v.id = c.vulnerability order by v.name').iterate() as Iterable<{ id: number; name: string }>) {
    const known = cves.get(row.id)
    if (known === undefined) cves.set(row.id, [row.name])
    else known.push(row.name)
  }
  return (db.prepare(`select ${checkColumns} from "check" order by id`).all() as RawCheck[]).map((row) => {
    const cve = cves.get(row.id) ?? []
    const head = row.title.toLowerCase()
    const check: CheckRow = { ...row, source: sources.get(row.source)!, runnable: row.runnable === 1, cve }
    return { ...check, row: check, head, text: `${row.id} ${row.key} ${head} ${cve.join(' ')} ${row.category}`.toLowerCase() }
  })
}

function testOf(query: Query, now: number, words: string[]): (row: Listed) => boolean {
  if (query.kind === 'text') {
    const lower = query.text.toLowerCase().replaceAll('*', '')
    words.push(...wordsOf(query.text))
    return (row) => row.text.includes(lower)
  }
  if (query.kind === 'not') {
    const inner = testOf(query.part, now, [])
    return (row) => !inner(row)
  }
  if (query.kind === 'field') return fieldTest(query.field, query.test, query.values, now)
  const parts = query.parts.map((part) => testOf(part, now, words))
  return query.kind === 'and' ? (row) => parts.every((holds) => holds(row)) : (row) => parts.some((holds) => holds(row))
}

const oneOf = (value: (row: Listed) => string, words: readonly string[] | null) => (test: Test, values: readonly string[]): ((row: Listed) => boolean) | null => {
  if (words !== null && !values.every((one) => words.includes(one.toLowerCase()))) return null
  const holds = words === null ? textTest(test, values) : test === 'is' || test === 'exact' ? (text: string) => values.some((one) => one.toLowerCase() === text) : null
  return holds === null ? null : (row) => holds(value(row))
}
const moment = (value: (row: Listed) => string | null) => (test: Test, values: readonly string[], now: number): ((row: Listed) => boolean) | null => {
  const holds = timeTest(test, values, now)
  return holds === null ? null : (row) => holds(minutesOf(value(row)))
}
const numeric = (value: (row: Listed) => number) => (test: Test, values: readonly string[]): ((row: Listed) => boolean) | null => {
  const holds = numberTest(test, values)
  return holds === null ? null : (row) => holds(value(row))
}

type FieldTest = (test: Test, values: readonly string[], now: number) => ((row: Listed) => boolean) | null
const checkFields: Readonly<Record<string, readonly [expected: string, make: FieldTest]>> = {
  id: ['a whole number', numeric((row) => row.id)],
  severity: ['a whole number, >=4, or 1..5', numeric((row) => row.severity)],
  kind: ['signature, template, library, lifecycle', oneOf((row) => row.kind, ['signature', 'template', 'library', 'lifecycle'])],
  type: ['confirmed, potential, information', oneOf((row) => row.type, ['confirmed', 'potential', 'information'])],
  runnable: ['true or false', oneOf((row) => String(row.runnable), ['true', 'false'])],
  source: ['a source, as nuclei', oneOf((row) => row.source, null)],
  category: ['text, with * for anything', oneOf((row) => row.category, null)],
  title: ['text, with * for anything', oneOf((row) => row.title, null)],
  key: ['text, with * for anything', oneOf((row) => row.key, null)],
  cve: ['an id, with * for anything, or none', (test, values) => {
    if (values.length === 1 && values[0]!.toLowerCase() === 'none') return (row) => row.cve.length === 0
    const holds = textTest(test === 'is' && values.every((value) => !value.includes('*')) ? 'exact' : test, values)
    return holds === null ? null : (row) => row.cve.some(holds)
  }],
  published: ['a day as 2026-01-31, or an age as 7d', moment((row) => row.published)],
  changed: ['a day as 2026-01-31, or an age as 7d', moment((row) => row.changed)],
}

function fieldTest(name: string, test: Test, values: readonly string[], now: number): (row: Listed) => boolean {
  const field = Object.entries(checkFields).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  if (field === undefined) return fail('query.unknown_field', { field: name, known: Object.keys(checkFields).sort().join(', ') })
  return field[1](test, values, now) ?? fail('query.bad_value', { value: values.join(','), field: name, expected: `it takes ${field[0]}` })
}

function orderOf(sort: Sort, words: readonly string[]): (a: Listed, b: Listed) => number {
  const exactness = (row: Listed): number => (words.length > 0 && words.every((word) => row.head.includes(word)) ? 1 : 0)
  switch (sort) {
    case 'id': return (a, b) => a.id - b.id
    case 'title': return (a, b) => (a.head < b.head ? -1 : a.head > b.head ? 1 : a.id - b.id)
    case '-changed': return (a, b) => (b.changed ?? '').localeCompare(a.changed ?? '') || a.id - b.id
    case '-severity': return (a, b) => b.severity - a.severity || a.id - b.id
    default: return (a, b) => exactness(b) - exactness(a) || Number(b.runnable) - Number(a.runnable) || b.severity - a.severity || a.id - b.id
  }
}

/** The query with every word that is not known replaced by the one it most likely means; null when nothing is to be replaced. */
export function respell(db: DatabaseSync, q: string, words: readonly string[]): string | null {
  let better = q
  for (const word of new Set(words)) {
    const other = correct(db, word)
    if (other !== null) better = better.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'giu'), other)
  }
  return better === q ? null : better
}
