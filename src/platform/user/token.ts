import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { Store, Tx } from '#store/store.ts'
import { scopeFor, type Actor } from '../access/actor.ts'
import { within, type Role } from '../access/role.ts'
import { audit } from '../audit/audit.ts'
import { hashSecret, newTenantSecret, tenantOf } from './secret-token.ts'

const prefix = 'vigil_'

export type TokenRow = Readonly<{ id: string; name: string; role: Role; hint: string; expiresAt: Date | null; createdAt: Date; userId: string; userName: string }>

/** Makes a token that acts as its maker with a role that does no more than the maker's. The text is returned this once. */
export async function createToken(tx: Tx, actor: Actor, wanted: Readonly<{ name: string; role: Role; expiresAt: Date | null }>, now: Date): Promise<Readonly<{ id: string; token: string }>> {
  if (!within(wanted.role, actor.role)) fail('token.role_too_high', { role: wanted.role })
  if (wanted.expiresAt !== null && wanted.expiresAt <= now) fail('invalid', { what: 'The token would have expired already.' })
  const id = newId(now.getTime())
  const token = `${prefix}${newTenantSecret(tx.tenant)}`
  await tx.sql`
    insert into api_token (tenant_id, id, user_id, name, role, hash, hint, expires_at, created_at)
    values (${tx.tenant}, ${id}, ${actor.user.id}, ${wanted.name}, ${wanted.role}, ${hashSecret(token)}, ${token.slice(-4)}, ${wanted.expiresAt}, ${now})`
  await audit(tx, { actor, action: 'token.created', object: { kind: 'token', id, name: wanted.name }, details: { role: wanted.role, expires: wanted.expiresAt } }, now)
  return { id, token }
}

/** Newest first; of one person, or of all when `user` is null. */
export async function listTokens({ tenant, sql }: Tx, user: string | null, before: string | null, limit: number): Promise<readonly TokenRow[]> {
  return sql<TokenRow[]>`
    select t.id, t.name, t.role, t.hint, t.expires_at as "expiresAt", t.created_at as "createdAt", t.user_id as "userId", u.name as "userName"
    from api_token t join app_user u on u.id = t.user_id
    where t.tenant_id = ${tenant} ${user === null ? sql`` : sql`and t.user_id = ${user}`} ${before === null ? sql`` : sql`and t.id < ${before}`}
    order by t.id desc limit ${limit}`
}

/** When and from where tokens were last used; kept apart, since it is written all the time. */
export async function lastUses(store: Store, tenant: string, ids: readonly string[]): Promise<ReadonlyMap<string, Readonly<{ at: Date; ip: string | null }>>> {
  if (ids.length === 0) return new Map()
  const rows = await store.platform(({ sql }) => sql<{ token_id: string; last_at: Date; last_ip: string | null }[]>`
    select token_id, last_at, last_ip from api_token_use where tenant_id = ${tenant} and token_id in ${sql([...ids])}`)
  return new Map(rows.map((row) => [row.token_id, { at: row.last_at, ip: row.last_ip }]))
}

export async function revokeToken(tx: Tx, actor: Actor, id: string, anyone: boolean): Promise<void> {
  const [token] = await tx.sql<{ name: string }[]>`
    delete from api_token where tenant_id = ${tx.tenant} and id = ${id} ${anyone ? tx.sql`` : tx.sql`and user_id = ${actor.user.id}`} returning name`
  if (token === undefined) fail('not_found', { what: 'token', id })
  await audit(tx, { actor, action: 'token.revoked', object: { kind: 'token', id, name: token.name } })
}

/** Who a token acts as now: its maker must still be an active member, whose role still covers the token's. */
export async function actorOfToken(store: Store, token: string, ip: string, now: number): Promise<Actor | null> {
  const tenant = token.startsWith(prefix) ? tenantOf(token.slice(prefix.length)) : null
  if (tenant === null) return null
  type Row = { id: string; role: Role; user_id: string; name: string; email: string; member_role: Role; unit_id: string | null; group_ids: string[] }
  const [row] = await store.read(tenant, ({ sql }) => sql<Row[]>`
    select t.id, t.role, t.user_id, u.name, u.email, m.role as member_role, m.unit_id, m.group_ids
    from api_token t
    join membership m on m.tenant_id = t.tenant_id and m.user_id = t.user_id
    join app_user u on u.id = t.user_id
    join tenant o on o.id = t.tenant_id
    where t.tenant_id = ${tenant} and m.tenant_id = ${tenant} and t.hash = ${hashSecret(token)}
      and (t.expires_at is null or t.expires_at > ${new Date(now)}) and m.state = 'active' and o.state = 'active'`)
  if (row === undefined || !within(row.role, row.member_role)) return null
  await noteUse(store, tenant, row.id, ip, now)
  return {
    user: { id: row.user_id, name: row.name, email: row.email }, tenant, role: row.role,
    scope: scopeFor(row.member_role, row.unit_id, row.group_ids), via: { kind: 'token', id: row.id }, ip,
  }
}

const noted = new Map<string, number>()

/** Once a minute a token, so that reading through a token does not write all the time. */
async function noteUse(store: Store, tenant: string, id: string, ip: string, now: number): Promise<void> {
  const last = noted.get(id)
  if (last !== undefined && now - last < 60_000 && now >= last) return
  if (noted.size > 10_000) noted.clear()
  noted.set(id, now)
  const at = new Date(now)
  await store.platform(({ sql }) => sql`
    insert into api_token_use (tenant_id, token_id, last_at, last_ip) values (${tenant}, ${id}, ${at}, ${ip})
    on conflict (tenant_id, token_id) do update set last_at = ${at}, last_ip = ${ip}`)
}
