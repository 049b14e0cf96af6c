import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteOptions } from 'fastify'
import { authorityStatement } from '#core/authority.ts'
import type { TestDatabase } from '../database.ts'
import { signUp, withServer, type Browser, type TestServer } from '../server.ts'

type Schema = Readonly<{ type?: string; properties?: Record<string, Schema>; required?: string[]; items?: Schema; anyOf?: Schema[]; enum?: unknown[]; const?: unknown; format?: string; minimum?: number; minItems?: number }>
type Route = Readonly<{ method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'; url: string; body?: Schema; query?: Schema }>

const nasty: Readonly<Record<string, string>> = {
  'NUL': 'a\u0000b', 'only NUL': '\u0000', 'half an emoji': '\ud83d', 'the other half': '\udca9x', 'an emoji': '💩'.repeat(20), 'right to left': '\u202egnp.exe\u202c', 'zero width': '\u200b\u200d\ufeff',
  'control characters': '\u0001\u001b[31m\u007f\u0085', 'line breaks': 'a\r\nSet-Cookie: b=c\r\n\r\n', 'combining': `e${'\u0301'.repeat(200)}`, 'noncharacters': '\uffff\ufdd0', 'SQL': `'; drop table tenant; -- \\`, 'like': '%_%\\%__%',
  'a template': '${7*7}{{7*7}}<%= 7*7 %>', 'markup': '<script>alert(1)</script>', 'a formula': '=cmd|"/c calc"!A0', 'a prototype': '__proto__', 'a constructor': 'constructor', 'blank': '   ', 'empty': '', 'long': 'x'.repeat(300_000),
  'a regular expression': `${'(a+)+'.repeat(20)}$`, 'brackets': '('.repeat(1500), 'nots': 'not '.repeat(400), 'quote': '"', 'a query': 'severity:>=99999999999999999999 port:-1 first:9999999-99-99 risk:NaN', 'years': 'first:>275760-09-13', 'path': '../../../../etc/passwd', 'number': '1e999',
}

/** A body that fits the schema, with `text` wherever a free text may stand. */
function sample(schema: Schema | undefined, text: string, name = ''): unknown {
  if (schema === undefined) return undefined
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.anyOf !== undefined) return sample(schema.anyOf[0], text, name)
  if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, sample(value, text, key)]))
  if (schema.type === 'array') return [sample(schema.items, text, name)]
  if (schema.type === 'boolean') return true
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1
  if (name === 'statement') return authorityStatement
  return text
}

const ordinary = (name: string, schema: Schema): string => (schema.format === 'date-time' ? '2099-01-01T00:00:00Z' : schema.format === 'uuid' ? '01890a5d-ac96-774b-bcce-b302099a8057'
  : name === 'text' || name === 'targets' ? '127.66.0.1' : name === 'email' ? 'x@example.org' : name === 'q' || name === 'query' ? 'port:22' : name === 'timeZone' ? 'UTC' : name === 'startsAt' ? '2099-01-01T08:00' : 'ordinary')

/** Bodies with one nasty text each, so that the others cannot hide it, and one with all of them. */
function bodies(schema: Schema, text: string): unknown[] {
  const names = Object.keys(schema.properties ?? {}).filter((name) => schema.properties![name]!.type === 'string')
  const plain = (): Record<string, unknown> => Object.fromEntries(Object.entries(schema.properties ?? {})
    .filter(([name, value]) => schema.required?.includes(name) === true || value.type === 'string')
    .map(([name, value]) => [name, sample(value, ordinary(name, value), name)]))
  return [...names.map((name) => ({ ...plain(), [name]: text })), sample(schema, text)]
}

async function counts(database: TestDatabase): Promise<Record<string, number>> {
  const tables = await database.store.platform(({ sql }) => sql<{ name: string }[]>`select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`)
  const result: Record<string, number> = {}
  for (const { name } of tables) result[name] = Number((await database.owner.unsafe(`select count(*)::int as n from "${name}"`))[0]!['n'])
  return result
}

