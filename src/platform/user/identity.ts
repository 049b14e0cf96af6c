import type { Store } from '#store/store.ts'
import { scopeFor, type Actor } from '../access/actor.ts'
import type { Role } from '../access/role.ts'
import type { TenantHook } from '../tenant/tenant.ts'
import type { Auth } from './auth.ts'
import { sessionLimits } from './session-limits.ts'
import { ask, headersOf, type Call } from './better-auth-call.ts'
import { sessionToken } from './session-cookie.ts'
import { actorOfToken } from './token.ts'

/** Who is signed in, apart from any organisation. `session` is null for a token. */
export type Person = Readonly<{ id: string; name: string; email: string; secondFactor: boolean; session: string | null; signedIn: number | null }>

export type Signed = Readonly<{ person: Person; actor: Actor | null; setCookies: readonly string[] }>

export type IdentityOptions = Readonly<{
  store: Store
  /** `http://localhost:8443` or `https://vigil.example.org`. */
  origin: string
  /** At least 32 characters of randomness, kept outside the database. */
  secret: string
  now?: () => number
  warn?: (text: string) => void
  /** What else a new organisation starts with. */
  tenantHooks?: readonly TenantHook[]
}>

/** Everything about people that needs better-auth or the keys: held by ApiContext, used by platform/user and the REST routes. */
export interface Identity {
  readonly store: Store
  readonly origin: string
  /** Loaded at first use: it costs more memory and start-up time than the rest of the API, and a session is read without it. */
  readonly auth: () => Promise<Auth>
  readonly now: () => number
  readonly tenantHooks: readonly TenantHook[]
  /** Null when neither the token nor the cookie holds. */
  authenticate(given: Readonly<{ bearer: string | null; cookie: string; ip: string }>): Promise<Signed | null>
}

export function createIdentity(options: IdentityOptions): Identity {
  let loading: Promise<Auth> | null = null
  const auth = (): Promise<Auth> => (loading ??= import('./auth.ts').then(({ createAuth }) => createAuth(options)))
  const now = options.now ?? Date.now
  const { store, origin } = options
  return {
    store, origin, auth, now, tenantHooks: options.tenantHooks ?? [],
    async authenticate({ bearer, cookie, ip }) {
      if (bearer !== null) {
        const actor = await actorOfToken(store, bearer, ip, now())
        if (actor === null) return null
        return { person: { ...actor.user, secondFactor: false, session: null, signedIn: null }, actor, setCookies: [] }
      }
      const token = sessionToken(cookie, options.secret)
      return token === null ? null : bySession({ store, auth, now }, token, { cookie, ip, userAgent: '' })
    },
  }
}

type Row = {
  id: string; created_at: Date; expires_at: Date; tenant_id: string | null
  user_id: string; name: string; email: string; two_factor_enabled: boolean | null
}
type Membership = { role: Role; unit_id: string | null; group_ids: string[] }

/** The membership decides, each time anew: a role taken away holds from the next request on. */
async function bySession({ store, auth, now }: Pick<Identity, 'store' | 'auth' | 'now'>, token: string, call: Call): Promise<Signed | null> {
  const at = now()
  const found = await store.platform(async ({ sql }) => {
    const [session] = await sql<Row[]>`
      select s.id, s.created_at, s.expires_at, s.active_tenant_id as tenant_id, u.id as user_id, u.name, u.email, u.two_factor_enabled
      from session s join app_user u on u.id = s.user_id
      where s.token = ${token} and s.expires_at > ${new Date(at)} and s.created_at > ${new Date(at - sessionLimits.absolute * 1000)}`
    if (session === undefined || session.tenant_id === null) return { session, member: undefined }
    const [member] = await sql<Membership[]>`
      select m.role, m.unit_id, m.group_ids from membership m join tenant t on t.id = m.tenant_id
      where m.tenant_id = ${session.tenant_id} and m.user_id = ${session.user_id} and m.state = 'active' and t.state = 'active'`
    return { session, member }
  })
  const { session, member } = found
  if (session === undefined) return null
  const user = { id: session.user_id, name: session.name, email: session.email }
  const person: Person = { ...user, secondFactor: session.two_factor_enabled === true, session: session.id, signedIn: session.created_at.getTime() }
  const actor: Actor | null = member === undefined || session.tenant_id === null ? null : {
    user, tenant: session.tenant_id, role: member.role, scope: scopeFor(member.role, member.unit_id, member.group_ids), via: { kind: 'session', id: session.id }, ip: call.ip,
  }
  const isDue = session.expires_at.getTime() - (sessionLimits.idle - sessionLimits.refresh) * 1000 <= at
  return { person, actor, setCookies: isDue ? await slide(auth, call) : [] }
}

/** Gives the session its full time again: better-auth's own business, done every ten minutes of use. */
async function slide(auth: Identity['auth'], call: Call): Promise<readonly string[]> {
  const { setCookies } = await ask(async () => (await auth()).api.getSession({ headers: headersOf(call), returnHeaders: true }))
  return setCookies
}
