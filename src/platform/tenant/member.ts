import { fail } from '#core/errors.ts'
import type { PlatformTx, Store, Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { mayGrant, type Role } from '../access/role.ts'
import { audit } from '../audit/audit.ts'
import { issueResetLink } from '../user/link.ts'
import { inTenant } from './tenant.ts'
import { mustHaveUnit } from './unit.ts'

export type Member = Readonly<{
  id: string; name: string; email: string; role: Role; unit: string | null; unitName: string | null; groups: readonly string[]
  state: 'active' | 'inactive'; secondFactor: boolean; createdAt: Date
}>

/** By name. A unit manager sees the people of their own unit. */
export async function listMembers(tx: Tx, actor: Actor, after: readonly [name: string, id: string] | null, limit: number): Promise<readonly Member[]> {
  const { sql } = tx
  return sql<Member[]>`
    select ${columns(tx)} ${inReach(tx, actor)} ${after === null ? sql`` : sql`and (u.name, u.id) > (${after[0]}, ${after[1]})`}
    order by u.name, u.id limit ${limit}`
}

export async function readMember(tx: Tx, actor: Actor, id: string): Promise<Member> {
  const [member] = await tx.sql<Member[]>`select ${columns(tx)} ${inReach(tx, actor)} and m.user_id = ${id}`
  return member ?? fail('not_found', { what: 'person', id })
}

export type MemberChange = Readonly<{ role?: Role; unit?: string | null; groups?: readonly string[]; state?: 'active' | 'inactive' }>

export async function changeMember(tx: Tx, actor: Actor, id: string, change: MemberChange): Promise<Member> {
  await lockMembers(tx)
  const before = await readMember(tx, actor, id)
  const after = { role: change.role ?? before.role, unit: change.unit === undefined ? before.unit : change.unit, groups: change.groups ?? before.groups, state: change.state ?? before.state }
  mayPlace(actor, before.role)
  mayPlace(actor, after.role)
  mayUseUnit(actor, after.unit)
  if (after.role === 'unit_manager' && after.unit === null) fail('member.unit_needed')
  await mustHaveUnit(tx, after.unit)
  await tx.sql`
    update membership set role = ${after.role}, unit_id = ${after.unit}, group_ids = ${[...after.groups]}, state = ${after.state}
    where tenant_id = ${tx.tenant} and user_id = ${id}`
  await mustKeepManager(tx)
  await audit(tx, {
    actor, action: 'member.changed', object: { kind: 'person', id, name: before.name },
    details: { from: { role: before.role, unit: before.unit, groups: before.groups, state: before.state }, to: after },
  })
  return readMember(tx, actor, id)
}

/** Takes the person out of this organisation, with their tokens here. The account and other memberships are theirs. */
export async function removeMember(tx: Tx, actor: Actor, id: string): Promise<void> {
  await lockMembers(tx)
  const member = await readMember(tx, actor, id)
  if (id !== actor.user.id) mayPlace(actor, member.role)
  await tx.sql`delete from api_token where tenant_id = ${tx.tenant} and user_id = ${id}`
  await tx.sql`delete from membership where tenant_id = ${tx.tenant} and user_id = ${id}`
  await mustKeepManager(tx)
  await audit(tx, { actor, action: 'member.removed', object: { kind: 'person', id, name: member.name }, details: { role: member.role } })
}

/**
 * A link to set a new password, for a person who belongs to this organisation alone: otherwise a manager here could step into
 * the others.
 */
export async function issueMemberReset(store: Store, actor: Actor, id: string, now: number): Promise<string> {
  const member = await store.read(actor.tenant, (tx) => readMember(tx, actor, id))
  mayPlace(actor, member.role)
  return store.platform(async (tx: PlatformTx) => {
    const elsewhere = await tx.sql`select from membership where user_id = ${id} and tenant_id <> ${actor.tenant} limit 1`
    if (elsewhere.length > 0) fail('member.not_only_here')
    const token = await issueResetLink(tx, { user: id }, now)
    if (token === null) fail('not_found', { what: 'person', id })
    await audit(inTenant(tx, actor.tenant), { actor, action: 'member.reset_link_issued', object: { kind: 'person', id, name: member.name } }, new Date(now))
    return token
  })
}

export function mayPlace(actor: Actor, role: Role): void {
  if (!mayGrant(actor.role, role)) fail('member.role_denied', { role })
}

/** A unit manager places people only into their own unit. */
export function mayUseUnit(actor: Actor, unit: string | null): void {
  if (actor.role !== 'unit_manager') return
  if (unit === null || !(actor.scope?.units ?? []).includes(unit)) fail('member.role_denied', { role: 'another unit' })
}

/** Changes of members go one at a time, so that two managers cannot demote each other at once. */
async function lockMembers({ tenant, sql }: Tx): Promise<void> {
  await sql`select user_id from membership where tenant_id = ${tenant} and role = 'manager' order by user_id for update`
}

async function mustKeepManager({ tenant, sql }: Tx): Promise<void> {
  const left = await sql`select from membership where tenant_id = ${tenant} and role = 'manager' and state = 'active' limit 1`
  if (left.length === 0) fail('member.last_manager')
}

const columns = ({ sql }: Tx) => sql`
  u.id, u.name, u.email, m.role, m.unit_id as unit, b.name as "unitName", m.group_ids as groups, m.state,
  coalesce(u.two_factor_enabled, false) as "secondFactor", m.created_at as "createdAt"`

const inReach = ({ tenant, sql }: Tx, actor: Actor) => sql`
  from membership m join app_user u on u.id = m.user_id
  left join business_unit b on b.tenant_id = m.tenant_id and b.id = m.unit_id
  where m.tenant_id = ${tenant} ${actor.role === 'unit_manager' ? sql`and m.unit_id = any(${[...(actor.scope?.units ?? [])]}::uuid[])` : sql``}`
