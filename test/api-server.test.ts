import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { publish } from '#platform/live.ts'
import { listen, origin, signUp, withServer } from './server.ts'

test('health, readiness and metrics', async (t) => {
  const { app } = await withServer(t)
  assert.deepEqual((await app.inject('/healthz')).json(), { status: 'ok', version: 'test' })
  assert.deepEqual((await app.inject('/readyz')).json(), { status: 'ready', checks: { database: true } })
  const metrics = await app.inject('/metrics')
  assert.equal(metrics.statusCode, 200)
  assert.match(metrics.body, /vigil_http_request_seconds_count\{method="GET",route="\/healthz",status="200"\} 1/)
  assert.equal((await app.inject({ url: '/metrics', remoteAddress: '192.0.2.7' })).statusCode, 404)
  assert.equal((await app.inject({ url: '/metrics', headers: { 'x-forwarded-for': '127.0.0.1' } })).statusCode, 404)
})

test('readiness says which part is not ready', async (t) => {
  const { app } = await withServer(t, { ready: { jobs: async () => false } })
  const answer = await app.inject('/readyz')
  assert.equal(answer.statusCode, 503)
  assert.deepEqual(answer.json(), { status: 'not ready', checks: { database: true, jobs: false } })
})

test('problems are RFC 9457, in the words of the caller', async (t) => {
  const { app } = await withServer(t)
  const unknown = await app.inject('/api/v1/nowhere')
  assert.equal(unknown.statusCode, 404)
  assert.match(String(unknown.headers['content-type']), /^application\/problem\+json/)
  assert.equal(unknown.json<{ code: string }>().code, 'not_found')

  const send = (payload: unknown, headers = {}) => app.inject({ method: 'POST', url: '/api/v1/identity/sign-in', headers: { origin, ...headers }, payload: payload as object })
  const missing = (await send({ email: 'a@example.org' })).json<{ detail: string; errors: { field: string; text: string }[]; request: string }>()
  assert.equal(missing.detail, 'Password is missing.')
  assert.deepEqual(missing.errors, [{ field: 'password', text: 'is missing' }])
  assert.match(missing.request, /^[0-9a-f-]{36}$/)
  assert.equal((await send({ email: 'a@example.org', password: 'x', admin: true })).json<{ detail: string }>().detail, 'Admin is not a known field.')
  assert.equal((await send({ email: null, password: 'x' })).json<{ detail: string }>().detail, 'Email must be text.', 'null is not made into an empty string')
  const broken = await app.inject({ method: 'POST', url: '/api/v1/identity/sign-in', headers: { origin, 'content-type': 'application/json' }, payload: '{"email":' })
  assert.deepEqual([broken.statusCode, broken.json<{ detail: string }>().detail], [400, 'The request body is not valid JSON.'])
  const large = await send({ email: 'a@example.org', password: 'x'.repeat(1_200_000) })
  assert.deepEqual([large.statusCode, large.json<{ code: string }>().code], [413, 'too_large'])
  const xml = await app.inject({ method: 'POST', url: '/api/v1/identity/sign-in', headers: { origin, 'content-type': 'text/xml' }, payload: '<a/>' })
  assert.equal(xml.statusCode, 415)
})

test('an error we did not foresee is logged in full and tells nothing', async (t) => {
  const { app, database, log } = await withServer(t)
  const { headers } = await signUp({ app, database })
  await database.owner`alter table business_unit rename to elsewhere`
  const answer = await app.inject({ url: '/api/v1/units', headers })
  await database.owner`alter table elsewhere rename to business_unit`
  assert.equal(answer.statusCode, 500)
  assert.doesNotMatch(answer.body, /business_unit|relation|select/)
  const { request: id } = answer.json<{ request: string }>()
  const line = log.find((entry) => entry['msg'] === 'request failed')
  assert.ok(JSON.stringify(line).includes('business_unit'))
  assert.equal(line!['reqId'], id)
})

test('headers hold a page to its own files, and answers are not kept', async (t) => {
  const { app } = await withServer(t)
  const { headers } = await app.inject('/api/v1/identity/state')
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /script-src 'self';/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
})

