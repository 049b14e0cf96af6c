import type { Login, LoginKind } from '#core/credential.ts'
import { fail } from '#core/errors.ts'

type Secret = string | null | undefined

/** A login as people give it. A secret left out stays as it is, null takes it away. */
export type LoginInput = Readonly<{
  kind: LoginKind
  user?: string
  port?: number | null
  password?: Secret
  privateKey?: Secret
  passphrase?: Secret
  elevate?: Readonly<{ by: 'sudo' | 'su'; password?: Secret }> | null
  hostKeys?: readonly string[]
  version?: '2c' | '3'
  community?: Secret
  auth?: Readonly<{ by: 'MD5' | 'SHA' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'; key?: Secret }> | null
  privacy?: Readonly<{ by: 'DES' | 'AES' | 'AES-256'; key?: Secret }> | null
  database?: string | null
}>

export const secretNames = ['password', 'privateKey', 'passphrase', 'elevatePassword', 'community', 'authKey', 'privacyKey'] as const
export type SecretName = (typeof secretNames)[number]

/** What of a login is no secret, and which secrets it has: what may be shown. */
export type ShownLogin = Readonly<{
  kind: LoginKind; user: string | null; port: number | null; elevate: 'sudo' | 'su' | null; hostKeys: readonly string[]; version: '2c' | '3' | null; auth: string | null; privacy: string | null; database: string | null
  secrets: readonly SecretName[]
}>

/** The login that is meant, with the secrets kept where none are given. Throws `credential.incomplete`. */
export function loginOf(input: LoginInput, before: Login | null): Login {
  const same = before?.kind === input.kind ? before : null
  const old = same === null ? {} : secretsOf(same)
  const secret = (name: SecretName, given: Secret): string | undefined => (given === undefined ? old[name] : given === null || given === '' ? undefined : given)
  const need = (value: string | undefined, what: string): string => (value === undefined || value.trim() === '' ? fail('credential.incomplete', { what }) : value)
  const port = input.port === null || input.port === undefined ? {} : { port: input.port }
  if (input.kind === 'snmp') {
    if ((input.version ?? '3') === '2c') return { kind: 'snmp', version: '2c', community: need(secret('community', input.community), 'the community'), ...port }
    const auth = input.auth === null || input.auth === undefined ? null : { by: input.auth.by, key: need(secret('authKey', input.auth.key), 'the password of authentication') }
    const privacy = input.privacy === null || input.privacy === undefined ? null : { by: input.privacy.by, key: need(secret('privacyKey', input.privacy.key), 'the password of privacy') }
    if (privacy !== null && auth === null) fail('credential.incomplete', { what: 'authentication, without which SNMP has no privacy' })
    for (const one of [auth, privacy]) if (one !== null && one.key.length < 8) fail('credential.incomplete', { what: 'a password of at least 8 characters, as SNMPv3 wants' })
    return { kind: 'snmp', version: '3', user: need(input.user, 'the user'), ...port, ...(auth === null ? {} : { auth }), ...(privacy === null ? {} : { privacy }) }
  }
  const user = need(input.user, 'the user')
  const password = secret('password', input.password)
  if (input.kind === 'postgresql' || input.kind === 'mysql') {
    return { kind: input.kind, user, password: need(password, 'the password'), ...port, ...(input.database === null || input.database === undefined || input.database === '' ? {} : { database: input.database }) }
  }
  const privateKey = secret('privateKey', input.privateKey)
  if (password === undefined && privateKey === undefined) fail('credential.incomplete', { what: 'a password or a private key' })
  if (privateKey !== undefined && !/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(privateKey)) fail('credential.incomplete', { what: 'a private key as PEM: a text that begins with -----BEGIN' })
  const passphrase = privateKey === undefined ? undefined : secret('passphrase', input.passphrase)
  const elevation = input.elevate === null || input.elevate === undefined ? null : { by: input.elevate.by, password: secret('elevatePassword', input.elevate.password) }
  return {
    kind: 'ssh', user, ...port, ...(password === undefined ? {} : { password }), ...(privateKey === undefined ? {} : { privateKey }), ...(passphrase === undefined ? {} : { passphrase }),
    ...(elevation === null ? {} : { elevate: { by: elevation.by, ...(elevation.password === undefined ? {} : { password: elevation.password }) } }),
    ...((input.hostKeys ?? []).length === 0 ? {} : { hostKeys: input.hostKeys! }),
  }
}

export function shownOf(login: Login): ShownLogin {
  const secrets = secretsOf(login)
  return {
    kind: login.kind, user: 'user' in login ? login.user : null, port: login.port ?? null, elevate: login.kind === 'ssh' ? login.elevate?.by ?? null : null, hostKeys: login.kind === 'ssh' ? login.hostKeys ?? [] : [],
    version: login.kind === 'snmp' ? login.version : null, auth: login.kind === 'snmp' && login.version === '3' ? login.auth?.by ?? null : null,
    privacy: login.kind === 'snmp' && login.version === '3' ? login.privacy?.by ?? null : null, database: login.kind === 'postgresql' || login.kind === 'mysql' ? login.database ?? null : null,
    secrets: secretNames.filter((name) => secrets[name] !== undefined),
  }
}

function secretsOf(login: Login): Partial<Record<SecretName, string>> {
  const some = (values: Readonly<Record<string, string | undefined>>): Partial<Record<SecretName, string>> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  if (login.kind === 'ssh') return some({ password: login.password, privateKey: login.privateKey, passphrase: login.passphrase, elevatePassword: login.elevate?.password })
  if (login.kind === 'snmp') return login.version === '2c' ? { community: login.community } : some({ authKey: login.auth?.key, privacyKey: login.privacy?.key })
  return { password: login.password }
}
