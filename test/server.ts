import type { FastifyInstance, RouteOptions } from 'fastify'
import { Registry } from 'prom-client'
import type { ApiContext } from '#api/context.ts'
import { createLog } from '#api/log.ts'
import { buildServer } from '#api/server.ts'
import { emptyKnowledge } from '#knowledge/empty.ts'
import type { Role } from '#platform/access/role.ts'
import { addMember, createTenant, inTenant } from '#platform/tenant/tenant.ts'
import { createAccount } from '#platform/user/account.ts'
import { createIdentity } from '#platform/user/identity.ts'
import { hashPassword } from '#platform/user/password.ts'
import { withStore, type TestDatabase } from './database.ts'

export const origin = 'http://localhost:8443'
export const password = 'gently-paddling-otters'

export type TestServer = Readonly<{
  app: FastifyInstance
  context: ApiContext
  database: TestDatabase
  /** Lines of the log, parsed. */
  log: readonly Readonly<Record<string, unknown>>[]
}>

/** The whole API over a database of its own, in this process: `app.inject`, or `await listen(app)` for real sockets. */
export async function withServer(test: Readonly<{ after(work: () => Promise<void>): void }>, extra: Partial<ApiContext> | ((database: TestDatabase, closing: (work: () => Promise<void>) => void) => Promise<Partial<ApiContext>>) = {}, onRoute?: (route: RouteOptions) => void): Promise<TestServer> {
  const opened: TestDatabase[] = []
  const closing: (() => Promise<void>)[] = []
  // Hooks run in the order they were made, and the server must be closed before its database.
  let app: FastifyInstance | null = null
  test.after(async () => {
    await app?.close()
    for (const work of closing) await work()
    await opened[0]?.close()
  })
  const database = await withStore({ after: () => {} })
  opened.push(database)
  const { context, log } = contextOver(database, typeof extra === 'function' ? await extra(database, (work) => void closing.push(work)) : extra)
  app = await buildServer(context, onRoute)
  await app.ready()
  return { app, context, database, log }
}

export function contextOver(database: TestDatabase, extra: Partial<ApiContext> = {}): Readonly<{ context: ApiContext; log: Record<string, unknown>[] }> {
  const log: Record<string, unknown>[] = []
  const { store } = database
  const context: ApiContext = {
    store,
    identity: createIdentity({ store, origin, secret: 'a secret of the tests, long enough' }),
    log: createLog({ to: { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) } }),
    knowledge: () => emptyKnowledge,
    now: Date.now,
    metrics: new Registry(),
    config: { version: 'test', origin, console: null, rate: 0 },
    ...extra,
  }
  return { context, log }
}

/** What a signed-in browser sends. */
export type Browser = Readonly<{ headers: Readonly<{ cookie: string; origin: string }>; user: string; tenant: string; email: string }>

let hashed: Promise<string> | null = null
let made = 0

/** An organisation with a person in it, signed in through the API as they would be. */
export async function signUp({ app, database }: Pick<TestServer, 'app' | 'database'>, role: Role = 'manager', inside?: string, groups: readonly string[] = []): Promise<Browser> {
  hashed ??= hashPassword(password)
  const passwordHash = await hashed
  const email = `person-${++made}-${process.pid}@example.org`
  const now = new Date()
  const { user, tenant } = await database.store.platform(async (tx) => {
    const id = await createAccount(tx, { name: `Person ${made}`, email, passwordHash }, now)
    const person = { id, name: `Person ${made}`, email }
    const home = inside ?? (await createTenant(tx, { name: `Organisation ${made}`, manager: person, ip: null }, now, []))
    if (inside !== undefined) await addMember(inTenant(tx, inside), id, { role, unit: null, groups }, now)
    else if (role !== 'manager') await tx.sql`update membership set role = ${role}, group_ids = ${[...groups]} where tenant_id = ${home} and user_id = ${id}`
    return { user: id, tenant: home }
  })
  return { ...(await signInAs(app, email)), user, tenant, email }
}

export async function signInAs(app: FastifyInstance, email: string, secret = password): Promise<Readonly<{ headers: Browser['headers'] }>> {
  const answer = await app.inject({ method: 'POST', url: '/api/v1/identity/sign-in', headers: { origin }, payload: { email, password: secret } })
  if (answer.statusCode !== 200) throw new Error(`sign-in answered ${answer.statusCode}: ${answer.body}`)
  return { headers: { cookie: cookiesOf(answer.headers['set-cookie']), origin } }
}

export function cookiesOf(header: string | readonly string[] | undefined): string {
  return [header ?? []].flat().map((line) => line.split(';')[0]!).filter((pair) => !pair.endsWith('=')).join('; ')
}

/** Starts listening on loopback, on a port the system chooses; returns the base URL. */
export async function listen(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 })
}
