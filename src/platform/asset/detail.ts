import { fail } from '#core/errors.ts'
import { contains } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import { assetRisk, type BandFactor } from '#core/risk.ts'
import { isId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import type { FindingEventKind } from '../finding/event.ts'
import type { Covered, Failed } from '../finding/ledger.ts'
import { exclusionsInForce, type Exclusion } from './exclusion.ts'
import { assetInScope, type AssetRow } from './list.ts'
import { registeredIn } from './register.ts'
import { scopeGroups, type ScopeGroups } from './scope.ts'

export type AssetDetail = AssetRow & Readonly<{
  created_at: Date; identity: string; services: number
  counts: Readonly<{ open: number; fixed: number; ignored: number; information: number }>
  bands: readonly BandFactor[]
  excluded: Exclusion | null
  registered: boolean
}>

export async function readAsset(tx: Tx, id: string, scope: ScopeGroups, now: Date): Promise<AssetDetail> {
  const { sql, tenant } = tx
  if (!isId(id)) fail('not_found', { what: 'asset', id })
  const [row] = await sql<(AssetRow & { created_at: Date; identity: string; services: number })[]>`
    select h.id, h.network_id, n.name as network_name, h.tracking, h.identity, host(h.address) as address, h.name, h.os, h.hardware, h.state, h.impact, h.risk, h.open1, h.open2, h.open3, h.open4, h.open5,
      h.first_seen, h.last_seen, h.last_scanned, h.created_at,
      (select count(*)::int from asset_service v where v.tenant_id = ${tenant} and v.asset_id = h.id and v.open) as services,
      coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.name) from asset_group_host m join asset_group g on g.tenant_id = m.tenant_id and g.id = m.group_id
        where m.tenant_id = ${tenant} and g.tenant_id = ${tenant} and m.asset_id = h.id), '[]'::jsonb) as groups
    from asset_host h join network n on n.tenant_id = h.tenant_id and n.id = h.network_id
    where h.tenant_id = ${tenant} and n.tenant_id = ${tenant} and h.id = ${id} ${assetInScope(tx, scope)}`
  if (row === undefined) fail('not_found', { what: 'asset', id })
  const findings = await sql<{ fixed: boolean; ignored: boolean; information: boolean; scores: number[] }[]>`
    select status = 'fixed' as fixed, ignored, type = 'information' as information, array_agg(score) as scores from finding
    where tenant_id = ${tenant} and asset_id = ${id} group by 1, 2, 3`
  const sum = (of: (one: (typeof findings)[number]) => boolean): number => findings.filter(of).reduce((all, one) => all + one.scores.length, 0)
  const isOpen = (one: (typeof findings)[number]): boolean => !one.fixed && !one.ignored && !one.information
  const ip = row.address === null ? null : parseIp(row.address)
  const set = ip === null || row.tracking === 'name' ? [] : [{ version: ip.version, first: ip.value, last: ip.value }]
  const registered = await registeredIn(tx, row.network_id, { set, names: row.tracking === 'name' ? [row.identity] : [] })
  const exclusions = await exclusionsInForce(tx, row.network_id, now)
  return {
    ...row,
    counts: {
      open: sum(isOpen), fixed: sum((one) => one.fixed && !one.information), ignored: sum((one) => !one.fixed && one.ignored), information: sum((one) => one.information && !one.fixed && !one.ignored),
    },
    bands: assetRisk(row.impact, findings.filter(isOpen).flatMap((one) => one.scores)).bands,
    excluded: exclusions.find((one) => (ip !== null && contains(one.set, ip)) || (row.name !== null && one.names.includes(row.name))) ?? null,
    registered: registered.set.length + registered.names.length > 0,
  }
}

export async function requireAsset(tx: Tx, id: string, scope: ScopeGroups): Promise<void> {
  const [row] = isId(id) ? await tx.sql`select h.id from asset_host h where h.tenant_id = ${tx.tenant} and h.id = ${id} ${assetInScope(tx, scope)}` : []
  if (row === undefined) fail('not_found', { what: 'asset', id })
}

export type ServiceRow = Readonly<{
  port: number; proto: 'tcp' | 'udp'; open: boolean; name: string; product: string | null; version: string | null; cpe: string | null; distro: string | null; tls: boolean; banner: string | null
  first_seen: Date; last_seen: Date
}>

/** Open ones first; at most 2,000: a tarpit shows a thousand. */
export async function servicesOfAsset(tx: Tx, id: string): Promise<readonly ServiceRow[]> {
  return tx.sql<ServiceRow[]>`
    select port, proto, open, name, product, version, cpe, distro, tls, banner, first_seen, last_seen from asset_service
    where tenant_id = ${tx.tenant} and asset_id = ${id} order by open desc, proto, port limit 2000`
}

export type TimelineRow = Readonly<{
  id: string; at: Date; kind: FindingEventKind | 'scanned' | 'dead' | 'partial' | 'refused'; finding_id: string | null; signature: number | null; title: string | null; severity: number | null
  scan_id: string | null; by_name: string | null; text: string
}>

/** What happened to the host and its findings, newest first. */
export async function timelineOf({ sql, tenant }: Tx, id: string, after: readonly [Date, string] | null, limit: number): Promise<readonly TimelineRow[]> {
  return sql<TimelineRow[]>`
    select t.id, t.at, t.kind, t.finding_id, t.signature, s.title, t.severity, t.scan_id, t.by_name, t.text from (
      select id, at, kind, finding_id, signature_id as signature, severity, scan_id, by_name, text from finding_event
        where tenant_id = ${tenant} and asset_id = ${id} ${after === null ? sql`` : sql`and (at, id) < (${after[0]}, ${after[1]}::uuid)`}
      union all
      select scan_id, ended_at, outcome, null, null, null, scan_id, null, why from asset_scan
        where tenant_id = ${tenant} and asset_id = ${id} and ended_at is not null ${after === null ? sql`` : sql`and (ended_at, scan_id) < (${after[0]}, ${after[1]}::uuid)`}
      order by at desc, id desc limit ${limit}
    ) t left join signature s on s.id = t.signature order by t.at desc, t.id desc`
}

export type CoverageRow = Readonly<{ scan_id: string; at: Date; outcome: 'scanned' | 'dead' | 'partial' | 'refused' | null; why: string; covered: Covered[]; failed: Failed[]; found: number; closed: number }>

/** What the last ten tests looked at, and what they could not. */
export async function coverageOfAsset({ sql, tenant }: Tx, id: string): Promise<readonly CoverageRow[]> {
  return sql<CoverageRow[]>`
    select scan_id, coalesce(ended_at, started_at) as at, outcome, why, covered, failed, cardinality(found) as found, cardinality(closed) as closed from asset_scan
    where tenant_id = ${tenant} and asset_id = ${id} order by started_at desc, scan_id desc limit 10`
}

/** Deletes the host with its findings, evidence and coverage. Its address stays registered. */
export async function purgeAsset(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  await requireAsset(tx, id, await scopeGroups(tx, actor.scope))
  const [row] = await tx.sql<{ identity: string }[]>`delete from asset_host where tenant_id = ${tx.tenant} and id = ${id} returning identity`
  await audit(tx, { actor, action: 'asset.purged', object: { kind: 'asset', id, name: row?.identity ?? '' } }, now)
}