test('a name that is not ours is refused (DNS rebinding)', async (t) => {
  const { app } = await withServer(t)
  const state = async (host: string) => (await app.inject({ url: '/api/v1/identity/state', headers: { host } })).statusCode
  assert.deepEqual(await Promise.all(['localhost:8443', 'localhost', '127.0.0.1:9', '[::1]:80'].map(state)), [200, 200, 200, 200])
  assert.equal(await state('evil.example.net'), 421)
})

test('what changes something must come from the console itself', async (t) => {
  const { app, database } = await withServer(t)
  const { headers } = await signUp({ app, database })
  const post = async (extra: object) => (await app.inject({ method: 'POST', url: '/api/v1/units', headers: { cookie: headers.cookie, ...extra }, payload: { name: `U${Math.random()}` } })).statusCode
  assert.equal(await post({ origin }), 201)
  assert.equal(await post({ 'sec-fetch-site': 'same-origin' }), 201)
  assert.equal(await post({}), 403)
  assert.equal(await post({ origin: 'http://localhost:9999' }), 403, 'another port is another origin')
  assert.equal(await post({ origin: 'null' }), 403)
  assert.equal(await post({ 'sec-fetch-site': 'same-site' }), 403)
})

test('the log holds no secret', async (t) => {
  const { app, database, log } = await withServer(t)
  const { headers } = await signUp({ app, database })
  await app.inject({ url: '/api/v1/people?after=zzz', headers })
  const text = JSON.stringify(log)
  assert.ok(log.some((line) => line['msg'] === 'request' && typeof line['tenant'] === 'string'))
  assert.doesNotMatch(text, /gently-paddling/)
  assert.doesNotMatch(text, /session_token/)
  assert.ok(!text.includes(headers.cookie.split('=')[1]!.slice(0, 20)))
})

test('too many requests from one address are told when to come back', async (t) => {
  const { app } = await withServer(t, { config: { version: 'test', origin, console: null, rate: 5 } })
  const codes = []
  for (let n = 0; n < 7; n++) codes.push((await app.inject('/api/v1/nowhere-at-all')).statusCode)
  for (let n = 0; n < 7; n++) codes.push((await app.inject('/api/v1/identity/state')).statusCode)
  assert.ok(codes.includes(429), codes.join())
  const last = await app.inject('/api/v1/identity/state')
  assert.ok(Number(last.headers['retry-after']) >= 1)
  assert.equal(last.json<{ code: string }>().code, 'rate_limited')
})

test('live changes reach the tabs of their tenant only, and what the role may see', async (t) => {
  const { app, database } = await withServer(t)
  const [mine, theirs] = [await signUp({ app, database }), await signUp({ app, database })]
  const auditor = await signUp({ app, database }, 'auditor', mine.tenant)
  const base = await listen(app)
  const [a, narrow, b, c] = await Promise.all([
    stream(base, mine.headers, '/api/v1/events'), stream(base, mine.headers, '/api/v1/events?topics=scan'),
    stream(base, theirs.headers, '/api/v1/events'), stream(base, auditor.headers, '/api/v1/events'),
  ])
  for (const one of [a, narrow, b, c]) await one.until('event: hello')
  await database.store.write(mine.tenant, async (tx) => {
    await publish(tx, 'finding.changed', { id: 'f1' })
    await publish(tx, 'kb.applied', { new: 7 })
    await publish(tx, 'scan.progress', { id: 's1', text: 'x'.repeat(9000) })
  })
  await database.store.write(mine.tenant, (tx) => publish(tx, 'compliance.done', { last: 1 }))
  await database.store.write(theirs.tenant, (tx) => publish(tx, 'scan.progress', { id: 'theirs' }))
  await a.until('compliance.done')
  await c.until('compliance.done')
  await b.until('theirs')
  await narrow.until('scan.progress')
  assert.match(a.text(), /event: finding\.changed\ndata: {"id":"f1"}\n\n/)
  assert.match(a.text(), /event: kb\.applied\ndata: {"new":7}\n\n/)
  assert.match(c.text(), /event: kb\.applied\ndata: {}\n\n/, 'that new knowledge is applied, not what it found')
  assert.match(a.text(), /event: scan\.progress\ndata: {}\n\n/, 'what is too large for a message comes without its data')
  assert.doesNotMatch(narrow.text(), /finding/)
  assert.doesNotMatch(b.text(), /"f1"|compliance/)
  assert.doesNotMatch(c.text(), /finding|scan/)
  const resumed = await stream(base, { ...mine.headers, 'last-event-id': 'x-1' }, '/api/v1/events')
  await resumed.until('event: refetch')
  assert.equal((await app.inject('/api/v1/events')).statusCode, 401)
})

