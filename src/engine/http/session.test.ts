import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { failed, type Failure } from '../net.ts'
import type { Tools } from '../probe.ts'
import { withTools } from '../testing.ts'
import { cookieJar } from './message/cookies.ts'
import { openHttpSession } from './session.ts'
import type { HttpExchange, HttpRequest } from './wire.ts'
import { listen } from '../testing-server.ts'

/** Answers each request of a connection, told apart by their heads. */
const raw = (t: TestContext, talk: (socket: Socket, request: string) => void): Promise<number> =>
  listen(t, createServer((socket) => socket.on('data', (bytes) => talk(socket, bytes.toString('latin1')))))

function ask(port: number, requests: readonly Partial<HttpRequest>[], changes: Partial<Tools> = {}): Promise<readonly (HttpExchange | Failure)[]> {
  return withTools(async (tools) => {
    const session = openHttpSession({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, { ...tools, ...changes })
    const results: (HttpExchange | Failure)[] = []
    for (const request of requests) results.push(await session.exchange({ method: 'GET', target: '/', ...request }))
    session.close()
    return results
  })
}

async function one(port: number, request: Partial<HttpRequest> = {}, changes: Partial<Tools> = {}): Promise<HttpExchange> {
  const [answer] = await ask(port, [request], changes)
  assert.ok(answer !== undefined && !failed(answer), JSON.stringify(answer))
  return answer
}

const body = (text: string, head = ''): string => `HTTP/1.1 200 OK\r\n${head}Content-Length: ${text.length}\r\n\r\n${text}`

test('exact bytes go as they are, over a connection of their own, and the proof has them', async (t) => {
  const heard: string[] = []
  const port = await raw(t, (socket, request) => {
    heard.push(request)
    socket.write(body('x'))
  })
  const exact = Buffer.from('GET  /a\\b%zz HTTP/9.9\nHost : \xff\n\n', 'latin1')
  const answer = await one(port, { exact })
  assert.equal(heard[0], exact.toString('latin1'))
  const proof = answer.exchange('step 1')
  assert.deepEqual([proof.over, proof.to, proof.note, Buffer.from(proof.sent, 'base64').toString('latin1'), Buffer.from(proof.received, 'base64').toString()], ['tcp', `127.0.0.1:${port}`, 'step 1', exact.toString('latin1'), body('x')])
  await one(port, { method: 'PUT', target: '//x/../%2e', headers: [['x-B', '1'], ['X-b', '2'], ['Transfer-Encoding', 'chunked']], body: Buffer.from('hello') })
  assert.match(heard[1]!, /^PUT \/\/x\/\.\.\/%2e HTTP\/1\.1\r\nHost: 127[^]*x-B: 1\r\nX-b: 2\r\n[^]*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/)
})

test('many requests at once share a few connections and get their own answers', async (t) => {
  let connections = 0
  const server = createHttpServer((request, response) => response.end(request.url))
  server.on('connection', () => (connections += 1))
  const port = await listen(t, server)
  await withTools(async (tools) => {
    const session = openHttpSession({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, tools)
    const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => session.exchange({ method: 'GET', target: `/${index}` })))
    assert.deepEqual(answers.map((answer) => (failed(answer) ? answer.text : answer.text())), answers.map((_, index) => `/${index}`))
    assert.ok(connections > 1 && connections <= 16, `${connections} connections`)
    const late = session.exchange({ method: 'GET', target: '/late' })
    session.close()
    assert.ok(failed(await late))
  })
})

test('a request is sent again once, and only when a kept connection gave nothing at all', async (t) => {
  let asked = 0
  const port = await raw(t, (socket, request) => {
    asked += 1
    if (request.startsWith('GET /first')) socket.write(body('1'))
    else socket.destroy()
  })
  const [first, second] = await ask(port, [{ target: '/first' }, { target: '/second' }])
  assert.ok(!failed(first!) && failed(second!))
  assert.equal(asked, 3)
})

