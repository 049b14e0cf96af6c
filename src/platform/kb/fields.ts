import { memberField, numberField, patternOf, textField, timeField, wordField, type Fields, type Fragment, type Where } from '../query/where.ts'

/** Of the table `signature s`. */
export const checkFields: Fields = {
  id: numberField((sql) => sql`s.id`),
  severity: numberField((sql) => sql`s.severity`),
  type: wordField((sql) => sql`s.type`, ['confirmed', 'potential', 'information']),
  title: textField((sql) => sql`s.title`),
  category: textField((sql) => sql`s.category`),
  cve: memberField((sql) => sql`s.cve`),
  cwe: memberField((sql) => sql`s.cwe`),
  product: textField((sql) => sql`array_to_string(s.products, ' ')`),
  cvss: numberField((sql) => sql`s.score`, 'decimal'),
  kind: wordField((sql) => sql`s.kind`, ['host', 'port', 'service', 'tls', 'http', 'package', 'match']),
  published: timeField((sql) => sql`s.published`),
  changed: timeField((sql) => sql`s.changed`),
}

export function checkText({ sql }: Where, text: string): Fragment {
  return sql`s.search like ${patternOf(text.replaceAll('*', '')).toLowerCase()}`
}
