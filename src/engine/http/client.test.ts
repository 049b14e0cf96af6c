import assert from 'node:assert/strict'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { Ask } from '#core/ask.ts'
import { failed } from '../net.ts'
import { withTools } from '../testing.ts'
import type { HttpAnswer } from './answer.ts'
import { httpClient } from './client.ts'
import { chunkReader } from './message/chunks.ts'
import { headerList, headerMap } from './message/head.ts'
import { listen } from '../testing-server.ts'

const web = (t: TestContext, answer: RequestListener): Promise<number> => listen(t, createHttpServer(answer))
/** Says exact bytes to the first request of each connection. */
const raw = (t: TestContext, talk: (socket: Socket, request: string) => void): Promise<number> =>
  listen(t, createServer((socket) => socket.once('data', (bytes) => talk(socket, bytes.toString('latin1')))))

async function ask(port: number, ...asks: readonly Ask[]): Promise<HttpAnswer[]> {
  return withTools(async (tools) => {
    const client = httpClient({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, tools)
    const answers: HttpAnswer[] = []
    for (const each of asks) {
      const answer = await client.request(each)
      assert.ok(!failed(answer), JSON.stringify(answer))
      answers.push(answer)
    }
    client.close()
    return answers
  })
}

async function failure(port: number): Promise<string> {
  return withTools(async (tools) => {
    const client = httpClient({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, tools)
    const answer = await client.request({ path: '/' })
    client.close()
    return failed(answer) ? answer.failed : `status ${answer.status}`
  })
}

test('sends exactly what was asked and keeps the connection', async (t) => {
  const seen: string[] = []
  let connections = 0
  const server = createHttpServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => {
      seen.push(`${request.method} ${request.url} ${String(request.headers['x-probe'] ?? '')} ${request.headers.host} ${body}`)
      response.setHeader('set-cookie', ['a=1', 'b=2'])
      response.end(`you said ${request.url}`)
    })
  })
  server.on('connection', () => (connections += 1))
  const port = await listen(t, server)
  const answers = await ask(port, { path: '/a?b=c' }, { path: '/', method: 'OPTIONS', headers: { 'X-Probe': 'yes', 'host': 'other.example' } }, { path: '/p', method: 'POST', body: 'äh' }, { path: '/h', method: 'HEAD' }, { path: '/after' })
  assert.deepEqual(seen, [`GET /a?b=c  127.0.0.1:${port} `, 'OPTIONS / yes other.example ', `POST /p  127.0.0.1:${port} äh`, `HEAD /h  127.0.0.1:${port} `, `GET /after  127.0.0.1:${port} `])
  assert.equal(connections, 1)
  assert.equal(answers[0]!.text, 'you said /a?b=c')
  assert.equal(answers[0]!.headers['set-cookie'], 'a=1\nb=2')
  assert.match(answers[0]!.evidence.sent, /^GET \/a\?b=c HTTP\/1\.1\r\nHost: /)
  assert.match(answers[0]!.evidence.received, /^HTTP\/1\.1 200 OK\r\n[^]*you said \/a\?b=c$/)
  assert.equal(answers[3]!.text, '')
  assert.equal(answers[4]!.text, 'you said /after')
})

test('a connection that the server closed meanwhile is opened again', async (t) => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', () => socket.end()))
  })
  const port = await listen(t, server)
  const answers = await ask(port, { path: '/' }, { path: '/again' })
  assert.deepEqual(answers.map((answer) => answer.text), ['ok', 'ok'])
  assert.equal(connections, 2)
})

