import { authorityStatement } from '#core/authority.ts'
import { fail } from '#core/errors.ts'
import { countAddresses, formatIpRange, formatIpSet, intersect, type IpSet } from '#core/ip-set.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { addExclusion, endExclusion } from './exclusion.ts'
import { addMembers, requireGroup, requireInScope } from './group.ts'
import { requireNetwork } from './network.ts'
import { addToRegister, countRegistered, freshOf, lockRegister, planLimit, rangeOf, storedSet, takeFromRegister } from './register.ts'
import { scopeGroups, type ScopeGroups } from './scope.ts'
import { membersOf } from './target.ts'
import { formatTargets, parseTargetText, requireTargets, type BadTarget } from './target-text.ts'

export type Registration = Readonly<{ text: string; network: string; comment: string; groups: readonly string[]; statement: string }>
export type Registered = Readonly<{ authorityId: string; added: bigint; already: bigint; used: bigint; most: number | null }>

/**
 * Registers addresses and names with the declaration that they may be scanned; all of them or none. A person with a scope
 * registers into groups of that scope.
 */
export async function registerAddresses(tx: Tx, actor: Actor, asked: Registration, now: Date): Promise<Registered> {
  if (asked.statement !== authorityStatement) fail('authority.statement')
  const what = requireTargets(asked.text)
  const scope = await scopeGroups(tx, actor.scope)
  for (const group of asked.groups) await requireGroup(tx, group, scope)
  if (scope !== null && asked.groups.length === 0) fail('invalid', { what: 'Choose the asset group that the addresses belong to.' })
  await requireNetwork(tx, asked.network)
  await lockRegister(tx, asked.network)
  const authority = newId(now.getTime())
  const targets = formatTargets(what.set, what.names, 200_000)
  const count = countAddresses(what.set) + BigInt(what.names.length)
  const added = await addToRegister(tx, asked.network, what, { comment: asked.comment, authority, by: actor.user.name, at: now })
  await tx.sql`
    insert into authority (tenant_id, id, network_id, user_id, user_name, user_email, statement, targets, addresses, at)
    values (${tx.tenant}, ${authority}, ${asked.network}, ${actor.user.id}, ${actor.user.name}, ${actor.user.email}, ${asked.statement}, ${targets}, ${`${count}`}, ${now})`
  await audit(tx, {
    actor, action: 'asset.authority_declared', object: { kind: 'authority', id: authority },
    details: { statement: asked.statement, targets: formatTargets(what.set, what.names, 8000), addresses: `${count}`, network: asked.network },
  }, now)
  for (const group of asked.groups) await addMembers(tx, actor, group, { network: asked.network, what, assets: [] }, now, added.fresh)
  return { authorityId: authority, added: added.added, already: added.already, used: added.used, most: added.most }
}

export type Preview = Readonly<{
  ranges: readonly string[]; rangeCount: number; names: readonly string[]; nameCount: number; addresses: bigint; already: bigint; used: bigint; most: number | null; fits: boolean
  bad: readonly BadTarget[]; badCount: number
}>

/** What registering would do, and what is wrong with the list. Changes nothing. */
export async function previewAddresses(tx: Tx, text: string, network: string): Promise<Preview> {
  await requireNetwork(tx, network)
  const { set, names, bad, badCount } = parseTargetText(text)
  const fresh = await freshOf(tx, network, { set, names })
  const [used, most] = [await countRegistered(tx), await planLimit(tx)]
  const count = countAddresses(set) + BigInt(names.length)
  const more = countAddresses(fresh.set) + BigInt(fresh.names.length)
  return {
    ranges: set.slice(0, 200).map(formatIpRange), rangeCount: set.length, names: names.slice(0, 200), nameCount: names.length, addresses: count, already: count - more,
    used, most, fits: most === null || used + more <= BigInt(most), bad, badCount,
  }
}

export async function removeAddresses(tx: Tx, actor: Actor, text: string, network: string, now: Date): Promise<Readonly<{ removed: bigint; used: bigint; most: number | null }>> {
  const what = requireTargets(text)
  await requireNetwork(tx, network)
  await requireInScope(tx, await scopeGroups(tx, actor.scope), network, what)
  await lockRegister(tx, network)
  const removed = await takeFromRegister(tx, network, what)
  await audit(tx, { actor, action: 'asset.addresses_removed', details: { targets: formatTargets(what.set, what.names, 8000), addresses: `${removed}`, network } }, now)
  return { removed, used: await countRegistered(tx), most: await planLimit(tx) }
}

