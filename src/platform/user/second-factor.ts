import { audit } from '../audit/audit.ts'
import type { Actor } from '../access/actor.ts'
import { ask, headersOf, type Answer, type Call } from './better-auth-call.ts'
import type { Identity } from './identity.ts'

/** What an authenticator app reads (`otpauth://…`), and ten codes for when it is lost. Off until `confirmSecondFactor`. */
export async function startSecondFactor(identity: Identity, call: Call, password: string): Promise<Answer<Readonly<{ uri: string; backupCodes: readonly string[] }>>> {
  const { value, setCookies } = await ask(async () => (await identity.auth()).api.enableTwoFactor({ body: { password, method: 'totp' }, headers: headersOf(call), returnHeaders: true }))
  const { totpURI, backupCodes } = value as { totpURI: string; backupCodes: string[] }
  return { value: { uri: totpURI, backupCodes }, setCookies }
}

export async function confirmSecondFactor(identity: Identity, call: Call, actor: Actor | null, code: string): Promise<readonly string[]> {
  const { setCookies } = await ask(async () => (await identity.auth()).api.verifyTOTP({ body: { code: code.replace(/\s/g, '') }, headers: headersOf(call), returnHeaders: true }), 'sign_in.code_wrong')
  await note(identity, actor, 'person.second_factor_on')
  return setCookies
}

export async function stopSecondFactor(identity: Identity, call: Call, actor: Actor | null, password: string): Promise<readonly string[]> {
  const { setCookies } = await ask(async () => (await identity.auth()).api.disableTwoFactor({ body: { password }, headers: headersOf(call), returnHeaders: true }), 'two_factor.off')
  await note(identity, actor, 'person.second_factor_off')
  return setCookies
}

export async function renewBackupCodes(identity: Identity, call: Call, actor: Actor | null, password: string): Promise<readonly string[]> {
  const { value } = await ask(async () => (await identity.auth()).api.generateBackupCodes({ body: { password }, headers: headersOf(call), returnHeaders: true }), 'two_factor.off')
  await note(identity, actor, 'person.backup_codes_renewed')
  return value.backupCodes
}

export type Passkey = Readonly<{ id: string; name: string; backedUp: boolean; createdAt: Date }>

export async function listPasskeys(identity: Identity, user: string): Promise<readonly Passkey[]> {
  return identity.store.platform(({ sql }) => sql<Passkey[]>`
    select id, coalesce(name, 'Passkey') as name, backed_up as "backedUp", created_at as "createdAt" from passkey where user_id = ${user} order by id limit 50`)
}

/** Options for `navigator.credentials.create`. Needs a fresh sign-in: a passkey outlives the session that made it. */
export async function passkeyOffer(identity: Identity, call: Call): Promise<Answer<Record<string, unknown>>> {
  const { value, setCookies } = await ask(async () => (await identity.auth()).api.generatePasskeyRegistrationOptions({ headers: headersOf(call), query: {}, returnHeaders: true }))
  return { value: { ...value }, setCookies }
}

export async function addPasskey(identity: Identity, call: Call, actor: Actor | null, name: string, response: unknown): Promise<void> {
  await ask(async () => (await identity.auth()).api.verifyPasskeyRegistration({ body: { response, name }, headers: headersOf(call), returnHeaders: true }), 'sign_in.passkey_wrong')
  await note(identity, actor, 'person.passkey_added', { name })
}

export async function dropPasskey(identity: Identity, actor: Actor | null, user: string, id: string): Promise<boolean> {
  const dropped = await identity.store.platform(({ sql }) => sql`delete from passkey where id = ${id} and user_id = ${user} returning id`)
  if (dropped.length > 0) await note(identity, actor, 'person.passkey_removed', { id })
  return dropped.length > 0
}

/** What a person does to their own account, in the log of the organisation they are in. */
export async function note(identity: Identity, actor: Actor | null, action: string, details: Readonly<Record<string, unknown>> = {}): Promise<void> {
  if (actor === null) return
  await identity.store.write(actor.tenant, (tx) => audit(tx, { actor, action, object: { kind: 'person', id: actor.user.id, name: actor.user.name }, details }))
}
