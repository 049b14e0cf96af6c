import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { RouteOptions } from 'fastify'
import type { ApiContext } from '#api/context.ts'
import { roles } from '#platform/access/role.ts'
import { settleQueue } from '#platform/kb/edit.ts'
import { reportQueue } from '#platform/report/report.ts'
import { folderBlobs } from '#store/blob/folder.ts'
import { newId } from '#store/id.ts'
import { openJobs } from '#store/jobs.ts'
import { secretBox } from '#store/secrets.ts'
import type { TestDatabase } from './database.ts'
import { fillOrganisation } from './filled-organisation.ts'
import { storeKnowledge } from './finding-world.ts'
import { signUp, withServer, type Browser, type TestServer } from './server.ts'

/**
 * Every route that exists is walked with ids of another organisation, whoever wrote it: the list comes from the server itself,
 * bodies from the routes' own schemas. A route that is not for this walk is named here, with the reason.
 */
const apart: Readonly<Record<string, string>> = {
  'GET /api/v1/events': 'a stream; test/api-server.test.ts',
  'GET /api/v1/openapi.json': 'the description of the API',
}

/** Tables that only a running scanner or the passing of days fills. */
const unfilled: Readonly<Record<string, string>> = {
  posture_day: 'one row a day', scan_result: 'batches of a leased slice', scan_failure: 'batches of a leased slice',
}

type Route = Readonly<{ name: string; method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; url: string; schema: Readonly<Record<string, unknown>>; options: RouteOptions }>

function walkable(routes: readonly RouteOptions[]): readonly Route[] {
  return routes
    .filter((route) => route.url.startsWith('/api/v1/') && route.method !== 'HEAD')
    .map((options) => ({
      name: `${String(options.method)} ${options.url}`, method: options.method as Route['method'], url: options.url, schema: (options.schema ?? {}) as Route['schema'], options,
    }))
    .filter(({ name }) => !(name in apart))
}

/** About the person alone, not about anything of an organisation: no id of one leads anywhere. */
function isPersonal({ options, url }: Route): boolean {
  return options.config?.open === true || (options.config?.person === true && !url.includes('/:'))
}

type Shown = Readonly<{ status: number; text: string }>

async function send({ app }: Pick<TestServer, 'app'>, route: Route, browser: Pick<Browser, 'headers'> | null, id: string): Promise<Shown> {
  const url = route.url.replace(/:\w+/g, id)
  const query = sampleOf(route.schema['querystring'], id, true) as Record<string, string> | undefined
  const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : sampleOf(route.schema['body'], id)
  const answer = await app.inject({
    method: route.method, url, headers: browser?.headers ?? { origin: 'http://localhost:8443' }, ...(query === undefined ? {} : { query }), ...(body === undefined ? {} : { payload: body }),
  })
  const text = answer.body.replaceAll(id, 'THE-ID').replace(/"request":"[^"]*"/, '')
  return { status: answer.statusCode, text }
}

/** A value that fits the schema, with the id wherever an id fits. Queries keep to what names an id. */
function sampleOf(schema: unknown, id: string, idsOnly = false): object | undefined {
  return schema === undefined ? undefined : (sample(schema as Node, id, idsOnly) as object)
}

type Node = Readonly<{
  type?: string; format?: string; enum?: readonly unknown[]; const?: unknown; anyOf?: readonly Node[]; items?: Node; properties?: Readonly<Record<string, Node>>; required?: readonly string[]
  minimum?: number; minLength?: number; minItems?: number; pattern?: string; default?: unknown
}>

function sample(node: Node, id: string, idsOnly: boolean): unknown {
  if (node.const !== undefined) return node.const
  if (node.enum !== undefined) return node.enum[0]
  if (node.anyOf !== undefined) return sample(node.anyOf.find(({ type }) => type !== 'null') ?? node.anyOf[0]!, id, idsOnly)
  switch (node.type) {
    case 'object': {
      const wanted = Object.entries(node.properties ?? {}).filter(([name, inner]) => node.required?.includes(name) === true || mentionsId(inner) || (!idsOnly && node.required === undefined))
      return Object.fromEntries(wanted.map(([name, inner]) => [name, named(name) ?? sample(inner, id, idsOnly)]))
    }
    case 'array': return [sample(node.items ?? {}, id, idsOnly)]
    case 'integer': case 'number': return node.default ?? node.minimum ?? 1
    case 'boolean': return false
    case 'string': return text(node, id)
    default: return id
  }
}

/** What the name of a field says better than its type. */
function named(name: string): unknown {
  if (name === 'targets' || name === 'addresses') return undefined
  return { email: `guest-${newId()}@example.org`, zone: 'UTC', timeZone: 'UTC', rrule: 'FREQ=DAILY' }[name]
}

function text(node: Node, id: string): string {
  if (node.format === 'uuid') return id
  if (node.format === 'date-time') return '2100-01-01T00:00:00Z'
  if (node.format === 'date') return '2100-01-01'
  if (node.format === 'email') return 'guest@example.org'
  return '127.0.0.1'.padEnd(node.minLength ?? 1, '0')
}

function mentionsId(node: Node): boolean {
  return node.format === 'uuid' || (node.items !== undefined && mentionsId(node.items)) || (node.anyOf ?? []).some(mentionsId)
}

type Table = Readonly<{ name: string; hasId: boolean }>

// Numbers that are hashes of what they name are the same in every organisation, and no route takes one.
async function tenantTables({ owner }: TestServer['database']): Promise<readonly Table[]> {
  return owner<Table[]>`
    select p.name, exists (select from information_schema.columns c where c.table_schema = 'public' and c.table_name = p.name and c.column_name = 'id' and c.data_type = 'uuid') as "hasId"
    from placement p where p.kind = 'tenant' order by p.name`
}

