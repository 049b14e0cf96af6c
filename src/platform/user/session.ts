import { fail } from '#core/errors.ts'
import type { Actor } from '../access/actor.ts'
import { organisationsOf } from '../tenant/tenant.ts'
import { endSessions } from './account.ts'
import { ask, headersOf, type Call } from './better-auth-call.ts'
import { sessionLimits } from './session-limits.ts'
import type { Identity, Person } from './identity.ts'
import { checkPassword } from './password.ts'
import { note } from './second-factor.ts'
import { signedBy } from './sign-in.ts'

export type SessionRow = Readonly<{ id: string; ip: string | null; userAgent: string | null; startedAt: Date; seenAt: Date; endsAt: Date }>

/** The person's open sessions, the latest first. */
export async function listSessions({ store, now }: Identity, person: Person): Promise<readonly SessionRow[]> {
  const at = now()
  const rows = await store.platform(({ sql }) => sql<SessionRow[]>`
    select id, ip_address as ip, user_agent as "userAgent", created_at as "startedAt", updated_at as "seenAt", expires_at as "endsAt"
    from session where user_id = ${person.id} and expires_at > ${new Date(at)} and created_at > ${new Date(at - sessionLimits.absolute * 1000)}
    order by created_at desc limit 200`)
  return rows.map((row) => ({ ...row, endsAt: new Date(Math.min(row.endsAt.getTime(), row.startedAt.getTime() + sessionLimits.absolute * 1000)) }))
}

export async function endSession({ store }: Identity, person: Person, id: string): Promise<void> {
  const ended = await store.platform(({ sql }) => sql`delete from session where id = ${id} and user_id = ${person.id} returning id`)
  if (ended.length === 0) fail('not_found', { what: 'session', id })
}

export async function endOtherSessions({ store }: Identity, person: Person): Promise<number> {
  return store.platform(({ sql }) => endSessions(sql, person.id, person.session))
}

/** Goes on in another of the person's organisations. One they do not belong to is as unknown as one that does not exist. */
export async function switchOrganisation({ store }: Identity, person: Person, tenant: string): Promise<void> {
  await store.platform(async (tx) => {
    const mine = await organisationsOf(tx, person.id)
    if (!mine.some(({ id }) => id === tenant)) fail('not_found', { what: 'organisation', id: tenant })
    await tx.sql`update session set active_tenant_id = ${tenant} where id = ${person.session} and user_id = ${person.id}`
  })
}

/** Changes the password, with the old one; ends the other sessions and renews this one. */
export async function changePassword(identity: Identity, call: Call, signed: Readonly<{ person: Person; actor: Actor | null }>, given: Readonly<{ current: string; password: string }>): Promise<readonly string[]> {
  const { person, actor } = signed
  checkPassword(given.password, person)
  const { setCookies } = await ask(async () => (await identity.auth()).api.changePassword({
    body: { currentPassword: given.current, newPassword: given.password, revokeOtherSessions: true }, headers: headersOf(call), returnHeaders: true,
  }), 'password.wrong')
  // The new session begins where the person was first; they are to stay where they are.
  const { person: renewed } = await signedBy(identity, call, setCookies)
  if (actor !== null) {
    await switchOrganisation(identity, renewed, actor.tenant)
    await note(identity, actor, 'person.password_changed')
  }
  return setCookies
}

/** Makes sure that who holds the session also knows the password, before handing out what outlives it. */
export async function mustKnowPassword(identity: Identity, call: Call, password: string): Promise<void> {
  await ask(async () => (await identity.auth()).api.verifyPassword({ body: { password }, headers: headersOf(call), returnHeaders: true }), 'password.wrong')
}

export async function renamePerson({ store, now }: Identity, person: Person, name: string): Promise<void> {
  await store.platform(({ sql }) => sql`update app_user set name = ${name.trim()}, updated_at = ${new Date(now())} where id = ${person.id}`)
}

/** Clears what has run out; called now and then by the workers. */
export async function sweepIdentity({ store, now }: Pick<Identity, 'store' | 'now'>): Promise<void> {
  const at = new Date(now())
  await store.platform(async ({ sql }) => {
    await sql`delete from session where expires_at < ${at} or created_at < ${new Date(now() - sessionLimits.absolute * 1000)}`
    await sql`delete from verification where expires_at < ${at}`
    await sql`delete from one_time_link where expires_at < ${at}`
    await sql`delete from login_attempt where last_at < ${new Date(now() - 86_400_000)}`
  })
}
