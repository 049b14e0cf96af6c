import type { Sql } from '#store/store.ts'
import { assetText, hostFields } from '../asset/fields.ts'
import { checkFields, checkText } from '../kb/fields.ts'
import { numberField, patternOf, textField, through, timeField, wordField, yesNoField, type Field, type Fields, type Fragment, type Where } from '../query/where.ts'

const ofAsset = (at: Where, inner: Fragment): Fragment => at.sql`f.asset_id in (select h.id from asset_host h where h.tenant_id = ${at.tenant} and ${inner})`
const ofCheck = (at: Where, inner: Fragment): Fragment => at.sql`f.signature_id in (select s.id from signature s where ${inner})`

const idField = (what: string, column: (sql: Sql) => Fragment): Field => ({
  expected: `the id of ${what}`,
  where({ sql }, test, values) {
    if ((test !== 'is' && test !== 'exact') || !values.every((value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))) return null
    return sql`${column(sql)} = any(${values as string[]}::uuid[])`
  },
})

const lifted = (fields: Fields, wrap: (at: Where, inner: Fragment) => Fragment): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, through(field, wrap)]))

const { id: _, severity: __, type: ___, kind: ____, ...ofChecks } = checkFields

/** Of the table `finding f`. */
export const findingFields: Fields = {
  ...lifted(ofChecks, ofCheck),
  ...lifted(hostFields, ofAsset),
  severity: numberField((sql) => sql`f.severity`),
  score: numberField((sql) => sql`f.score`),
  status: wordField((sql) => sql`f.status`, ['new', 'active', 'fixed', 'reopened']),
  type: wordField((sql) => sql`f.type`, ['confirmed', 'potential', 'information']),
  ignored: yesNoField((sql) => sql`f.ignored`),
  port: numberField((sql) => sql`f.port`),
  proto: wordField((sql) => sql`f.proto`, ['tcp', 'udp']),
  path: textField((sql) => sql`f.instance`),
  check: numberField((sql) => sql`f.signature_id`),
  asset: idField('an asset', (sql) => sql`f.asset_id`),
  // The scan that saw it last: what a running scan finds, as it comes.
  scan: idField('a scan', (sql) => sql`f.last_scan`),
  first: timeField((sql) => sql`f.first_found`),
  last: timeField((sql) => sql`f.last_found`),
  fixed: timeField((sql) => sql`f.last_fixed`),
  times: numberField((sql) => sql`f.times_found`),
}

/** In checks and hosts; with a slash in it, in paths too. */
export function findingText(at: Where, text: string): Fragment {
  const path = text.includes('/') ? at.sql`or f.instance ilike ${patternOf(text)}` : at.sql``
  return at.sql`(${ofCheck(at, checkText(at, text))} or ${ofAsset(at, assetText(at, text))} ${path})`
}