async function walk(server: TestServer, browser: Browser, routes: readonly Route[]): Promise<string[]> {
  const wrong: string[] = []
  const id = '01890a5d-ac96-774b-bcce-b302099a8057'
  for (const [kind, text] of Object.entries(nasty)) {
    for (const route of routes) {
      const url = route.url.replace(/:\w+/g, id)
      const tries = route.body !== undefined ? bodies(route.body, text) : route.query !== undefined ? bodies(route.query, text) : [undefined]
      for (const what of tries) {
        // Node itself refuses longer request lines; what is longer never reaches us.
        const inQuery = route.body === undefined && what !== undefined ? `?${new URLSearchParams(Object.entries(what as Record<string, string>).map(([name, value]): [string, string] => [name, String(value).slice(0, 8000)])).toString()}` : ''
        const answer = await server.app.inject({ method: route.method, url: `${url}${inQuery}`, headers: { ...browser.headers, 'content-type': 'application/json' }, ...(route.body === undefined ? {} : { payload: JSON.stringify(what) }) })
        if (answer.statusCode >= 500) wrong.push(`${route.method} ${route.url} with ${kind}: ${answer.statusCode} ${JSON.stringify(what ?? null).slice(0, 160)}`)
        if (answer.body.length > 200_000) wrong.push(`${route.method} ${route.url} with ${kind}: an answer of ${answer.body.length} characters`)
        if (/\bat .*\.ts:\d+|PostgresError|node_modules/.test(answer.body)) wrong.push(`${route.method} ${route.url} with ${kind} shows our insides: ${answer.body.slice(0, 200)}`)
      }
      const inPath = await server.app.inject({ method: route.method, url: route.url.replace(/:\w+/g, encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '')).slice(0, 4000) || 'x'), headers: { ...browser.headers, 'content-type': 'application/json' }, ...(route.body === undefined ? {} : { payload: '{}' }) })
      if (inPath.statusCode >= 500) wrong.push(`${route.method} ${route.url} with ${kind} in its path: ${inPath.statusCode}`)
    }
  }
  return wrong
}

test('no text, wherever it stands, is more than any route can take', async (t) => {
  const found: RouteOptions[] = []
  const server = await withServer(t, {}, (route) => found.push(route))
  const browser = await signUp(server)
  const routes = found.filter((route) => route.url.startsWith('/api/v1/') && route.method !== 'HEAD' && !/\/(events|sign-out|sign-in|openapi\.json)/.test(route.url) && !/identity/.test(route.url))
    .map((route): Route => {
      const { body, querystring } = (route.schema ?? {}) as { body?: Schema; querystring?: Schema }
      return { method: route.method as Route['method'], url: route.url, ...(body === undefined ? {} : { body }), ...(querystring === undefined ? {} : { query: querystring }) }
    })
  assert.ok(routes.length > 60, `${routes.length} routes`)
  const wrong = await walk(server, browser, routes)
  for (const line of server.log) if (Number(line["level"]) >= 50) console.log(JSON.stringify(line).slice(0,1200))
  assert.deepEqual([...new Set(wrong)].slice(0, 40), [], `${wrong.length} in all`)
})

test('JSON bombs, prototypes and broken framing are refused, and write nothing', async (t) => {
  const server = await withServer(t)
  const browser = await signUp(server)
  const before = await counts(server.database)
  const send = async (payload: string, headers: Record<string, string> = {}, url = '/api/v1/networks') => server.app.inject({ method: 'POST', url, headers: { ...browser.headers, 'content-type': 'application/json', ...headers }, payload })
  const cases: Readonly<Record<string, string>> = {
    'deep arrays': '['.repeat(200_000), 'deep objects': `${'{"name":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'deep in a name': `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    '__proto__': '{"name":"x","__proto__":{"admin":true}}', 'constructor': '{"name":"x","constructor":{"prototype":{"admin":true}}}', 'unknown field': '{"name":"x","tenantId":"y"}',
    'an array': '[]', 'null': 'null', 'a number': '1e400', 'a number as name': '{"name":1}', 'null as name': '{"name":null}', 'an object as name': '{"name":{"$ne":""}}', 'nothing': '', 'not JSON': '{name:x}', 'two': '{"name":"a"}{"name":"b"}',
    'a megabyte': JSON.stringify({ name: 'x'.repeat(1_100_000) }), 'a hundred thousand fields': `{${Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join(',')}}`,
  }
  for (const [name, payload] of Object.entries(cases)) {
    const answer = await send(payload)
    assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${name}: ${answer.statusCode} ${answer.body.slice(0, 200)}`)
    assert.match(String(answer.headers['content-type']), /problem\+json/, name)
    assert.ok(answer.body.length < 4000, name)
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=utf-7']) {
    const answer = await send('name=x', { 'content-type': type })
    assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${type}: ${answer.statusCode}`)
  }
  assert.equal(({} as Record<string, unknown>)['admin'], undefined)
  assert.deepEqual(await counts(server.database), before)
})

