import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Ask } from '#core/ask.ts'
import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { Unseen, type Probe, type Sight, type Tools } from '../probe.ts'
import { replayNet } from '../proof/replay-net.ts'
import type { WebService } from '../service.ts'
import { loopbackProfile, withTools } from '../testing.ts'
import { asks, poolAsks } from './asks.ts'
import { faviconHash } from './favicon.ts'
import { icon } from './icon.ts'
import { titleOf } from './page.ts'
import { rootPage } from './root.ts'
import { webServiceWith } from './web-service.ts'

async function web(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

type Result = Readonly<{ sights: Sight[]; error: unknown }>

async function run(probe: Probe, seen: Observation, changes: Partial<Tools> = {}): Promise<Result> {
  assert.ok(probe.wants(seen as never, loopbackProfile))
  return withTools(async (tools, signal) => {
    const sights: Sight[] = []
    try {
      for await (const sight of probe.run(seen as never, { ...tools, ...changes }, signal)) sights.push(sight)
    } catch (error) {
      return { sights, error }
    }
    return { sights, error: null }
  })
}

function service(port: number): Observation<'service'> {
  return { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: 'http', tls: false, facts: {} } }
}

async function rootOf(port: number): Promise<Observation<'http'>> {
  const { sights } = await run(rootPage as Probe, service(port))
  return { ...(sights[0] as Observation<'http'>), seen: 0, by: 'http@1' }
}

function pages(sights: readonly Sight[]): Observation<'http'>[] {
  return sights.flatMap((sight) => (sight.kind === 'http' ? [sight as Observation<'http'>] : []))
}

test('the root page, and what it redirects to on the same service', async (t) => {
  const asked: string[] = []
  const port = await web(t, (request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    if (request.url === '/') response.writeHead(302, { location: '/login?next=/' })
    if (request.url === '/login?next=/') response.writeHead(302, { location: `http://shop.example:${port}/there` })
    if (request.url === '/there') response.writeHead(301, { location: 'http://elsewhere.example/' })
    response.end('<TITLE >\n Sign &amp; in </title>')
  })
  const { sights, error } = await run(rootPage as Probe, service(port), { names: ['shop.example'] })
  assert.equal(error, null)
  assert.deepEqual(pages(sights).map(({ at, data }) => [at.host, at.path, data.path, data.status, data.title, data.ask]), [
    ['shop.example', '/', '/', 302, 'Sign & in', 'GET /'],
    ['shop.example', '/login?next=/', '/login?next=/', 302, 'Sign & in', 'GET /login?next=/'],
    ['shop.example', '/there', '/there', 301, 'Sign & in', 'GET /there'],
  ])
  assert.deepEqual(asked, ['/', '/login?next=/', '/there'].map((path) => `shop.example:${port}${path}`))
})

test('redirects in a ring or without an end are left', async (t) => {
  let count = 0
  const ring = await web(t, (_, response) => response.writeHead(302, { location: '/' }).end())
  assert.equal((await run(rootPage as Probe, service(ring))).sights.length, 1)
  const endless = await web(t, (_, response) => response.writeHead(302, { location: `/${++count}` }).end())
  assert.equal((await run(rootPage as Probe, service(endless))).sights.length, 4)
})

function pool(...list: readonly (readonly [id: number, ask: Ask])[]): Tools['asks'] {
  return poolAsks(list.map(([id, ask]) => ({ id, ask }) as Signature))
}

test('asks are pooled, sent once, kept to their product, and plain absence is not reported', async (t) => {
  const asked: string[] = []
  const port = await web(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.setHeader('server', 'Apache/2.4')
    if (request.url === '/.env') response.end('SECRET=1')
    else response.writeHead(request.url === '/' ? 200 : 404).end('no')
  })
  const list = pool([1, { path: '/.env' }], [2, { path: '/.env' }], [3, { path: '/server-status', only: ['apache'] }], [4, { path: '/console', only: ['weblogic'] }], [5, { path: '/', method: 'OPTIONS' }])
  assert.equal(list.length, 4)
  const { sights, error } = await run(asks as Probe, await rootOf(port), { asks: list })
  assert.equal(error, null)
  assert.deepEqual(asked.slice(3), ['GET /.env', 'GET /server-status', 'OPTIONS /'])
  assert.deepEqual(pages(sights).map(({ data }) => [data.ask, data.status, data.catchAll]), [['GET /.env', 200, false], ['OPTIONS /', 200, false]])
  const { proof } = pages(sights)[0]!
  const said = (bytes: string): string => Buffer.from(bytes, 'base64').toString('latin1')
  assert.match(said(proof!.exchanges[0]!.sent), /^GET \/\.env HTTP\/1\.1\r\nHost: /)
  assert.match(said(proof!.exchanges[0]!.received), /^HTTP\/1\.1 200 OK\r\n[^]*SECRET=1/)
  assert.deepEqual(proof!.control.map(({ received }) => said(received).slice(0, 12)), ['HTTP/1.1 404', 'HTTP/1.1 404'])
  assert.deepEqual(sights.flatMap((sight) => (sight.kind === 'asked' ? sight.signatures : [])), [1, 2, 3, 5], 'the console of another product was not asked for')
})