/** All that an organisation has, as one text a table. */
async function everything({ owner }: TestServer['database'], tables: readonly Table[], tenant: string): Promise<Readonly<Record<string, string>>> {
  const rows = await Promise.all(tables.map(async ({ name }) => {
    const [row] = await owner<{ all: string | null }[]>`select string_agg(t::text, E'\n' order by t::text) as all from ${owner(name)} t where tenant_id = ${tenant}`
    return [name, row!.all ?? ''] as const
  }))
  const [self] = await owner<{ all: string }[]>`select t::text as all from tenant t where id = ${tenant}`
  return { ...Object.fromEntries(rows), tenant: self!.all }
}

async function idsOf({ owner }: TestServer['database'], tables: readonly Table[], tenant: string): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const { name, hasId } of tables) {
    if (!hasId) continue
    const rows = await owner<{ id: string }[]>`select id::text as id from ${owner(name)} where tenant_id = ${tenant} order by id desc limit 3`
    for (const { id } of rows) found.add(id)
  }
  return [...found]
}

test('nothing of another organisation is reached by any route, and its ids are as unknown as made-up ones', async (t) => {
  const routes: RouteOptions[] = []
  const server = await withServer(t, (database, closing) => withReports(t, database, closing), (route) => routes.push(route))
  const { database } = server
  const [owner, intruder] = [await signUp(server), await signUp(server)]
  const colleague = await signUp(server, 'reader', owner.tenant)
  const walk = walkable(routes).filter((route) => !isPersonal(route))
  assert.ok(walk.length >= 20, `saw only ${walk.length} routes`)

  await storeKnowledge(database.store)
  for (const [browser, mark] of [[owner, 'Hushhush'], [intruder, 'Plain']] as const) await fillOrganisation(server, browser, mark)
  const tables = await tenantTables(database)
  const before = await everything(database, tables, owner.tenant)
  const empty = tables.map(({ name }) => name).filter((name) => before[name] === '' && !(name in unfilled))
  assert.deepEqual(empty, [], 'tables without a row: the walk would prove nothing of them (test/filled-organisation.ts)')

  const ids = [...new Set([...(await idsOf(database, tables, owner.tenant)), owner.tenant, owner.user, colleague.user])]
  const wrong: string[] = []
  for (const route of walk) {
    if (!/:\w/.test(route.url)) continue
    const unknown = await send(server, route, intruder, newId())
    if (unknown.status !== 404 && unknown.status !== 400) wrong.push(`${route.name}: ${unknown.status} for an id that does not exist: ${unknown.text.slice(0, 200)}`)
    for (const id of ids) {
      const known = await send(server, route, intruder, id)
      if (known.status !== unknown.status || known.text !== unknown.text) wrong.push(`${route.name} ${id}: ${known.status} ${known.text.slice(0, 200)} instead of ${unknown.status} ${unknown.text.slice(0, 200)}`)
    }
  }
  // What takes ids in the query or the body, and every list.
  const own = new Set(await idsOf(database, tables, intruder.tenant))
  for (const route of walk) {
    if (/:\w/.test(route.url)) continue
    for (const id of ids) {
      const answer = await send(server, route, intruder, id)
      if (answer.status >= 500) wrong.push(`${route.name}: ${answer.status} ${answer.text.slice(0, 200)}`)
      const leaked = ids.filter((other) => other !== id && !own.has(other) && answer.text.includes(other))
      if (leaked.length > 0 || /hushhush/i.test(answer.text) || answer.text.includes(owner.email)) wrong.push(`${route.name} shows ${leaked.join()} ${answer.text.slice(0, 200)}`)
      if (route.method === 'GET' && !JSON.stringify(route.schema['querystring'] ?? {}).includes('uuid')) break
    }
  }
  assert.deepEqual(wrong, [])
  assert.deepEqual(await everything(database, tables, owner.tenant), before, 'no row of the other organisation was written, changed or removed')
})

/** Reports need a job queue and a place for files. */
async function withReports(t: TestContext, database: TestDatabase, closing: (work: () => Promise<void>) => void): Promise<Partial<ApiContext>> {
  const jobs = await openJobs(database.owner, (error) => t.diagnostic(String(error)))
  closing(() => jobs.stop())
  for (const queue of [reportQueue, settleQueue]) await jobs.work(queue, async () => {})
  const folder = await mkdtemp(join(tmpdir(), 'vigil-blobs-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return { jobs, blobs: folderBlobs(folder), secrets: secretBox(randomBytes(32), newId, Date.now) }
}

test('no route answers without signing in, and none beyond the role', async (t) => {
  const routes: RouteOptions[] = []
  const server = await withServer(t, {}, (route) => routes.push(route))
  const owner = await signUp(server)
  const contact = await signUp(server, 'contact', owner.tenant)
  const wrong: string[] = []
  for (const route of walkable(routes)) {
    if (route.options.config?.open === true) continue
    const stranger = await send(server, route, null, newId())
    if (stranger.status !== 401) wrong.push(`${route.name}: ${stranger.status} to a stranger`)
    const { action } = route.options.config ?? {}
    if (action === undefined || action === 'any') continue
    const answer = await send(server, route, contact, newId())
    if (answer.status !== 403) wrong.push(`${route.name}: ${answer.status} to a contact, who may do nothing`)
  }
  assert.deepEqual(wrong, [])
  assert.equal(roles.length, 9)
})
