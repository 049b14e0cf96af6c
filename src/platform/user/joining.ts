import { fail } from '#core/errors.ts'
import { addFirstMember } from '../kb/draft-team.ts'
import { acceptInvitation, readInvitation } from '../tenant/invitation.ts'
import { createTenant } from '../tenant/tenant.ts'
import { createAccount, renewRecoveryCodes, replacePassword, useRecoveryCode } from './account.ts'
import type { Call } from './better-auth-call.ts'
import type { Identity, Person } from './identity.ts'
import { readLink } from './link.ts'
import { guarded } from './lockout.ts'
import { checkPassword, hashPassword } from './password.ts'
import { tenantOf } from './secret-token.ts'

export type LinkFacts = Readonly<{ purpose: 'first_run' | 'reset' | 'invitation'; email: string | null; organisation: string | null; hasAccount: boolean }>

/** What a one-time link is for, without using it up. */
export async function inspectLink({ store, now }: Identity, token: string): Promise<LinkFacts> {
  return store.platform(async (tx) => {
    if (tenantOf(token) !== null) {
      const { email, organisation, hasAccount } = await readInvitation(tx, token, now())
      return { purpose: 'invitation' as const, email, organisation, hasAccount }
    }
    const link = await readLink(tx, token, now(), false)
    return { purpose: link.purpose, email: link.email, organisation: null, hasAccount: link.user !== null }
  })
}

type NewPerson = Readonly<{ token: string; name: string; password: string }>
/** The codes replace a forgotten password; they are shown once. */
export type Joined = Readonly<{ recoveryCodes: readonly string[]; email: string }>

/** The first account of a new server and its organisation: all of it, or nothing and the link stays good. */
export async function welcome({ store, now, tenantHooks }: Identity, call: Call, given: NewPerson & Readonly<{ email: string; organisation: string }>): Promise<Joined> {
  await store.platform((tx) => readLink(tx, given.token, now(), false))
  checkPassword(given.password, given)
  const passwordHash = await hashPassword(given.password)
  return store.platform(async (tx) => {
    const at = new Date(now())
    const link = await readLink(tx, given.token, now(), true)
    if (link.purpose !== 'first_run') fail('link.invalid')
    const email = given.email.toLowerCase()
    const id = await createAccount(tx, { name: given.name, email, passwordHash }, at)
    await createTenant(tx, { name: given.organisation, manager: { id, name: given.name.trim(), email }, ip: call.ip }, at, tenantHooks)
    await addFirstMember(tx, id, at)
    return { recoveryCodes: await renewRecoveryCodes(tx, id, at), email }
  })
}

/** An invited person without an account makes one. */
export async function joinAsNew({ store, now }: Identity, call: Call, given: NewPerson): Promise<Joined> {
  const { email } = await store.platform((tx) => readInvitation(tx, given.token, now()))
  checkPassword(given.password, { name: given.name, email })
  const passwordHash = await hashPassword(given.password)
  return store.platform(async (tx) => {
    const at = new Date(now())
    const invitation = await readInvitation(tx, given.token, now())
    const id = await createAccount(tx, { name: given.name, email, passwordHash }, at)
    await acceptInvitation(tx, invitation, { id, name: given.name.trim(), email }, call.ip, at)
    return { recoveryCodes: await renewRecoveryCodes(tx, id, at), email }
  })
}

/** An invited person who has an account is signed in with it, and goes on in the new organisation. */
export async function joinAsKnown({ store, now }: Identity, call: Call, person: Person, token: string): Promise<string> {
  return store.platform(async (tx) => {
    const invitation = await readInvitation(tx, token, now())
    await acceptInvitation(tx, invitation, person, call.ip, new Date(now()))
    await tx.sql`update session set active_tenant_id = ${invitation.tenant} where id = ${person.session} and user_id = ${person.id}`
    return invitation.tenant
  })
}

/** Sets a new password by a reset link, and ends all sessions. A second factor stays: the link replaces the password alone. */
export async function resetPassword({ store, now }: Identity, given: Readonly<{ token: string; password: string }>): Promise<void> {
  const { user, name, email } = await store.platform((tx) => readLink(tx, given.token, now(), false))
  if (user === null) fail('link.invalid')
  checkPassword(given.password, { name: name!, email: email! })
  const passwordHash = await hashPassword(given.password)
  await store.platform(async (tx) => {
    const link = await readLink(tx, given.token, now(), true)
    if (link.user === null) fail('link.invalid')
    await replacePassword(tx, link.user, passwordHash, new Date(now()))
  })
}

/** Sets a new password by one of the person's recovery codes, which is used up. A wrong code and an unknown address are alike. */
export async function recover({ store, now }: Identity, call: Call, given: Readonly<{ email: string; code: string; password: string }>): Promise<void> {
  checkPassword(given.password, { name: '', email: given.email })
  const passwordHash = await hashPassword(given.password)
  await guarded(store, `recover ${given.email}`, call.ip, now(), () => store.platform(async (tx) => {
    const person = await useRecoveryCode(tx, given.email, given.code)
    if (person === null) fail('sign_in.code_wrong')
    await replacePassword(tx, person.id, passwordHash, new Date(now()))
  }))
}
