import { fail } from '#core/errors.ts'
import { audit } from '../audit/audit.ts'
import { ask, headersOf, type Answer, type Call } from './better-auth-call.ts'
import type { Identity, Signed } from './identity.ts'
import { guarded } from './lockout.ts'

export type SignIn = Readonly<{ status: 'signed_in' | 'second_factor'; setCookies: readonly string[] }>

/** Password sign-in. Who has a second factor gets a short-lived cookie instead of a session, and goes on with `secondFactor`. */
export async function signIn(identity: Identity, call: Call, given: Readonly<{ email: string; password: string; remember: boolean }>): Promise<SignIn> {
  const { store, now } = identity
  const auth = await identity.auth()
  const answer = await guarded(store, given.email, call.ip, now(), () =>
    ask(() => auth.api.signInEmail({
      body: { email: given.email, password: given.password, rememberMe: given.remember }, headers: headersOf(call), returnHeaders: true,
    }), 'sign_in.wrong'))
  if ('twoFactorRedirect' in answer.value) return { status: 'second_factor', setCookies: answer.setCookies }
  await noteSignIn(identity, call, answer, 'password')
  return { status: 'signed_in', setCookies: answer.setCookies }
}

/** The code of the authenticator, or one of the backup codes, which is used up. */
export async function secondFactor(identity: Identity, call: Call, kind: 'totp' | 'backup', code: string): Promise<SignIn> {
  const { api } = await identity.auth()
  const options = { headers: headersOf(call), returnHeaders: true } as const
  const answer: Answer<unknown> = kind === 'totp'
    ? await ask(() => api.verifyTOTP({ body: { code: code.replace(/\s/g, '') }, ...options }), 'sign_in.code_wrong')
    : await ask(() => api.verifyBackupCode({ body: { code: code.trim() }, ...options }), 'sign_in.code_wrong')
  await noteSignIn(identity, call, answer, kind === 'totp' ? 'password and authenticator' : 'password and backup code')
  return { status: 'signed_in', setCookies: answer.setCookies }
}

export async function passkeyChallenge(identity: Identity, call: Call): Promise<Answer<Record<string, unknown>>> {
  const { value, setCookies } = await ask(async () => (await identity.auth()).api.generatePasskeyAuthenticationOptions({ headers: headersOf({ ...call, cookie: '' }), returnHeaders: true }), 'sign_in.passkey_wrong')
  return { value: { ...value, userVerification: 'required' }, setCookies }
}

export async function passkeySignIn(identity: Identity, call: Call, response: Record<string, unknown>): Promise<SignIn> {
  const answer = await ask(async () => (await identity.auth()).api.verifyPasskeyAuthentication({ body: { response: response as never }, headers: headersOf(call), returnHeaders: true }), 'sign_in.passkey_wrong')
  await noteSignIn(identity, call, answer, 'passkey')
  return { status: 'signed_in', setCookies: answer.setCookies }
}

export async function signOut(identity: Identity, call: Call): Promise<readonly string[]> {
  const { setCookies } = await ask(async () => (await identity.auth()).api.signOut({ headers: headersOf(call), returnHeaders: true }))
  return setCookies
}

/** Who the cookies just handed out stand for. */
export async function signedBy(identity: Identity, call: Call, setCookies: readonly string[]): Promise<Signed> {
  const cookie = setCookies.map((line) => line.split(';')[0]!).filter((pair) => !pair.endsWith('=')).join('; ')
  return (await identity.authenticate({ bearer: null, cookie, ip: call.ip })) ?? fail('sign_in.needed')
}

async function noteSignIn(identity: Identity, call: Call, answer: Answer<unknown>, by: string): Promise<void> {
  const { actor } = await signedBy(identity, call, answer.setCookies)
  if (actor === null) return
  await identity.store.write(actor.tenant, (tx) => audit(tx, { actor, action: 'session.started', object: { kind: 'session', id: actor.via.id }, details: { by } }))
}
