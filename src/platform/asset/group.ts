import { fail } from '#core/errors.ts'
import { formatIpRange, intersect, normalise, subtract } from '#core/ip-set.ts'
import { isId, newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { allow, type Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { fillGroup, renewImpact } from './membership.ts'
import { firstOf, lastOf, rangeOf, type Register } from './register.ts'
import { scopeGroups, type ScopeGroups } from './scope.ts'
import { membersOf } from './target.ts'

export type GroupRow = Readonly<{
  id: string; name: string; impact: number; unit_id: string | null; comment: string; created_at: Date; hosts: number; risk: number; open1: number; open2: number; open3: number; open4: number; open5: number
}>

export async function listGroups(tx: Tx, scope: ScopeGroups, text: string, after: readonly [string, string] | null, limit: number, only?: string): Promise<readonly GroupRow[]> {
  const { sql, tenant } = tx
  return sql<GroupRow[]>`
    select g.id, g.name, g.impact, g.unit_id, g.comment, g.created_at, coalesce(m.hosts, 0) as hosts, coalesce(m.risk, 0) as risk,
      coalesce(m.open1, 0) as open1, coalesce(m.open2, 0) as open2, coalesce(m.open3, 0) as open3, coalesce(m.open4, 0) as open4, coalesce(m.open5, 0) as open5
    from (select id, tenant_id, name, impact, unit_id, comment, created_at from asset_group where tenant_id = ${tenant} ${scope === null ? sql`` : sql`and id = any(${scope as string[]}::uuid[])`}
      ${only === undefined ? sql`` : sql`and id = ${only}`} ${text === '' ? sql`` : sql`and name ilike ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`}
      ${after === null ? sql`` : sql`and (name, id) > (${after[0]}, ${after[1]}::uuid)`} order by name, id limit ${limit}) g
    left join lateral (select count(*)::int as hosts, coalesce(round(avg(h.risk) filter (where h.last_scanned is not null)), 0)::int as risk,
      sum(h.open1)::int as open1, sum(h.open2)::int as open2, sum(h.open3)::int as open3, sum(h.open4)::int as open4, sum(h.open5)::int as open5
      from asset_group_host a join asset_host h on h.tenant_id = a.tenant_id and h.id = a.asset_id
      where a.tenant_id = ${tenant} and h.tenant_id = ${tenant} and a.group_id = g.id) m on true
    order by g.name, g.id`
}

export type Member = Readonly<{ network: Readonly<{ id: string; name: string }>; kind: 'addresses' | 'name' | 'host'; text: string; assetId: string | null }>

/** At most 10,000 of each kind. */
export async function membersOfGroup({ sql, tenant }: Tx, group: string): Promise<readonly Member[]> {
  const networks = new Map((await sql<{ id: string; name: string }[]>`select id, name from network where tenant_id = ${tenant}`).map((row) => [row.id, row]))
  const ranges = await sql<{ network_id: string; first: string; last: string }[]>`
    select network_id, first, last from asset_group_range where tenant_id = ${tenant} and group_id = ${group} order by network_id, first limit 10000`
  const names = await sql<{ network_id: string; name: string }[]>`select network_id, name from asset_group_name where tenant_id = ${tenant} and group_id = ${group} order by network_id, name limit 10000`
  const hosts = await sql<{ network_id: string; id: string; identity: string }[]>`
    select h.network_id, h.id, h.identity from asset_group_host m join asset_host h on h.tenant_id = m.tenant_id and h.id = m.asset_id
    where m.tenant_id = ${tenant} and h.tenant_id = ${tenant} and m.group_id = ${group} and m.pinned order by h.identity limit 10000`
  return [
    ...ranges.map((row): Member => ({ network: networks.get(row.network_id)!, kind: 'addresses', text: formatIpRange(rangeOf(row)), assetId: null })),
    ...names.map((row): Member => ({ network: networks.get(row.network_id)!, kind: 'name', text: row.name, assetId: null })),
    ...hosts.map((row): Member => ({ network: networks.get(row.network_id)!, kind: 'host', text: row.identity, assetId: row.id })),
  ]
}

export type GroupFields = Readonly<{ name: string; impact: number; unitId: string | null; comment: string }>

export async function addGroup(tx: Tx, actor: Actor, fields: GroupFields, now: Date): Promise<string> {
  const id = newId(now.getTime())
  await requireUnit(tx, actor, fields.unitId)
  const made = await tx.sql`
    insert into asset_group (tenant_id, id, name, impact, unit_id, comment, created_at) values (${tx.tenant}, ${id}, ${fields.name}, ${fields.impact}, ${fields.unitId}, ${fields.comment}, ${now})
    on conflict (tenant_id, name) do nothing`
  if (made.count === 0) fail('group.exists', { name: fields.name })
  await audit(tx, { actor, action: 'group.added', object: { kind: 'asset group', id, name: fields.name }, details: { impact: fields.impact } }, now)
  return id
}

export async function changeGroup(tx: Tx, actor: Actor, id: string, change: Partial<GroupFields>, now: Date): Promise<void> {
  const { sql, tenant } = tx
  const before = await requireGroup(tx, id, await scopeGroups(tx, actor.scope))
  if (change.unitId !== undefined && change.unitId !== before.unitId) await requireUnit(tx, actor, change.unitId)
  const next = { ...before, ...change }
  const [taken] = await sql`select id from asset_group where tenant_id = ${tenant} and name = ${next.name} and id <> ${id}`
  if (taken !== undefined) fail('group.exists', { name: next.name })
  await sql`update asset_group set name = ${next.name}, impact = ${next.impact}, unit_id = ${next.unitId}, comment = ${next.comment} where tenant_id = ${tenant} and id = ${id}`
  if (next.impact !== before.impact) await renewImpact(tx, await hostsOf(tx, id))
  await audit(tx, { actor, action: 'group.changed', object: { kind: 'asset group', id, name: next.name }, details: { ...change } }, now)
}

export async function dropGroup(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const group = await requireGroup(tx, id, await scopeGroups(tx, actor.scope))
  const hosts = await hostsOf(tx, id)
  await tx.sql`delete from asset_group where tenant_id = ${tx.tenant} and id = ${id}`
  await renewImpact(tx, hosts)
  await audit(tx, { actor, action: 'group.removed', object: { kind: 'asset group', id, name: group.name } }, now)
}

export type MemberChange = Readonly<{ network: string; what: Register; assets: readonly string[] }>

/** Adds ranges, names and hosts. A person with a scope can only rearrange what is in it already, or was just registered by them (`own`). */
export async function addMembers(tx: Tx, actor: Actor, id: string, change: MemberChange, now: Date, own: Register = { set: [], names: [] }): Promise<void> {
  const { sql, tenant } = tx
  const scope = await scopeGroups(tx, actor.scope)
  const group = await requireGroup(tx, id, scope)
  const hosts = await requireHosts(tx, change.assets, scope)
  if (scope !== null) await requireInScope(tx, scope, change.network, { set: subtract(change.what.set, own.set), names: change.what.names.filter((name) => !own.names.includes(name)) })
  const known = await rangesOf(tx, id, change.network)
  await sql`delete from asset_group_range where tenant_id = ${tenant} and group_id = ${id} and network_id = ${change.network}`
  await writeRanges(tx, id, change.network, normalise([...known, ...change.what.set]))
  await sql`
    insert into asset_group_name (tenant_id, group_id, network_id, name) select ${tenant}, ${id}, ${change.network}, name from unnest(${change.what.names as string[]}::text[]) as u (name)
    on conflict (tenant_id, group_id, network_id, name) do nothing`
  await sql`
    insert into asset_group_host (tenant_id, group_id, asset_id, pinned) select ${tenant}, ${id}, asset_id, true from unnest(${hosts}::uuid[]) as u (asset_id)
    on conflict (tenant_id, group_id, asset_id) do update set pinned = true`
  await renewImpact(tx, hosts)
  await fillGroup(tx, id)
  await audit(tx, { actor, action: 'group.members_added', object: { kind: 'asset group', id, name: group.name }, details: describe(change) }, now)
}

export async function removeMembers(tx: Tx, actor: Actor, id: string, change: MemberChange, now: Date): Promise<void> {
  const { sql, tenant } = tx
  const scope = await scopeGroups(tx, actor.scope)
  const group = await requireGroup(tx, id, scope)
  const known = await rangesOf(tx, id, change.network)
  if (intersect(known, change.what.set).length > 0) {
    await sql`delete from asset_group_range where tenant_id = ${tenant} and group_id = ${id} and network_id = ${change.network}`
    await writeRanges(tx, id, change.network, subtract(known, change.what.set))
  }
  await sql`delete from asset_group_name where tenant_id = ${tenant} and group_id = ${id} and network_id = ${change.network} and name = any(${change.what.names as string[]})`
  const hosts = await requireHosts(tx, change.assets, scope)
  await sql`update asset_group_host set pinned = false where tenant_id = ${tenant} and group_id = ${id} and asset_id = any(${hosts}::uuid[])`
  await fillGroup(tx, id)
  await audit(tx, { actor, action: 'group.members_removed', object: { kind: 'asset group', id, name: group.name }, details: describe(change) }, now)
}

export async function requireGroup(tx: Tx, id: string, scope: ScopeGroups): Promise<GroupFields> {
  const [row] = isId(id) && (scope === null || scope.includes(id))
    ? await tx.sql<GroupFields[]>`select name, impact, unit_id as "unitId", comment from asset_group where tenant_id = ${tx.tenant} and id = ${id}` : []
  return row ?? fail('not_found', { what: 'asset group', id })
}

/** What lies outside of what the person may see is, for them, not there. */
export async function requireInScope(tx: Tx, scope: ScopeGroups, network: string, what: Register): Promise<void> {
  if (scope === null) return
  const mine = await membersOf(tx, network, scope)
  const outside = subtract(what.set, mine.set)[0]
  const name = what.names.find((one) => !mine.names.includes(one))
  if (outside !== undefined || name !== undefined) fail('not_found', { what: 'address', id: name ?? formatIpRange(outside!) })
}

async function requireHosts(tx: Tx, ids: readonly string[], scope: ScopeGroups): Promise<string[]> {
  const { sql, tenant } = tx
  const rows = ids.every(isId) ? await sql<{ id: string }[]>`
    select h.id from asset_host h where h.tenant_id = ${tenant} and h.id = any(${ids as string[]}::uuid[])
    ${scope === null ? sql`` : sql`and exists (select from asset_group_host m where m.tenant_id = ${tenant} and m.asset_id = h.id and m.group_id = any(${scope as string[]}::uuid[]))`}` : []
  const known = new Set(rows.map((row) => row.id))
  const missing = ids.find((id) => !known.has(id))
  if (missing !== undefined) fail('not_found', { what: 'asset', id: missing })
  return [...known].sort()
}

/** A unit manager's groups stay in the unit: otherwise a group could carry hosts out of everybody's sight, or in. */
async function requireUnit(tx: Tx, actor: Actor, unit: string | null): Promise<void> {
  if (actor.scope !== null && (unit === null || !actor.scope.units.includes(unit))) {
    allow(actor, 'group.edit')
    fail('not_found', { what: 'business unit', id: unit ?? '' })
  }
  if (unit === null) return
  const [row] = await tx.sql`select id from business_unit where tenant_id = ${tx.tenant} and id = ${unit}`
  if (row === undefined) fail('not_found', { what: 'business unit', id: unit })
}

async function hostsOf({ sql, tenant }: Tx, group: string): Promise<readonly string[]> {
  const rows = await sql<{ asset_id: string }[]>`select asset_id from asset_group_host where tenant_id = ${tenant} and group_id = ${group}`
  return rows.map((row) => row.asset_id)
}

async function rangesOf({ sql, tenant }: Tx, group: string, network: string): Promise<Register['set']> {
  const rows = await sql<{ first: string; last: string }[]>`
    select first, last from asset_group_range where tenant_id = ${tenant} and group_id = ${group} and network_id = ${network} for update`
  return normalise(rows.map(rangeOf))
}

async function writeRanges({ sql, tenant }: Tx, group: string, network: string, set: Register['set']): Promise<void> {
  if (set.length > 10_000) fail('address.too_fragmented', { count: set.length, most: 10_000 })
  await sql`
    insert into asset_group_range (tenant_id, group_id, network_id, first, last) select ${tenant}, ${group}, ${network}, first, last
    from unnest(${set.map(firstOf)}::inet[], ${set.map(lastOf)}::inet[]) as u (first, last)
    on conflict (tenant_id, group_id, network_id, first) do update set last = excluded.last`
}

function describe({ what, assets }: MemberChange): Readonly<Record<string, unknown>> {
  return { ranges: what.set.slice(0, 100).map(formatIpRange), names: what.names.slice(0, 100), assets: assets.slice(0, 100) }
}
