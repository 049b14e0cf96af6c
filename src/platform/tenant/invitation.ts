import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { PlatformTx, Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import type { Role } from '../access/role.ts'
import { audit } from '../audit/audit.ts'
import { linkLife } from '../user/link.ts'
import { hashSecret, newTenantSecret, tenantOf } from '../user/secret-token.ts'
import { mayPlace, mayUseUnit } from './member.ts'
import { addMember, inTenant, type Place } from './tenant.ts'
import { mustHaveUnit } from './unit.ts'

export type Invitation = Readonly<{ id: string; email: string; role: Role; unit: string | null; groups: readonly string[]; expiresAt: Date; createdAt: Date }>

/** Invites an address and returns the token of its link, this once. A second invitation of the same address replaces the first. */
export async function invite(tx: Tx, actor: Actor, wanted: Place & Readonly<{ email: string }>, now: Date): Promise<Readonly<{ invitation: Invitation; token: string }>> {
  const email = wanted.email.toLowerCase()
  mayPlace(actor, wanted.role)
  mayUseUnit(actor, wanted.unit)
  if (wanted.role === 'unit_manager' && wanted.unit === null) fail('member.unit_needed')
  await mustHaveUnit(tx, wanted.unit)
  const known = await tx.sql`
    select from membership m join app_user u on u.id = m.user_id where m.tenant_id = ${tx.tenant} and u.email = ${email}`
  if (known.length > 0) fail('member.exists', { email })
  const token = newTenantSecret(tx.tenant)
  const invitation = { id: newId(now.getTime()), email, role: wanted.role, unit: wanted.unit, groups: [...wanted.groups], expiresAt: new Date(now.getTime() + linkLife.invitation), createdAt: now }
  await tx.sql`delete from invitation where tenant_id = ${tx.tenant} and email = ${email}`
  await tx.sql`
    insert into invitation (tenant_id, id, email, role, unit_id, group_ids, hash, invited_by, expires_at, created_at)
    values (${tx.tenant}, ${invitation.id}, ${email}, ${invitation.role}, ${invitation.unit}, ${invitation.groups}, ${hashSecret(token)}, ${actor.user.id}, ${invitation.expiresAt}, ${now})`
  await audit(tx, { actor, action: 'member.invited', object: { kind: 'invitation', id: invitation.id, name: email }, details: { role: wanted.role, unit: wanted.unit, groups: wanted.groups } }, now)
  return { invitation, token }
}

/** Those still open, newest first. A unit manager sees those into their own unit. */
export async function listInvitations({ tenant, sql }: Tx, actor: Actor, now: Date): Promise<readonly Invitation[]> {
  return sql<Invitation[]>`
    select id, email, role, unit_id as unit, group_ids as groups, expires_at as "expiresAt", created_at as "createdAt"
    from invitation where tenant_id = ${tenant} and expires_at > ${now}
      ${actor.role === 'unit_manager' ? sql`and unit_id = any(${[...(actor.scope?.units ?? [])]}::uuid[])` : sql``}
    order by id desc limit 500`
}

export async function withdrawInvitation(tx: Tx, actor: Actor, id: string): Promise<void> {
  const { sql } = tx
  const [gone] = await sql<{ email: string }[]>`
    delete from invitation where tenant_id = ${tx.tenant} and id = ${id}
      ${actor.role === 'unit_manager' ? sql`and unit_id = any(${[...(actor.scope?.units ?? [])]}::uuid[])` : sql``} returning email`
  if (gone === undefined) fail('not_found', { what: 'invitation', id })
  await audit(tx, { actor, action: 'member.invitation_withdrawn', object: { kind: 'invitation', id, name: gone.email } })
}

export type OpenInvitation = Readonly<{ tenant: string; organisation: string; email: string; place: Place; hasAccount: boolean; id: string }>

/** Looks at the invitation a link is of. Unknown, used, expired and of a closed organisation are the same. */
export async function readInvitation({ sql }: Pick<PlatformTx, 'sql'>, token: string, now: number): Promise<OpenInvitation> {
  const tenant = tenantOf(token)
  if (tenant === null) return fail('link.invalid')
  type Row = { id: string; email: string; role: Role; unit_id: string | null; group_ids: string[]; name: string; known: boolean }
  const [row] = await sql<Row[]>`
    select i.id, i.email, i.role, i.unit_id, i.group_ids, t.name, u.id is not null as known
    from invitation i join tenant t on t.id = i.tenant_id left join app_user u on u.email = i.email
    where i.tenant_id = ${tenant} and i.hash = ${hashSecret(token)} and i.expires_at > ${new Date(now)} and t.state = 'active'`
  if (row === undefined) return fail('link.invalid')
  return { tenant, organisation: row.name, email: row.email, place: { role: row.role, unit: row.unit_id, groups: row.group_ids }, hasAccount: row.known, id: row.id }
}

/** Makes the person a member and uses the invitation up. The caller has made sure that the person is the one invited. */
export async function acceptInvitation(tx: PlatformTx, invitation: OpenInvitation, person: Readonly<{ id: string; name: string; email: string }>, ip: string, now: Date): Promise<void> {
  if (person.email !== invitation.email) fail('link.other_person')
  const inside = inTenant(tx, invitation.tenant)
  const used = await tx.sql`delete from invitation where tenant_id = ${invitation.tenant} and id = ${invitation.id} returning id`
  if (used.length === 0) fail('link.invalid')
  const isNew = await addMember(inside, person.id, invitation.place, now)
  if (!isNew) fail('member.exists', { email: person.email })
  const actor: Actor = { user: person, tenant: invitation.tenant, role: invitation.place.role, scope: null, via: { kind: 'session', id: invitation.id }, ip }
  await audit(inside, { actor, action: 'member.joined', object: { kind: 'person', id: person.id, name: person.name }, details: { role: invitation.place.role } }, now)
}
