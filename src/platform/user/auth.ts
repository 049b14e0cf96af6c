import { passkey } from '@better-auth/passkey'
import { betterAuth } from 'better-auth'
import { twoFactor } from 'better-auth/plugins/two-factor'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { authDatabase } from './auth-database.ts'
import { sessionLimits } from './session-limits.ts'
import { hashPassword, leastPassword, mostPassword, verifyPassword } from './password.ts'

export type AuthOptions = Readonly<{
  store: Store
  /** The address people use; its host name is what passkeys are bound to. */
  origin: string
  /** At least 32 random bytes as text, kept outside the database: signs cookies and encrypts second factors. */
  secret: string
  warn?: (text: string) => void
}>

export type Auth = ReturnType<typeof createAuth>

/** better-auth does password sign-in, sessions, second factors and passkeys. Accounts and organisations are made by us. */
export function createAuth({ store, origin, secret, warn }: AuthOptions) {
  if (secret.length < 32) throw new Error('The sign-in secret is too short: it needs 32 characters of randomness.')
  return betterAuth({
    appName: 'Vigil',
    baseURL: origin,
    basePath: '/api/never-mounted',
    secret,
    trustedOrigins: [origin],
    database: { db: authDatabase(store), type: 'postgres' as const, transaction: false },
    telemetry: { enabled: false },
    experimental: { instrumentation: { enabled: false } },
    logger: { level: 'error', log: (_level, message) => warn?.(message) },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: leastPassword,
      maxPasswordLength: mostPassword,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) },
    },
    user: { modelName: 'appUser' },
    session: {
      expiresIn: sessionLimits.idle,
      updateAge: sessionLimits.refresh,
      freshAge: sessionLimits.fresh,
      additionalFields: { activeTenantId: { type: 'string', required: false, input: false } },
    },
    advanced: {
      cookiePrefix: 'vigil',
      useSecureCookies: origin.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'strict', httpOnly: true, path: '/' },
      ipAddress: { ipAddressHeaders: ['x-vigil-client'] },
      database: { generateId: () => newId() },
    },
    databaseHooks: {
      session: { create: { before: async (session) => ({ data: { ...session, activeTenantId: session['activeTenantId'] ?? (await firstTenant(store, session.userId)) } }) } },
    },
    plugins: [
      twoFactor({ issuer: 'Vigil', twoFactorTable: 'twoFactor', backupCodeOptions: { amount: 10, length: 12 } }),
      passkey({
        rpID: new URL(origin).hostname,
        rpName: 'Vigil',
        origin,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        schema: { passkey: { fields: { credentialID: 'credentialId' } } },
        authentication: {
          // A passkey stands for both factors only if the device made sure who holds it.
          afterVerification: async ({ verification }) => {
            if (!verification.authenticationInfo.userVerified) throw new Error('user verification is missing')
          },
        },
      }),
    ],
  })
}

/** Where the person was last, if still a member, else where they were first. Over all tenants, once a sign-in. */
async function firstTenant(store: Store, user: string): Promise<string | null> {
  return store.platform(async ({ sql }) => {
    const tenants = await sql<{ tenant_id: string }[]>`
      select m.tenant_id from membership m join tenant t on t.id = m.tenant_id
      where m.user_id = ${user} and m.state = 'active' and t.state = 'active' order by m.created_at, m.tenant_id limit 200`
    const [last] = await sql<{ active_tenant_id: string | null }[]>`
      select active_tenant_id from session where user_id = ${user} and active_tenant_id is not null order by updated_at desc limit 1`
    const known = tenants.map((row) => row.tenant_id)
    return known.find((tenant) => tenant === last?.active_tenant_id) ?? known[0] ?? null
  })
}
