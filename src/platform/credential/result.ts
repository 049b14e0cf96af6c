import type { ScanEvent } from '#core/event.ts'
import { isId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { fit } from '../asset/text.ts'

export type LoginResult = Readonly<{ record: string; title: string | null; method: string; outcome: 'passed' | 'failed' | 'insufficient' | 'not attempted'; rights: string | null; why: string }>

/** Best last: what a record got on any port of the host is what it got there. */
const order = ['not attempted', 'failed', 'insufficient', 'passed'] as const

/** Keeps how logging in went, with the scan. Records of another organisation are not believed. */
export async function keepLogins({ sql, tenant }: Tx, scan: string, events: readonly ScanEvent[]): Promise<void> {
  const best = new Map<string, Readonly<{ asset: string; record: string; method: string; outcome: LoginResult['outcome']; rights: string | null; why: string }>>()
  for (const event of events) {
    if (event.type !== 'seen' || event.seen.kind !== 'login' || !isId(event.seen.data.record)) continue
    const { record, method, outcome, rights, why } = event.seen.data
    const key = `${event.seen.at.asset}|${record}`
    const known = best.get(key)
    if (known === undefined || order.indexOf(known.outcome) <= order.indexOf(outcome)) best.set(key, { asset: event.seen.at.asset, record, method: fit(method, 32), outcome, rights: rights === undefined ? null : fit(rights, 100), why: fit(why, 800) })
  }
  if (best.size === 0) return
  await sql`
    insert into scan_login (tenant_id, scan_id, asset_id, record, method, outcome, rights, why)
    select ${tenant}, ${scan}, r.asset, r.record, r.method, r.outcome, r.rights, r.why
    from jsonb_to_recordset(${sql.json([...best.values()] as never)}::jsonb) as r(asset uuid, record uuid, method text, outcome text, rights text, why text)
      join credential c on c.tenant_id = ${tenant} and c.id = r.record
    where c.tenant_id = ${tenant}
    on conflict (tenant_id, scan_id, asset_id, record) do update set method = excluded.method, outcome = excluded.outcome, rights = excluded.rights, why = excluded.why
    where array_position(${order as unknown as string[]}::text[], scan_login.outcome) <= array_position(${order as unknown as string[]}::text[], excluded.outcome)`
}

/** Of the hosts of a scan, the worst first. */
export async function listLogins({ sql, tenant }: Tx, scan: string, most: number): Promise<readonly (LoginResult & Readonly<{ assetId: string; address: string; names: readonly string[] }>)[]> {
  const rows = await sql<(LoginResult & { asset_id: string; address: string; names: string[] })[]>`
    select l.asset_id, host(h.address) as address, h.names, l.record, c.title, l.method, l.outcome, l.rights, l.why
    from scan_login l join scan_host h on h.tenant_id = l.tenant_id and h.scan_id = l.scan_id and h.asset_id = l.asset_id
      left join credential c on c.tenant_id = l.tenant_id and c.id = l.record
    where l.tenant_id = ${tenant} and l.scan_id = ${scan} and h.tenant_id = ${tenant} and h.scan_id = ${scan}
    order by array_position(array['failed', 'insufficient', 'not attempted', 'passed'], l.outcome), h.position, lower(c.title), l.record limit ${most}`
  return rows.map((row) => ({ ...resultOf(row), assetId: row.asset_id, address: row.address, names: row.names }))
}

export type LastLogin = LoginResult & Readonly<{ scan: string; at: Date }>

/** The last of each record on the host. */
export async function loginsOfAsset({ sql, tenant }: Tx, asset: string): Promise<readonly LastLogin[]> {
  const rows = await sql<(LoginResult & { scan: string; at: Date })[]>`
    select distinct on (l.record) l.record, c.title, l.method, l.outcome, l.rights, l.why, l.scan_id as scan, s.created_at as at
    from scan_login l join scan s on s.tenant_id = l.tenant_id and s.id = l.scan_id left join credential c on c.tenant_id = l.tenant_id and c.id = l.record
    where l.tenant_id = ${tenant} and s.tenant_id = ${tenant} and l.asset_id = ${asset} order by l.record, s.created_at desc`
  return rows.map((row) => ({ ...resultOf(row), scan: row.scan, at: row.at }))
}

/** How many hosts of a scan came to what, by the best of their records. */
export async function countLogins({ sql, tenant }: Tx, scan: string): Promise<Readonly<{ passed: number; insufficient: number; failed: number; notAttempted: number }>> {
  const rows = await sql<{ best: number; n: number }[]>`
    select best, count(*)::int as n from (
      select max(array_position(${order as unknown as string[]}::text[], outcome)) as best from scan_login where tenant_id = ${tenant} and scan_id = ${scan} group by asset_id) b group by best`
  const of = (outcome: LoginResult['outcome']): number => rows.find((row) => row.best === order.indexOf(outcome) + 1)?.n ?? 0
  return { passed: of('passed'), insufficient: of('insufficient'), failed: of('failed'), notAttempted: of('not attempted') }
}

function resultOf({ record, title, method, outcome, rights, why }: LoginResult): LoginResult {
  return { record, title, method, outcome, rights, why }
}