test('what has an open finding is asked whatever the product, and the look is repeated over its proof to the same end', async (t) => {
  const port = await web(t, (request, response) => response.writeHead(request.url === '/console' ? 200 : 403).end(request.url))
  const list = pool([4, { path: '/console', only: ['weblogic'] }])
  const root = await rootOf(port)
  assert.deepEqual(pages((await run(asks as Probe, root, { asks: list })).sights), [])
  const open = new Set([4])
  const first = pages((await run(asks as Probe, root, { asks: list, open })).sights)
  assert.deepEqual(first.map(({ data }) => data.path), ['/console'])
  const proof = first[0]!.proof!
  const again = await run(asks as Probe, root, { asks: list, open, variables: proof.variables, net: replayNet([...proof.exchanges, ...proof.control]) })
  assert.equal(again.error, null)
  assert.deepEqual(pages(again.sights).map(({ data }) => data), first.map(({ data }) => data))
  const blind = await run(asks as Probe, root, { asks: list, open, variables: { absent: 'another0000000000a' }, net: replayNet([...proof.exchanges]) })
  assert.ok(blind.error instanceof Unseen, 'without its controls nothing is concluded')
})

test('a server that shows one page for every path proves nothing by it', async (t) => {
  const port = await web(t, (request, response) => {
    if (request.url === '/.git/config') response.end('[core]\n\trepositoryformatversion = 0')
    else response.end(`<html><body>Welcome to our shop. You asked for ${request.url}. ${'Buy many good things here today. '.repeat(20)} ${Math.random()}</body></html>`)
  })
  const { sights } = await run(asks as Probe, await rootOf(port), { asks: pool([1, { path: '/.env' }], [2, { path: '/.git/config' }], [3, { path: '/', headers: { origin: 'https://evil.example' } }]) })
  assert.deepEqual(pages(sights).map(({ data }) => [data.path, data.catchAll]), [['/.env', true], ['/.git/config', false], ['/', false]])
})

test('a request without an answer is not among the asked, and a server that answers none is not looked at', async (t) => {
  let all = false
  const port = await web(t, (request, response) => {
    if (request.url === '/cut' || (all && request.url !== '/')) request.socket.destroy()
    else response.writeHead(404).end()
  })
  const root = await rootOf(port)
  const some = await run(asks as Probe, root, { asks: pool([1, { path: '/cut' }], [2, { path: '/fine' }]) })
  assert.equal(some.error, null)
  assert.deepEqual(some.sights.flatMap((sight) => (sight.kind === 'asked' ? sight.signatures : [])), [2])
  all = true
  const none = await run(asks as Probe, root, { asks: pool([1, { path: '/cut' }], [2, { path: '/fine' }]) })
  assert.ok(none.error instanceof Unseen)
})

test('services over HTTP: each that knows the page says so; one that fails takes nothing from the others', async (t) => {
  const port = await web(t, (request, response) => response.end(request.url))
  const good: WebService = {
    name: 'good', ports: [], hints: () => true,
    async look({ request }) {
      const answer = await request({ path: '/x' })
      return 'failed' in answer ? null : { product: answer.text, facts: { auth: false } }
    },
  }
  const stranger: WebService = { name: 'stranger', ports: [], hints: () => true, look: async () => null }
  const blind: WebService = { name: 'blind', ports: [], hints: () => true, look: () => Promise.reject(new Unseen('timeout', 'no')) }
  const shy: WebService = { name: 'shy', ports: [], hints: () => false, look: () => Promise.reject(new Error('never called')) }
  const { sights, error } = await run(webServiceWith([blind, stranger, shy, good]) as Probe, await rootOf(port))
  assert.ok(error instanceof Unseen && error.code === 'timeout')
  assert.deepEqual(sights, [{ kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, data: { name: 'good', product: '/x', tls: false, facts: { auth: false } } }])
})

test('the icon of a site is known by its bytes, wherever the page says it is; what is no picture is none', async (t) => {
  const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300, 7)])
  let page = '<link rel=stylesheet href=/a.css><LINK href="/own/i.png?v=1&amp;x=2" REL="shortcut icon">'
  const asked: string[] = []
  const port = await web(t, (request, response) => {
    asked.push(request.url!)
    if (request.url === '/') response.end(page)
    else response.end(request.url === '/own/i.png?v=1&x=2' ? picture : request.url === '/huge' ? Buffer.concat([picture, Buffer.alloc(70_000)]) : '<title>one page for all</title>')
  })
  const look = async (): Promise<Observation<'http'>[]> => pages((await run(icon as Probe, await rootOf(port))).sights)
  const [found] = await look()
  assert.deepEqual([found?.at.path, found?.data.path, found?.data.body, found?.data.icon], ['/own/i.png?v=1&x=2', '/own/i.png?v=1&x=2', '', { md5: createHash('md5').update(picture).digest('hex'), mmh3: faviconHash(picture) }])
  const trigger = await rootOf(port)
  const again = await run(icon as Probe, trigger, { net: replayNet(found!.proof!.exchanges) })
  assert.deepEqual(pages(again.sights)[0]?.data, found!.data)
  for (const other of ['', '<link rel="icon" href="http://elsewhere.example/i.png">', '<link rel="icon" href="data:image/png;base64,x">', '<link rel="icon" href="/huge">']) {
    page = other
    assert.deepEqual(await look(), [], other)
  }
  assert.deepEqual(asked.filter((path) => path !== '/'), ['/own/i.png?v=1&x=2', '/favicon.ico', '/favicon.ico', '/favicon.ico', '/huge'])
})

test('titles are plain text, cut', () => {
  assert.equal(titleOf('<title>a &#x41;&#66;&lt;&unknown;\n\t b</title>'), 'a AB<&unknown; b')
  assert.equal(titleOf('<svg><titles>'), null)
  assert.equal(titleOf(`<title>${'x'.repeat(5000)}`)?.length, 200)
  assert.equal(titleOf('<title></title>'), null)
})