export async function excludeAddresses(
  tx: Tx, actor: Actor, asked: Readonly<{ text: string; network: string; comment: string; until: Date | null }>, now: Date,
): Promise<string> {
  const what = requireTargets(asked.text)
  await requireNetwork(tx, asked.network)
  await requireInScope(tx, await scopeGroups(tx, actor.scope), asked.network, what)
  const id = await addExclusion(tx, asked.network, what, { comment: asked.comment, until: asked.until, by: actor.user, at: now })
  await audit(tx, {
    actor, action: 'exclusion.added', object: { kind: 'exclusion', id },
    details: { targets: formatTargets(what.set, what.names, 8000), comment: asked.comment, until: asked.until?.toISOString() ?? null, network: asked.network },
  }, now)
  return id
}

/** A person with a scope may end what lies wholly in it. */
export async function stopExcluding(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const exclusion = (await listExclusions(tx, { ended: true, now, after: null, limit: 1, only: id }))[0]
  if (exclusion === undefined) fail('not_found', { what: 'exclusion', id })
  await requireInScope(tx, await scopeGroups(tx, actor.scope), exclusion.network_id, { set: storedSet(exclusion.ranges), names: exclusion.names })
  await endExclusion(tx, id, actor.user.name, now)
  await audit(tx, { actor, action: 'exclusion.ended', object: { kind: 'exclusion', id }, details: { targets: formatTargets(storedSet(exclusion.ranges), exclusion.names, 8000) } }, now)
}

export type ExclusionRow = Readonly<{
  id: string; network_id: string; network_name: string; ranges: string; names: string[]; addresses: string; comment: string; expires_at: Date | null; created_by_name: string; created_at: Date
  ended_at: Date | null; ended_by_name: string | null
}>

export async function listExclusions(
  { sql, tenant }: Tx, asked: Readonly<{ ended: boolean; now: Date; after: readonly [Date, string] | null; limit: number; only?: string }>,
): Promise<readonly ExclusionRow[]> {
  return sql<ExclusionRow[]>`
    select e.id, e.network_id, n.name as network_name, e.ranges, e.names, e.addresses::text as addresses, e.comment, e.expires_at, e.created_by_name, e.created_at, e.ended_at, e.ended_by_name
    from exclusion e join network n on n.tenant_id = e.tenant_id and n.id = e.network_id
    where e.tenant_id = ${tenant} and n.tenant_id = ${tenant} ${asked.ended ? sql`` : sql`and e.ended_at is null and (e.expires_at is null or e.expires_at > ${asked.now})`}
      ${asked.only === undefined ? sql`` : sql`and e.id::text = ${asked.only}`} ${asked.after === null ? sql`` : sql`and (e.created_at, e.id) < (${asked.after[0]}, ${asked.after[1]}::uuid)`}
    order by e.created_at desc, e.id desc limit ${asked.limit}`
}

/** What of each the reader may see; those wholly out of sight are left out, so that a page may be short. */
export async function exclusionsInSight(tx: Tx, rows: readonly ExclusionRow[], scope: ScopeGroups): Promise<readonly ExclusionRow[]> {
  if (scope === null) return rows
  const seen: ExclusionRow[] = []
  for (const row of rows) {
    const mine = await membersOf(tx, row.network_id, scope)
    const set = intersect(storedSet(row.ranges), mine.set)
    const names = row.names.filter((name) => mine.names.includes(name))
    if (set.length + names.length > 0) seen.push({ ...row, ranges: formatIpSet(set), names, addresses: `${countAddresses(set) + BigInt(names.length)}` })
  }
  return seen
}

export type AddressRow = Readonly<{ id: string; network_id: string; network_name: string; first: string | null; last: string | null; name: string | null; comment: string; added_by_name: string; created_at: Date; text: string; count: bigint }>

