import { parseQuery } from '#core/query/query.ts'
import type { Tx } from '#store/store.ts'
import { assetInScope } from '../asset/list.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { hostField, memberField, numberField, patternOf, planAnew, textField, timeField, whereOf, wordField, yesNoField, type Fields, type Fragment, type Where } from '../query/where.ts'

export type EndpointRow = Readonly<{
  id: string; asset_id: string; address: string | null; name: string | null; port: number; host: string; starttls: string | null; grade: string | null; otherwise: string | null; score: number | null
  reasons: readonly Readonly<{ code: string; cap: string; text: string }>[]; accepted: readonly string[]; sha256: string | null; subject: string | null; issuer: string | null; names: readonly string[]
  key_type: string | null; key_bits: number | null; signature_algorithm: string | null; not_before: Date | null; not_after: Date | null; self_signed: boolean | null; trusted: boolean | null
  trust_error: string | null; first_seen: Date; last_seen: Date; places: number
}>
export type EndpointKey = readonly [Date, string]
export type EndpointSelection = Readonly<{ q: string; scope: ScopeGroups; now: Date }>

const grades = ['A+', 'A', 'A-', 'B', 'C', 'D', 'E', 'F', 'T', 'M']
/** What has no certificate comes last. */
const never = new Date('9999-12-31T00:00:00Z')

export const endpointFields: Fields = {
  host: hostField((sql) => sql`h.address`, (sql) => sql`coalesce(nullif(e.host, ''), h.name)`),
  port: numberField((sql) => sql`e.port`),
  grade: wordField((sql) => sql`e.grade`, grades),
  subject: textField((sql) => sql`e.subject`),
  issuer: textField((sql) => sql`e.issuer`),
  name: memberField((sql) => sql`e.names`),
  protocol: memberField((sql) => sql`e.accepted`),
  key: textField((sql) => sql`concat_ws(' ', e.key_type, e.key_bits)`),
  bits: numberField((sql) => sql`e.key_bits`),
  signature: textField((sql) => sql`e.signature_algorithm`),
  expires: timeField((sql) => sql`e.not_after`),
  expired: yesNoField((sql) => sql`(e.not_after < now())`),
  days: numberField((sql) => sql`floor(extract(epoch from e.not_after - now()) / 86400)::int`),
  trusted: yesNoField((sql) => sql`coalesce(e.trusted, false)`),
  selfsigned: yesNoField((sql) => sql`coalesce(e.self_signed, false)`),
  seen: timeField((sql) => sql`e.last_seen`),
}

function endpointText({ sql }: Where, text: string): Fragment {
  return sql`(e.subject ilike ${patternOf(text)} or e.issuer ilike ${patternOf(text)} or e.host ilike ${patternOf(text)} or h.name ilike ${patternOf(text)} or host(h.address) like ${patternOf(text)} or e.sha256 = ${text.toLowerCase().replaceAll(/[^0-9a-f]/g, '')})`
}

function endpointsWhere({ sql, tenant }: Tx, { q, scope, now }: EndpointSelection): Fragment {
  return sql`e.tenant_id = ${tenant} and h.tenant_id = ${tenant} and ${whereOf({ sql, tenant, now }, parseQuery(q), endpointFields, endpointText)} ${assetInScope({ sql, tenant }, scope)}`
}

/** Endpoints that speak TLS, by the end of their certificate. `places`: how many endpoints, of any host, show the same certificate. */
export async function listEndpoints(tx: Tx, selection: EndpointSelection, descending: boolean, after: EndpointKey | null, limit: number): Promise<readonly EndpointRow[]> {
  const { sql, tenant } = tx
  const column = sql`coalesce(e.not_after, ${never}::timestamptz)`
  const direction = descending ? sql`desc` : sql`asc`
  const key = after === null ? sql`` : descending ? sql`and (${column}, e.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql`and (${column}, e.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)`
  const planned = planAnew(tx)
  const rows = await sql<EndpointRow[]>`
    select e.id, e.asset_id, host(h.address) as address, h.name, e.port, e.host, e.starttls, e.grade, e.otherwise, e.score, e.reasons, e.accepted, e.sha256, e.subject, e.issuer, e.names, e.key_type, e.key_bits,
      e.signature_algorithm, e.not_before, e.not_after, e.self_signed, e.trusted, e.trust_error, e.first_seen, e.last_seen,
      (select count(*)::int from tls_endpoint o where o.tenant_id = ${tenant} and o.sha256 = e.sha256) as places
    from tls_endpoint e join asset_host h on h.tenant_id = e.tenant_id and h.id = e.asset_id
    where ${endpointsWhere(tx, selection)} ${key} order by ${column} ${direction}, e.id ${direction} limit ${limit}`
  await planned
  return rows
}

export function keyOfEndpoint(row: EndpointRow): EndpointKey {
  return [row.not_after ?? never, row.id]
}

export type EndpointSummary = Readonly<{ endpoints: number; certificates: number; expired: number; soon: number; untrusted: number; grades: readonly Readonly<{ grade: string; n: number }>[] }>

/** `soon`: within 30 days. */
export async function summariseEndpoints(tx: Tx, selection: EndpointSelection): Promise<EndpointSummary> {
  const { sql } = tx
  const from = sql`from tls_endpoint e join asset_host h on h.tenant_id = e.tenant_id and h.id = e.asset_id where ${endpointsWhere(tx, selection)}`
  const soon = new Date(selection.now.getTime() + 30 * 86_400_000)
  const planned = planAnew(tx)
  const [sums] = await sql<Omit<EndpointSummary, 'grades'>[]>`
    select count(*)::int as endpoints, count(distinct e.sha256)::int as certificates, count(*) filter (where e.not_after < ${selection.now})::int as expired,
      count(*) filter (where e.not_after >= ${selection.now} and e.not_after < ${soon})::int as soon, count(*) filter (where e.trusted = false)::int as untrusted ${from}`
  await planned
  const found = await sql<{ grade: string; n: number }[]>`select coalesce(e.grade, '') as grade, count(*)::int as n ${from} group by 1`
  return { ...sums!, grades: grades.flatMap((grade) => found.filter((row) => row.grade === grade)) }
}