test('wrong addresses are named, and nothing of the list they stand in is registered', async (t) => {
  const server = await withServer(t)
  const browser = await signUp(server)
  await server.database.store.platform(({ sql }) => sql`update tenant set max_addresses = 1000 where id = ${browser.tenant}`)
  const before = await counts(server.database)
  const wrong: readonly (readonly [text: string, named: RegExp])[] = [
    ['127.0.0.1/33', /127\.0\.0\.1\/33/], ['127.0.0.1/24', /127\.0\.0\.0\/24/], ['0.0.0.0/0', /0\.0\.0\.0\/0/], ['::/0', /::\/0/], ['0.0.0.0', /0\.0\.0\.0/], ['::', /::/], ['224.0.0.1', /224\.0\.0\.1/], ['ff02::1', /ff02::1/],
    ['255.255.255.255', /255\.255\.255\.255/], ['127.0.0.9-127.0.0.1', /127\.0\.0\.9-127\.0\.0\.1/], ['127.0.0.9-1', /127\.0\.0\.9-1/], ['127.0.0.1-::2', /127\.0\.0\.1-::2/], ['300.1.1.1', /300\.1\.1\.1/], ['127.1', /127\.1/],
    ['0177.0.0.1', /0177\.0\.0\.1/], ['0x7f000001', /0x7f000001/], ['2130706433', /2130706433/], ['http://127.0.0.1/', /http/], ['127.0.0.1:80', /127\.0\.0\.1:80/], ['１２７.0.0.1', /１２７/], ['exa\u0000mple.org', /not allowed/], ['пример', /пример/], ['127.0.0.0/22', /1024|1027/],
    ['fe80::1%eth0', /fe80/], ['-1.0.0.1', /-1/], ['a..b', /a\.\.b/], ['x'.repeat(300), /xxx/],
  ]
  for (const [text, named] of wrong) {
    for (const path of ['/addresses', '/scans', '/exclusions', '/groups']) {
      const payload = path === '/addresses' ? { text: `127.0.0.1\n127.0.0.2\n${text}`, statement: authorityStatement } : path === '/scans' ? { targets: `127.0.0.1, ${text}` } : path === '/groups' ? { name: 'g', text } : { text, comment: 'x' }
      // An exclusion or a group may well name a whole network.
      if (/^127\.0\.0\.0\/22|\/0$/.test(text) && path !== '/addresses') continue
      const answer = await server.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: browser.headers, payload })
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${path} ${text}: ${answer.statusCode} ${answer.body.slice(0, 300)}`)
      if (path === '/addresses') assert.match(answer.body, named, `${path} ${text}`)
    }
  }
  const million = Array.from({ length: 300_000 }, (_, n) => `127.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join('\n')
  const answer = await server.app.inject({ method: 'POST', url: '/api/v1/addresses', headers: browser.headers, payload: { text: million, statement: authorityStatement } })
  assert.ok([400, 409, 413].includes(answer.statusCode), `${answer.statusCode} ${answer.body.slice(0, 300)}`)
  assert.deepEqual(await counts(server.database), before)
  for (const tcp of ['0', '65536', '1-70000', '22-21', '-1', '1.5', '２２', '22;23', '', 'x'.repeat(30_000)]) {
    const made = await server.app.inject({ method: 'POST', url: '/api/v1/profiles', headers: browser.headers, payload: { name: 'p', settings: { tcp, udp: '' } } })
    assert.ok(made.statusCode >= 400 && made.statusCode < 500, `ports ${tcp.slice(0, 20)}: ${made.statusCode} ${made.body.slice(0, 200)}`)
  }
  assert.deepEqual(await counts(server.database), before)
})