/** Names, then ranges in address order; keyset by kind (1 name, 0 range), value and id. `text`: an address or range that it touches, or part of a name. */
export async function listAddresses(
  tx: Tx, asked: Readonly<{ network: string | null; text: string; scope: ScopeGroups; after: readonly [number, string, string] | null; limit: number }>,
): Promise<readonly AddressRow[]> {
  const { sql, tenant } = tx
  const touched = asked.text === '' ? null : parseTargetText(asked.text).set
  const range = touched?.[0]
  const inNetwork = asked.network === null ? sql`` : sql`and r.network_id = ${asked.network}`
  const groups = asked.scope as string[] | null
  const mineByName = groups === null ? sql`` : sql`and exists (
    select from asset_group_name g where g.tenant_id = ${tenant} and g.group_id = any(${groups}::uuid[]) and g.network_id = r.network_id and g.name = r.name)`
  const mineByRange = groups === null ? sql`` : sql`and exists (
    select from asset_group_range g where g.tenant_id = ${tenant} and g.group_id = any(${groups}::uuid[]) and g.network_id = r.network_id and g.first <= r.last and g.last >= r.first)`
  const named = asked.after !== null && asked.after[0] === 0 ? [] : await sql<AddressRow[]>`
    select r.id, r.network_id, n.name as network_name, null as first, null as last, r.name, r.comment, r.added_by_name, r.created_at
    from address_name r join network n on n.tenant_id = r.tenant_id and n.id = r.network_id
    where r.tenant_id = ${tenant} and n.tenant_id = ${tenant} ${inNetwork} ${mineByName} ${asked.text === '' ? sql`` : sql`and r.name like ${`%${asked.text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`}`}
      ${asked.after === null ? sql`` : sql`and (r.name, r.id) > (${asked.after[1]}, ${asked.after[2]}::uuid)`}
    order by r.name, r.id limit ${asked.limit}`
  const left = asked.limit - named.length
  const ranged = left === 0 || (asked.text !== '' && range === undefined) ? [] : await sql<AddressRow[]>`
    select r.id, r.network_id, n.name as network_name, r.first, r.last, null as name, r.comment, r.added_by_name, r.created_at
    from address_range r join network n on n.tenant_id = r.tenant_id and n.id = r.network_id
    where r.tenant_id = ${tenant} and n.tenant_id = ${tenant} ${inNetwork} ${mineByRange}
      ${range === undefined ? sql`` : sql`and r.first <= ${formatEnd(range, 'last')}::inet and r.last >= ${formatEnd(range, 'first')}::inet`}
      ${asked.after === null || asked.after[0] === 1 ? sql`` : sql`and (r.first, r.id) > (${asked.after[1]}::inet, ${asked.after[2]}::uuid)`}
    order by r.first, r.id limit ${left}`
  // Of a range that reaches beyond the reader's groups, only what is in them is shown.
  const mine = new Map<string, IpSet>()
  if (asked.scope !== null) for (const id of new Set(ranged.map((row) => row.network_id))) mine.set(id, (await membersOf(tx, id, asked.scope)).set)
  return [
    ...named.map((row) => ({ ...row, text: row.name!, count: 1n })),
    ...ranged.map((row) => {
      const whole = [rangeOf({ first: row.first!, last: row.last! })]
      const set = asked.scope === null ? whole : intersect(whole, mine.get(row.network_id)!)
      return { ...row, text: set.map(formatIpRange).join(', '), count: countAddresses(set) }
    }),
  ]
}

function formatEnd(range: ReturnType<typeof rangeOf>, end: 'first' | 'last'): string {
  return formatIpRange({ ...range, first: range[end], last: range[end] })
}

export type AuthorityRow = Readonly<{ id: string; network_id: string; network_name: string; user_name: string; user_email: string; statement: string; targets: string; addresses: string; at: Date }>

/** All, or for a reader with a scope: their own. */
export async function listAuthorities({ sql, tenant }: Tx, by: string | null, after: readonly [Date, string] | null, limit: number): Promise<readonly AuthorityRow[]> {
  return sql<AuthorityRow[]>`
    select a.id, a.network_id, coalesce(n.name, '') as network_name, a.user_name, a.user_email, a.statement, a.targets, a.addresses::text as addresses, a.at
    from authority a left join network n on n.tenant_id = a.tenant_id and n.id = a.network_id and n.tenant_id = ${tenant}
    where a.tenant_id = ${tenant} ${by === null ? sql`` : sql`and a.user_id = ${by}`} ${after === null ? sql`` : sql`and (a.at, a.id) < (${after[0]}, ${after[1]}::uuid)`}
    order by a.at desc, a.id desc limit ${limit}`
}
