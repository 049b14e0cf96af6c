import { isNotFixed, isNotIgnored, isRisk } from '../finding/shape.ts'
import { hostField, numberField, patternOf, textField, through, timeField, wordField, type Field, type Fields, type Fragment, type Where } from '../query/where.ts'

const ofGroup = (at: Where, inner: Fragment): Fragment => at.sql`h.id in (
  select m.asset_id from asset_group_host m join asset_group g on g.tenant_id = m.tenant_id and g.id = m.group_id
  where m.tenant_id = ${at.tenant} and g.tenant_id = ${at.tenant} and ${inner})`
const ofService = (at: Where, inner: Fragment): Fragment => at.sql`h.id in (
  select v.asset_id from asset_service v where v.tenant_id = ${at.tenant} and v.open and ${inner})`
const ofNetwork = (at: Where, inner: Fragment): Fragment => at.sql`h.network_id in (
  select n.id from network n where n.tenant_id = ${at.tenant} and ${inner})`
const ofFinding = (at: Where, inner: Fragment): Fragment => at.sql`h.id in (
  select f.asset_id from finding f where f.tenant_id = ${at.tenant} and ${isNotFixed(at.sql)} and ${isNotIgnored(at.sql)} and ${isRisk(at.sql)} and ${inner})`

const states = { up: 'up', dead: 'dead', untested: null } as const
const state: Field = {
  expected: 'up, dead or untested',
  where({ sql }, test, values) {
    if ((test !== 'is' && test !== 'exact') || !values.every((value) => Object.hasOwn(states, value.toLowerCase()))) return null
    return values.map((value) => states[value.toLowerCase() as 'up']).map((one) => (one === null ? sql`h.state is null` : sql`h.state = ${one}`)).reduce((all, one) => sql`(${all} or ${one})`)
  },
}

/** What can be said of a host beside what hangs on it; of the table `asset_host h`. */
export const hostFields: Fields = {
  host: hostField((sql) => sql`h.address`, (sql) => sql`h.name`),
  hostname: textField((sql) => sql`h.name`),
  os: textField((sql) => sql`h.os`),
  impact: numberField((sql) => sql`h.impact`),
  risk: numberField((sql) => sql`h.risk`),
  state,
  group: through(textField((sql) => sql`g.name`), ofGroup),
  network: through(textField((sql) => sql`n.name`), ofNetwork),
}

export const assetFields: Fields = {
  ...hostFields,
  name: hostFields['hostname']!,
  port: through(numberField((sql) => sql`v.port`), ofService),
  service: through(textField((sql) => sql`concat_ws(' ', v.name, v.product, v.version)`), ofService),
  severity: through(numberField((sql) => sql`f.severity`), ofFinding),
  check: through(numberField((sql) => sql`f.signature_id`), ofFinding),
  findings: numberField((sql) => sql`(h.open1 + h.open2 + h.open3 + h.open4 + h.open5)`),
  tracking: wordField((sql) => sql`h.tracking`, ['address', 'name']),
  outcome: wordField((sql) => sql`h.last_outcome`, ['scanned', 'dead', 'partial', 'refused']),
  scanned: timeField((sql) => sql`h.last_scanned`),
  seen: timeField((sql) => sql`h.last_seen`),
  first: timeField((sql) => sql`h.first_seen`),
}

export function assetText({ sql }: Where, text: string): Fragment {
  return sql`(h.name ilike ${patternOf(text)} or host(h.address) like ${patternOf(text)} or h.os ilike ${patternOf(text)})`
}