test('a request with a line break in it is not sent', async (t) => {
  const port = await web(t, (_, response) => response.end())
  await withTools(async (tools) => {
    const client = httpClient({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, tools)
    const answer = await client.request({ path: '/a\r\nX: y' })
    assert.ok(failed(answer) && answer.failed === 'protocol')
  })
})

test('codings are undone: chunked, gzip, zlib and raw deflate, brotli, nested', async (t) => {
  const text = 'Grüße '.repeat(50)
  const kinds: Record<string, [string, Buffer]> = {
    '/gzip': ['gzip', gzipSync(text)], '/zlib': ['deflate', deflateSync(text)], '/deflate': ['deflate', deflateRawSync(text)],
    '/br': ['br', brotliCompressSync(text)], '/twice': ['gzip, gzip', gzipSync(gzipSync(text))], '/what': ['rot13', Buffer.from(text)],
  }
  const port = await web(t, (request, response) => {
    const [coding, body] = kinds[request.url!]!
    response.setHeader('content-encoding', coding)
    for (let at = 0; at < body.length; at += 37) response.write(body.subarray(at, at + 37))
    response.end()
  })
  for (const path of Object.keys(kinds)) {
    const [answer] = await ask(port, { path })
    assert.equal(answer!.text, text, path)
    assert.equal(answer!.length, kinds[path]![1].length, path)
    assert.equal(answer!.cut, false, path)
  }
})

test('a bomb becomes 64 kB, however it is packed', async (t) => {
  const inner = gzipSync(Buffer.alloc(64_000_000))
  for (const [coding, body] of [['gzip', inner], ['gzip, gzip', gzipSync(inner)], ['br', brotliCompressSync(Buffer.alloc(20_000_000))]] as const) {
    const port = await raw(t, (socket) => socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`), body])))
    const [answer] = await ask(port, { path: '/' })
    assert.equal(answer!.body.length, 65_536, coding)
    assert.equal(answer!.cut, true, coding)
  }
})

test('endless and broken bodies are bounded', async (t) => {
  const flood = (head: string, part: string) => (socket: Socket): void => {
    socket.write(head)
    const more = (): void => {
      while (!socket.destroyed && socket.write(part)) continue
    }
    socket.on('drain', more)
    more()
  }
  const block = 'x'.repeat(16_384)
  for (const talk of [
    flood('HTTP/1.1 200 OK\r\n\r\n', block), flood('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n', block),
    flood('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `4000\r\n${block}\r\n`), flood('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n', block),
  ]) {
    const [answer] = await ask(await raw(t, talk), { path: '/' })
    assert.equal(answer!.text.length, 65_536)
    assert.equal(answer!.cut, true)
  }
  assert.equal(await failure(await raw(t, flood('HTTP/1.1 200 OK\r\n', `X-${block.slice(0, 100)}: y\r\n`))), 'protocol', 'a head without an end')
  assert.equal(await failure(await raw(t, flood('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'))), 'status 100', 'interim answers without an end')
})

test('a stream that stops in the middle, a short body and a cut give what came', async (t) => {
  const stuck = await raw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
  const [slow] = await ask(stuck, { path: '/' })
  assert.deepEqual([slow!.text, slow!.cut], ['half', true])
  const short = await raw(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
  const [ended] = await ask(short, { path: '/' })
  assert.deepEqual([ended!.text, ended!.cut], ['half', true])
  const closed = await raw(t, (socket) => socket.end('HTTP/1.0 200 OK\n\nuntil the end'))
  const [whole] = await ask(closed, { path: '/' })
  assert.deepEqual([whole!.text, whole!.cut, whole!.version], ['until the end', false, '1.0'])
  assert.equal(await failure(await raw(t, (socket) => socket.end())), 'closed')
  assert.equal(await failure(await raw(t, (socket) => socket.resetAndDestroy())), 'reset')
  assert.equal(await failure(await raw(t, () => {})), 'timeout')
})

test('malformed answers are taken as they are', async (t) => {
  const ugly = await raw(t, (socket) => socket.end('HTTP/1.1 200\nServer : x y\r\nserver: z\r\n folded\r\nno colon\r\n: empty\r\n__proto__: bad\r\nContent-Length: -5\r\nX: \xff\r\n\r\nbody'))
  const [answer] = await ask(ugly, { path: '/' })
  assert.deepEqual([answer!.status, answer!.reason, answer!.headers['server'], answer!.text], [200, '', 'x y, z folded', 'body'])
  assert.equal(Object.hasOwn(answer!.headers, '__proto__'), false)
  const nine = await raw(t, (socket) => socket.end('<html>old</html>'))
  const [old] = await ask(nine, { path: '/' })
  assert.deepEqual([old!.version, old!.status, old!.text], ['0.9', 0, '<html>old</html>'])
  const many = headerList(`HTTP/1.1 200 OK\r\n${Array.from({ length: 5000 }, (_, index) => `h${index}: ${'v'.repeat(20)}`).join('\r\n')}\r\n\r\n`)
  assert.equal(many.length, 200)
  const repeated = headerMap(Array.from({ length: 4000 }, () => ['x', '0123456789'] as const))
  assert.ok(repeated['x']!.length <= 8192)
})

test('chunks may come in any pieces, and their trailers count to the message', () => {
  const whole = Buffer.from('5;ext=1\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT')
  for (let step = 1; step < 12; step++) {
    const reader = chunkReader(1000, 0)
    let end = -1
    for (let at = step; end < 0; at = Math.min(whole.length, at + step)) end = reader.feed(whole, at)
    assert.equal(whole.subarray(end).toString(), 'NEXT', `in steps of ${step}`)
    assert.equal(Buffer.from(reader.body(whole.subarray(0, end))).toString(), 'hello 0123456789')
    assert.equal(reader.cut(), false)
  }
})
