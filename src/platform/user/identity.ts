import type { Store } from '#store/store.ts'
import { scopeFor, type Actor } from '../access/actor.ts'
import type { Role } from '../access/role.ts'
import type { TenantHook } from '../tenant/tenant.ts'
import { createAuth, sessionLimits, type Auth } from './auth.ts'
import { ask, headersOf, type Call } from './better-auth-call.ts'
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
  readonly auth: Auth
  readonly now: () => number
  readonly tenantHooks: readonly TenantHook[]
  /** Null when neither the token nor the cookie holds. */
  authenticate(given: Readonly<{ bearer: string | null; cookie: string; ip: string }>): Promise<Signed | null>
}

export function createIdentity(options: IdentityOptions): Identity {
  const auth = createAuth(options)
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
      if (!cookie.includes('vigil.session_token=')) return null
      return bySession({ store, auth, now }, { cookie, ip, userAgent: '' })
    },
  }
}

async function bySession({ store, auth, now }: Pick<Identity, 'store' | 'auth' | 'now'>, call: Call): Promise<Signed | null> {
  const { value, setCookies } = await ask(() => auth.api.getSession({ headers: headersOf(call), returnHeaders: true }))
  if (value === null) return null
  const { session, user } = value
  const started = session.createdAt.getTime()
  if (now() - started > sessionLimits.absolute * 1000) {
    await store.platform(({ sql }) => sql`delete from session where id = ${session.id}`)
    return null
  }
  const person: Person = { id: user.id, name: user.name, email: user.email, secondFactor: user.twoFactorEnabled === true, session: session.id, signedIn: started }
  const tenant = typeof session.activeTenantId === 'string' ? session.activeTenantId : null
  return { person, actor: tenant === null ? null : await actorIn(store, tenant, person, session.id, call.ip), setCookies }
}

/** The membership decides, each time anew: a role taken away holds from the next request on. */
async function actorIn(store: Store, tenant: string, person: Person, session: string, ip: string): Promise<Actor | null> {
  const [member] = await store.read(tenant, ({ sql }) => sql<{ role: Role; unit_id: string | null; group_ids: string[] }[]>`
    select m.role, m.unit_id, m.group_ids from membership m join tenant t on t.id = m.tenant_id
    where m.tenant_id = ${tenant} and m.user_id = ${person.id} and m.state = 'active' and t.state = 'active'`)
  if (member === undefined) return null
  return {
    user: { id: person.id, name: person.name, email: person.email }, tenant, role: member.role,
    scope: scopeFor(member.role, member.unit_id, member.group_ids), via: { kind: 'session', id: session }, ip,
  }
}