test('redirects are followed as asked, never to a name that nobody vouches for, nor out of the scope', async (t) => {
  const port = await listen(t, createHttpServer((request, response) => {
    const to = new URL(request.url!, 'http://x').searchParams.get('to')
    if (to === null) response.end(`${request.method} ${request.headers.host} ${request.headers.authorization ?? '-'}`)
    else response.writeHead(302, { location: to }).end()
  }))
  const go = (to: string, follow: 'host' | 'scope', more: Partial<HttpRequest> = {}, names: readonly string[] = []): Promise<HttpExchange> => one(port, { target: `/?to=${encodeURIComponent(to)}`, follow: { follow, most: 5 }, ...more }, { names })
  const near = await go('/there', 'host', { method: 'POST', headers: [['Authorization', 'Basic x']], body: Buffer.from('x') })
  assert.deepEqual([near.status, near.text(), near.before.length, near.url], [200, `GET 127.0.0.1:${port} Basic x`, 1, `http://127.0.0.1:${port}/there`])
  const other = await go(`http://127.0.0.2:${port}/`, 'host')
  assert.deepEqual([other.status, other.notFollowed], [302, 'it leads to another host or port'])
  const named = await go(`http://shop.example:${port}/x`, 'scope', { headers: [['Authorization', 'Basic x']] }, ['www.example', 'shop.example'])
  assert.equal(named.text(), `GET shop.example:${port} -`)
  for (const [to, why] of [['http://elsewhere.example/', /not known to be in the scope/], ['http://192.0.2.1/', /not in the scope/], ['http://3221225985/', /not in the scope/], ['ftp://127.0.0.1/', /leads to ftp:/], ['http://[::bad', /no address/]] as const) {
    const stopped = await go(to, 'scope')
    assert.equal(stopped.status, 302, to)
    assert.match(stopped.notFollowed ?? '', why, to)
  }
  const ring = await raw(t, (socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'))
  const round = await one(ring, { follow: { follow: 'scope', most: 1000 } })
  assert.deepEqual([round.before.length, round.notFollowed], [10, 'more than 10 redirects'])
})

test('cookies and a Digest login are carried', async (t) => {
  const port = await listen(t, createHttpServer((request, response) => {
    if (request.url === '/set') response.setHeader('set-cookie', ['a=1', 'b=2; Path=/deep'])
    else if (request.url === '/login' && request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' })
    response.end(`${request.headers.cookie ?? '-'} ${request.headers.authorization?.slice(0, 38) ?? '-'}`)
  }))
  const jar = cookieJar()
  const digest = { user: 'me', password: 'p' }
  const answers = await ask(port, [{ target: '/set', jar }, { target: '/deep/x', jar }, { target: '/login', jar, digest }])
  assert.deepEqual(answers.map((answer) => (failed(answer) ? answer.text : answer.text())), ['- -', 'b=2; a=1 -', 'a=1 Digest username="me", realm="r", nonce="'.slice(0, 42)])
})

test('hostile servers end in time and within bounds', async (t) => {
  const drip = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
    const timer = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const slow = await one(drip, { timeout: 300 })
  assert.ok(slow.cut && slow.length < 1000)
  const cases: readonly (readonly [string, string])[] = [
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'ok'],
    [`HTTP/1.1 200 OK\r\n${'Set-Cookie: a=b\r\n'.repeat(2000)}Content-Length: 2\r\n\r\nok`, 'ok'],
    ['HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip', ''],
  ]
  for (const [answer, text] of cases) assert.equal((await one(await raw(t, (socket) => socket.end(answer)), { jar: cookieJar() })).text(), text, answer.slice(0, 60))
  const bomb = zstdCompressSync(Buffer.alloc(30_000_000))
  const burst = await one(await raw(t, (socket) => socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: ${bomb.length}\r\n\r\n`), bomb]))), { bodyMost: 1000 })
  assert.deepEqual([burst.body.length, burst.cut], [1000, true])
  const [huge] = await ask(await raw(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`)), [{}])
  assert.ok(failed(huge!) && huge.failed === 'protocol')
})

test('a connection reset in the middle of a body gives what came, and says that it is not all', async (t) => {
  let other: Socket | null = null
  const port = await raw(t, (socket) => {
    other = socket
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
  })
  await withTools(async (tools) => {
    // The reset comes when the half was taken: a kernel may throw away what lies unread before one.
    const net: Tools['net'] = {
      ...tools.net,
      stream: (to, on, options) => tools.net.stream(to, { data: (bytes, length) => (on.data(bytes, length), other?.resetAndDestroy()), end: (why) => (assert.equal(why?.failed, 'reset'), on.end(why)) }, options),
    }
    const session = openHttpSession({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, { ...tools, net })
    const answer = await session.exchange({ method: 'GET', target: '/' })
    session.close()
    assert.ok(!failed(answer))
    assert.deepEqual([answer.status, answer.text(), answer.cut], [200, 'half', true])
  })
})
