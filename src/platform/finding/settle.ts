import type { FindingType, Severity } from '#core/signature.ts'
import type { Store, Tx } from '#store/store.ts'
import { noRating, readRatings, scoreBy } from '../kb/rating.ts'
import { publish } from '../live.ts'
import { planAnew } from '../query/where.ts'
import { recountAssets } from './recount.ts'

const hostsAtOnce = 1000
/** With more checks than that all hosts are walked: nearly each has a finding of one. */
const fewChecks = 200

export type Settled = Readonly<{ findings: number; hosts: number }>
export type SettleOptions = Readonly<{
  /** Absent: all. */
  checks?: readonly number[]
  /** Counts every host anew, also those none of whose findings changed: for a new formula of risk. */
  recount?: boolean
  signal?: AbortSignal
}>

/**
 * Brings severity, score and hiding of an organisation's findings to what the KnowledgeBase and the organisation's own edits say now, and counts their hosts
 * anew. In batches, a transaction each, hosts locked before findings; what is right already is not written, so that it can be done again after it was cut
 * short.
 */
export async function settleFindings(store: Store, tenant: string, options: SettleOptions = {}): Promise<Settled> {
  const only = options.checks !== undefined && options.checks.length <= fewChecks ? options.checks : null
  const sum = { findings: 0, hosts: 0 }
  if (options.checks?.length === 0) return sum
  for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
    options.signal?.throwIfAborted()
    const hosts = await store.read(tenant, (tx) => nextHosts(tx, only, last))
    if (hosts.length === 0) return sum
    last = hosts.at(-1)!
    const changed = await store.write(tenant, (tx) => settleHosts(tx, hosts, options))
    sum.findings += changed.findings
    sum.hosts += changed.hosts
  }
}

async function nextHosts({ sql, tenant }: Tx, only: readonly number[] | null, after: string): Promise<readonly string[]> {
  const rows = only === null
    ? await sql<{ id: string }[]>`select id from asset_host where tenant_id = ${tenant} and id > ${after}::uuid order by id limit ${hostsAtOnce}`
    : await sql<{ id: string }[]>`
        select distinct asset_id as id from finding
        where tenant_id = ${tenant} and signature_id = any(${only as number[]}::int[]) and asset_id > ${after}::uuid order by asset_id limit ${hostsAtOnce}`
  return rows.map((row) => row.id)
}

type Combination = Readonly<{ signature: number; detected: Severity; type: FindingType }>

async function settleHosts(tx: Tx, hosts: readonly string[], { checks, recount }: SettleOptions): Promise<Settled> {
  const { sql, tenant } = tx
  const planned = planAnew(tx)
  await sql`select id from asset_host where tenant_id = ${tenant} and id = any(${hosts as string[]}::uuid[]) order by id for update`
  await planned
  const among = checks === undefined ? sql`` : sql`and f.signature_id = any(${checks as number[]}::int[])`
  const held = await sql<Combination[]>`
    select distinct f.signature_id as signature, coalesce(f.rated, f.severity) as detected, f.type from finding f
    where f.tenant_id = ${tenant} and f.asset_id = any(${hosts as string[]}::uuid[]) ${among}`
  const ratings = await readRatings(tx, [...new Set(held.map((one) => one.signature))])
  const rows = held.map((one) => {
    const rating = ratings.get(one.signature) ?? noRating
    const severity = rating.own ?? one.detected
    return { ...one, severity, rated: rating.own === null ? null : one.detected, disabled: rating.disabled, score: scoreBy(rating, severity, one.type) }
  })
  const column = <T>(of: (row: (typeof rows)[number]) => T): T[] => rows.map(of)
  const changed = await sql<{ asset_id: string }[]>`
    update finding f set severity = w.severity, rated = w.rated, score = w.score, disabled = w.disabled, ignored = w.ignored
    from (
      select f.id, u.severity, u.rated, u.score, u.disabled::boolean as disabled,
        (u.disabled::boolean or exists (select from finding_ignore i where i.tenant_id = ${tenant} and i.finding_id = f.id)) as ignored
      from finding f join unnest(${column((row) => row.signature)}::int[], ${column((row) => row.detected)}::smallint[], ${column((row) => row.type)}::text[],
        ${column((row) => row.severity)}::smallint[], ${column((row) => row.rated) as number[]}::smallint[],
        ${column((row) => row.score)}::smallint[], ${column((row) => `${row.disabled}`)}::text[])
        as u (signature_id, detected, type, severity, rated, score, disabled)
        on u.signature_id = f.signature_id and u.detected = coalesce(f.rated, f.severity) and u.type = f.type
      where f.tenant_id = ${tenant} and f.asset_id = any(${hosts as string[]}::uuid[])
    ) w
    where f.tenant_id = ${tenant} and f.id = w.id and (f.severity, f.rated, f.score, f.disabled) is distinct from (w.severity, w.rated, w.score, w.disabled)
    returning f.asset_id`
  const touched = [...new Set(changed.map((row) => row.asset_id))]
  await recountAssets(tx, recount === true ? hosts : touched)
  if (touched.length > 0) await publish(tx, 'finding.changed', { assets: touched.slice(0, 100), new: 0, reopened: 0, fixed: 0 })
  return { findings: changed.length, hosts: touched.length }
}
