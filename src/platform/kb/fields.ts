import type { Sql } from '#store/store.ts'
import { memberField, numberField, patternOf, textField, timeField, whereOf, wordField, yesNoField, type Field, type Fields, type Fragment, type Where } from '../query/where.ts'

const threat = (sql: Sql, column: Fragment): Fragment => sql`(select ${column} from signature_threat t where t.signature_id = s.id)`
const threatens = (sql: Sql, what: Fragment): Fragment => sql`exists (select from signature_threat t where t.signature_id = s.id and ${what})`

/** In a search list of that name; `*` stands for anything. The lists were read before (search-list-terms.ts). */
const list: Field = {
  expected: 'the name of a search list',
  where(at, test, values) {
    if ((test !== 'is' && test !== 'exact') || at.lists === undefined) return null
    const meanings: Fragment[] = []
    for (const value of values) {
      const found = [...at.lists].filter(([name]) => isNamed(name, test === 'exact' ? null : value.toLowerCase(), value.toLowerCase()))
      if (found.length === 0) return null
      for (const [, meaning] of found) meanings.push(meaning.query === null ? at.sql`s.id = any(${meaning.checks as number[]}::int[])` : whereOf(at, meaning.query, listFields, checkText))
    }
    return meanings.reduce((all, one) => at.sql`(${all} or ${one})`)
  },
}

/** `pattern` null: the whole name. */
export function isNamed(name: string, pattern: string | null, whole: string): boolean {
  if (pattern === null || !pattern.includes('*')) return name === whole
  const parts = pattern.split('*')
  if (!name.startsWith(parts[0]!)) return false
  let at = parts[0]!.length
  for (const part of parts.slice(1, -1)) {
    const next = name.indexOf(part, at)
    if (next < 0) return false
    at = next + part.length
  }
  const end = parts.at(-1)!
  return name.length - end.length >= at && name.endsWith(end)
}

const top: Field = {
  expected: 'internal or external',
  where({ sql, tenant, seesFindings = true }, test, values) {
    const sides = values.map((value) => value.toLowerCase())
    if ((test !== 'is' && test !== 'exact') || !sides.every((side) => side === 'internal' || side === 'external')) return null
    return sql`s.id in (select o.signature_id from top_ten o where o.tenant_id = ${tenant} and o.side = any(${sides}::text[]) ${seesFindings ? sql`` : sql`and not o.own`})`
  },
}

/** What the query of a search list may say: all but other lists. */
const listFields: Fields = {
  id: numberField((sql) => sql`s.id`),
  severity: numberField((sql) => sql`s.severity`),
  type: wordField((sql) => sql`s.type`, ['confirmed', 'potential', 'information']),
  title: textField((sql) => sql`s.title`),
  category: textField((sql) => sql`s.category`),
  cve: memberField((sql) => sql`s.cve`),
  cwe: memberField((sql) => sql`s.cwe`),
  product: textField((sql) => sql`array_to_string(s.products, ' ')`),
  cvss: numberField((sql) => sql`s.score`, 'decimal'),
  kind: wordField((sql) => sql`s.kind`, ['host', 'port', 'service', 'tls', 'http', 'package', 'match', 'range']),
  published: timeField((sql) => sql`s.published`),
  changed: timeField((sql) => sql`s.changed`),
  detection: textField((sql) => sql`s.kind`),
  pci: textField((sql) => sql`s.pci`),
  /** Its solution is to upgrade, to update or to patch. */
  patch: yesNoField((sql) => sql`s.solution ~* '\\m(upgrad|updat|patch|fixed (in|version))'`),
  exploited: yesNoField((sql) => threatens(sql, sql`t.exploited_since is not null`)),
  ransomware: yesNoField((sql) => threatens(sql, sql`t.ransomware`)),
  exploit: wordField((sql) => threat(sql, sql`t.exploit`), ['poc', 'weaponised']),
  ssvc: wordField((sql) => threat(sql, sql`t.ssvc`), ['none', 'poc', 'active']),
  epss: numberField((sql) => threat(sql, sql`t.epss`), 'decimal'),
  top10: top,
}

/** Of the table `signature s`. */
export const checkFields: Fields = { ...listFields, list }

export function checkText({ sql }: Where, text: string): Fragment {
  return sql`s.search like ${patternOf(text.replaceAll('*', '')).toLowerCase()}`
}
