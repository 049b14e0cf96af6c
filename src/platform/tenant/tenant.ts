import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { PlatformTx, Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Role } from '../access/role.ts'

/** What else a new organisation starts with, made in the same transaction: each subject adds its own (composed in main). */
export type TenantHook = (tx: Tx, now: Date) => Promise<void>

/** A platform transaction seen as one of the tenant: for acts that make or join an organisation. */
export function inTenant(tx: PlatformTx, tenant: string): Tx {
  return { ...tx, tenant }
}

export type Organisation = Readonly<{ id: string; name: string; state: 'active' | 'suspended' | 'closing'; maxAddresses: number | null; createdAt: Date }>

/** An organisation with its default network, which has the organisation's own id, and its first manager. */
export async function createTenant(tx: PlatformTx, wanted: Readonly<{ name: string; manager: Readonly<{ id: string; name: string; email: string }>; ip: string | null }>, now: Date, hooks: readonly TenantHook[]): Promise<string> {
  const id = newId(now.getTime())
  await tx.sql`insert into tenant (id, name, state, settings, created_at) values (${id}, ${wanted.name.trim()}, 'active', '{}'::jsonb, ${now})`
  const inside = inTenant(tx, id)
  await inside.sql`insert into network (tenant_id, id, name, created_at) values (${id}, ${id}, 'Default network', ${now})`
  await addMember(inside, wanted.manager.id, { role: 'manager', unit: null, groups: [] }, now)
  const actor: Actor = { user: wanted.manager, tenant: id, role: 'manager', scope: null, via: { kind: 'session', id }, ip: wanted.ip }
  await audit(inside, { actor, action: 'organisation.created', object: { kind: 'organisation', id, name: wanted.name } }, now)
  for (const hook of hooks) await hook(inside, now)
  return id
}

export type Place = Readonly<{ role: Role; unit: string | null; groups: readonly string[] }>

export async function addMember(tx: Tx, user: string, { role, unit, groups }: Place, now: Date): Promise<boolean> {
  const added = await tx.sql`
    insert into membership (tenant_id, user_id, role, unit_id, group_ids, state, created_at)
    values (${tx.tenant}, ${user}, ${role}, ${unit}, ${[...groups]}, 'active', ${now}) on conflict (tenant_id, user_id) do nothing returning user_id`
  return added.length > 0
}

export async function readOrganisation({ tenant, sql }: Tx): Promise<Organisation> {
  const [row] = await sql<Organisation[]>`
    select id, name, state, max_addresses as "maxAddresses", created_at as "createdAt" from tenant where id = ${tenant}`
  return row ?? fail('not_found', { what: 'organisation', id: tenant })
}

export async function renameOrganisation(tx: PlatformTx, actor: Actor, name: string): Promise<void> {
  const [before] = await tx.sql<{ name: string }[]>`select name from tenant where id = ${actor.tenant} for update`
  await tx.sql`update tenant set name = ${name.trim()} where id = ${actor.tenant}`
  await audit(inTenant(tx, actor.tenant), { actor, action: 'organisation.renamed', object: { kind: 'organisation', id: actor.tenant, name }, details: { from: before?.name, to: name } })
}

export type OrganisationOf = Readonly<{ id: string; name: string; role: Role }>

/** The organisations a person is an active member of, by name. The one question that goes over all tenants. */
export async function organisationsOf({ sql }: Pick<PlatformTx, 'sql'>, user: string): Promise<readonly OrganisationOf[]> {
  return sql<OrganisationOf[]>`
    select t.id, t.name, m.role from membership m join tenant t on t.id = m.tenant_id
    where m.user_id = ${user} and m.state = 'active' and t.state = 'active' order by t.name, t.id limit 200`
}
