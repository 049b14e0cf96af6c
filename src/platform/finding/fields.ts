import type { Sql } from '#store/store.ts'
import { assetText, hostFields } from '../asset/fields.ts'
import { checkFields, checkText } from '../kb/fields.ts'
import { numberField, patternOf, termKey, textField, through, timeField, wordField, yesNoField, type Field, type Fields, type Fragment, type Where } from '../query/where.ts'

const ofAsset = (at: Where, inner: Fragment): Fragment => at.sql`f.asset_id in (select h.id from asset_host h where h.tenant_id = ${at.tenant} and ${inner})`
/** The planner may not turn this into a join: of many hosts a hash is made, and a sorted index walked down. */
const ofManyAssets = (at: Where, inner: Fragment): Fragment => at.sql`(${ofAsset(at, inner)}) is true`
const ofCheck = (at: Where, inner: Fragment): Fragment => at.sql`f.signature_id in (select s.id from signature s where ${inner})`

const idField = (what: string, column: (sql: Sql) => Fragment): Field => ({
  expected: `the id of ${what}`,
  where({ sql }, test, values) {
    if ((test !== 'is' && test !== 'exact') || !values.every((value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))) return null
    return sql`${column(sql)} = any(${values as string[]}::uuid[])`
  },
})

const amongChecks = ({ sql }: Where, ids: readonly number[]): Fragment => (ids.length === 0 ? sql`false` : sql`f.signature_id = any(${ids as number[]}::int[])`)
export const amongHosts = ({ sql }: Where, ids: readonly string[]): Fragment => (ids.length === 0 ? sql`false` : sql`f.asset_id = any(${ids as string[]}::uuid[])`)

const checkTerm = (name: string, field: Field): Field => ({
  expected: field.expected,
  where(at, test, values) {
    const found = at.found?.checks.get(termKey(name, test, values))
    return found === undefined ? through(field, ofCheck).where(at, test, values) : amongChecks(at, found)
  },
})

const { id: _, severity: __, type: ___, kind: ____, ...ofChecks } = checkFields

const hostTerm = (name: string, field: Field): Field => ({
  expected: field.expected,
  where(at, test, values) {
    const key = termKey(name, test, values)
    if (at.found?.settled.has(key) === true) return at.sql`true`
    const found = at.found?.hosts.get(key)
    return found === undefined || found === null ? through(field, found === null ? ofManyAssets : ofAsset).where(at, test, values) : amongHosts(at, found)
  },
})

/** The package or product below the port, without who makes it; empty where the finding names none. Of `finding f`. */
export const packageOf = (sql: Sql): Fragment => sql`split_part(split_part(f.instance, '|', 3), ':', -1)`
/** What has to be upgraded for a check of ours that names a product and a CVE, else null. Of `signature s`. */
export const productOf = (sql: Sql): Fragment => sql`case when cardinality(s.cve) > 0 and cardinality(s.products) > 0 and s.kind <> 'range' then lower(split_part(s.products[1], ':', -1)) end`

const package_: Field = {
  expected: 'a package or product',
  where(at, test, values) {
    const [named, product] = [textField(packageOf).where(at, test, values), textField(productOf).where(at, test, values)]
    return named === null || product === null ? null : at.sql`(${named} or (${packageOf(at.sql)} = '' and ${ofCheck(at, product)}))`
  },
}

/** What a query says of checks, by the names it has in queries for findings. */
export const termsOfChecks: Fields = ofChecks

/** Of the table `finding f`. */
export const findingFields: Fields = {
  ...Object.fromEntries(Object.entries(ofChecks).map(([name, field]) => [name, checkTerm(name, field)])),
  ...Object.fromEntries(Object.entries(hostFields).map(([name, field]) => [name, hostTerm(name, field)])),
  severity: numberField((sql) => sql`f.severity`),
  score: numberField((sql) => sql`f.score`),
  status: wordField((sql) => sql`f.status`, ['new', 'active', 'fixed', 'reopened']),
  type: wordField((sql) => sql`f.type`, ['confirmed', 'potential', 'information']),
  ignored: yesNoField((sql) => sql`f.ignored`),
  // Hidden, since the organisation disabled its check: then it counts as ignored too.
  disabled: yesNoField((sql) => sql`f.disabled`),
  // The organisation gave it a severity of its own.
  rerated: yesNoField((sql) => sql`(f.rated is not null)`),
  port: numberField((sql) => sql`f.port`),
  proto: wordField((sql) => sql`f.proto`, ['tcp', 'udp']),
  path: textField((sql) => sql`f.instance`),
  package: package_,
  check: numberField((sql) => sql`f.signature_id`),
  asset: idField('an asset', (sql) => sql`f.asset_id`),
  // The scan that saw it last: what a running scan finds, as it comes.
  scan: idField('a scan', (sql) => sql`f.last_scan`),
  first: timeField((sql) => sql`f.first_found`),
  last: timeField((sql) => sql`f.last_found`),
  fixed: timeField((sql) => sql`f.last_fixed`),
  times: numberField((sql) => sql`f.times_found`),
}

export const textKey = (text: string): string => termKey('', 'is', [text])

/** In checks and hosts; with a slash in it, in paths too. */
export function findingText(at: Where, text: string): Fragment {
  const [checks, hosts] = [at.found?.checks.get(textKey(text)), at.found?.hosts.get(textKey(text))]
  const path = text.includes('/') ? at.sql`or f.instance ilike ${patternOf(text)}` : at.sql``
  return at.sql`(${checks === undefined ? ofCheck(at, checkText(at, text)) : amongChecks(at, checks)}
    or ${hosts === undefined || hosts === null ? ofAsset(at, assetText(at, text)) : amongHosts(at, hosts)} ${path})`
}