test('a client that goes while its session is looked up leaves no stream behind', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const base = new URL(await listen(app))
  const ask = `GET /api/v1/events HTTP/1.1\r\nhost: ${base.host}\r\ncookie: ${mine.headers.cookie}\r\n\r\n`
  await Promise.all(Array.from({ length: 60 }, () => new Promise<void>((gone) => {
    const socket = connect(Number(base.port), base.hostname, () => socket.write(ask, () => socket.destroy()))
    socket.once('close', () => gone()).on('error', () => {})
  })))
  // Every place is free: none is held for somebody who is not there.
  const streams = await Promise.all(Array.from({ length: 20 }, () => stream(base.origin, mine.headers, '/api/v1/events')))
  for (const one of streams) await one.until('event: hello')
})

test('a stream needs a free place, and closing the server ends it', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const base = await listen(app)
  const streams = await Promise.all(Array.from({ length: 20 }, () => stream(base, mine.headers, '/api/v1/events')))
  for (const one of streams) await one.until('event: hello')
  const refused = await app.inject({ url: '/api/v1/events', headers: mine.headers })
  assert.deepEqual([refused.statusCode, refused.json<{ code: string }>().code], [429, 'live.too_many'])
  await app.close()
  await Promise.all(streams.map((one) => one.ended))
})

type Open = Readonly<{ until(text: string): Promise<void>; text(): string; ended: Promise<void> }>

/** An EventSource as a browser has it: Node has none. */
function stream(base: string, headers: Readonly<Record<string, string>>, path: string): Promise<Open> {
  return new Promise((resolve, reject) => {
    const call = request(`${base}${path}`, { headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`))
      let text = ''
      let check = (): void => {}
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        check()
      })
      const ended = new Promise<void>((done) => response.once('close', done))
      resolve({
        text: () => text,
        ended,
        until: (wanted) => new Promise<void>((found) => {
          check = () => {
            if (text.includes(wanted)) found()
          }
          check()
        }),
      })
    })
    call.on('error', reject).end()
  })
}

test('the console: hashed files for ever, pages never, unknown API paths in JSON', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-console-'))
  t.after(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Vigil</title>')
  await writeFile(join(folder, 'assets', 'app-1a2b3c.js'), 'export {}')
  const { app } = await withServer(t, { config: { version: 'test', origin, console: folder, rate: 0 } })
  const script = await app.inject('/assets/app-1a2b3c.js')
  assert.deepEqual([script.statusCode, script.headers['cache-control']], [200, 'public, max-age=31536000, immutable'])
  for (const path of ['/', '/findings/01a20c82-5b5f-74f5-b52b-912cc88245d0?tab=proof', '/welcome', '/index.html']) {
    const page = await app.inject(path)
    assert.deepEqual([page.statusCode, page.headers['cache-control'], /Vigil/.test(page.body)], [200, 'no-cache', true], path)
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/)
  }
  for (const path of ['/api/v1/nowhere', '/api', '/assets/gone-000000.js']) {
    const answer = await app.inject(path)
    assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [404, 'not_found'], path)
  }
  await writeFile(join(folder, '..', `${basename(folder)}.secret.txt`), 'beside the console')
  t.after(() => rm(`${folder}.secret.txt`))
  for (const path of [`/../${basename(folder)}.secret.txt`, `/assets/%2e%2e/%2e%2e/${basename(folder)}.secret.txt`, `/..%2f${basename(folder)}.secret.txt`]) {
    assert.doesNotMatch((await app.inject(path)).body, /beside/, path)
  }
  assert.equal((await app.inject({ method: 'POST', url: '/findings' })).statusCode, 404)
})

test('without a built console the server says how to build it', async (t) => {
  const { app } = await withServer(t)
  const answer = await app.inject('/')
  assert.deepEqual([answer.statusCode, answer.body], [404, 'The console is not built. Run ./vigil up, which builds it.\n'])
})
