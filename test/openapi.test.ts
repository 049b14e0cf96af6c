import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteOptions } from 'fastify'
import { withServer } from './server.ts'

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
