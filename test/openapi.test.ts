import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteOptions } from 'fastify'
import { signUp, withServer } from './server.ts'

type Operation = Readonly<{ summary?: string; tags?: string[]; responses?: Record<string, unknown>; security?: unknown[] }>
type Document = Readonly<{ openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, unknown> } }>

test('the description of the API comes from the routes and leaves none out', async (t) => {
  const routes: RouteOptions[] = []
  const { app } = await withServer(t, {}, (route) => routes.push(route))
  const answer = await app.inject('/api/v1/openapi.json')
  const document = answer.json<Document>()
  assert.equal(document.openapi, '3.1.0')
  assert.ok(document.components.schemas['Problem'] !== undefined)
  const wrong: string[] = []
  const ours = routes.filter((route) => route.url.startsWith('/api/v1/') && route.url !== '/api/v1/openapi.json' && route.method !== 'HEAD')
  assert.ok(ours.length >= 40, `saw only ${ours.length} routes`)
  for (const route of ours) {
    const name = `${String(route.method)} ${route.url}`
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    const operation = document.paths[path]?.[String(route.method).toLowerCase()]
    if (operation === undefined) {
      wrong.push(`${name} is not described`)
      continue
    }
    if ((operation.summary ?? '') === '') wrong.push(`${name} has no summary`)
    if ((operation.tags ?? []).length === 0) wrong.push(`${name} has no tag`)
    if (!Object.keys(operation.responses ?? {}).some((status) => /^[23]/.test(status))) wrong.push(`${name} does not say what it answers`)
    if (operation.responses?.['4XX'] === undefined) wrong.push(`${name} does not say how it fails`)
  }
  assert.deepEqual(wrong, [])
})

test('every text a caller may send is bounded', async (t) => {
  const routes: RouteOptions[] = []
  await withServer(t, {}, (route) => routes.push(route))
  const open: string[] = []
  for (const route of routes) {
    const schema = (route.schema ?? {}) as Record<string, unknown>
    for (const part of ['body', 'querystring', 'params']) unbounded(schema[part], `${String(route.method)} ${route.url} ${part}`, open)
  }
  assert.deepEqual([...new Set(open)], [])
})

test('a parameter that a route does not know is named, with those that it knows', async (t) => {
  const routes: RouteOptions[] = []
  const server = await withServer(t, {}, (route) => routes.push(route))
  const { headers } = await signUp(server)
  const get = (path: string) => server.app.inject({ url: `/api/v1${path}`, headers })
  const answer = await get('/findings?cursor=WyJ4Il0&limit=1')
  assert.equal(answer.statusCode, 400)
  const { code, detail, errors } = answer.json<{ code: string; detail: string; errors: { field: string; text: string }[] }>()
  assert.equal(code, 'invalid')
  assert.deepEqual(errors, [{ field: 'cursor', text: 'is not a known parameter; there are limit, after, q, sort' }])
  assert.equal(detail, 'Cursor is not a known parameter; there are limit, after, q, sort.')
  assert.equal((await get('/dashboard?since=yesterday')).json<{ errors: { text: string }[] }>().errors[0]!.text, 'is not a known parameter: there are none here')

  const id = '01890a5d-ac96-774b-bcce-b302099a8057'
  const passed: string[] = []
  const asked = routes.filter((route) => route.method === 'GET' && route.url.startsWith('/api/v1/'))
  assert.ok(asked.length >= 60, `${asked.length} routes`)
  for (const { url } of asked) {
    const path = url.slice('/api/v1'.length).replace(/:(\w+)/g, (_, name: string) => ({ number: '1', week: '2026-W01', name: 'CVE-2024-1' })[name] ?? (url.startsWith('/api/v1/kb/:') ? '1' : id))
    const { statusCode, body } = await get(`${path}?nonsense=1`)
    if (statusCode !== 400 || !body.includes('nonsense')) passed.push(`${url} answered ${statusCode} ${body.slice(0, 200)}`)
  }
  assert.deepEqual(passed, [])
})

function unbounded(schema: unknown, at: string, found: string[]): void {
  if (schema === null || typeof schema !== 'object') return
  const node = schema as Record<string, unknown>
  const isBounded = ['maxLength', 'enum', 'const'].some((limit) => limit in node) || ['uuid', 'date', 'date-time'].includes(String(node['format']))
  if (node['type'] === 'string' && !isBounded) found.push(`${at}: text without maxLength`)
  if (node['type'] === 'array') {
    if (!('maxItems' in node)) found.push(`${at}: list without maxItems`)
    unbounded(node['items'], `${at}[]`, found)
  }
  for (const key of ['anyOf', 'oneOf', 'allOf']) for (const branch of (node[key] as unknown[] | undefined) ?? []) unbounded(branch, at, found)
  for (const [name, inner] of Object.entries((node['properties'] ?? {}) as object)) unbounded(inner, `${at}.${name}`, found)
}
