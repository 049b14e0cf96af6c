import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { failed, type Failure, type Net } from '../net.ts'
import { recordingNet } from '../proof/recording-net.ts'
import { loopbackProfile, withTools } from '../testing.ts'
import { listen } from '../testing-server.ts'
import { openHttpSession } from './session.ts'
import type { HttpExchange } from './wire.ts'

const said = (exchange: { sent: string }): string => Buffer.from(exchange.sent, 'base64').toString('latin1').split(' HTTP/', 1)[0]!
const textOf = (answer: HttpExchange | Failure): string => (failed(answer) ? answer.failed : answer.text())
const get = (target: string) => ({ method: 'GET', target }) as const

test('looks at one host share a connection, and each has in its record what it said itself', async (t) => {
  let connections = 0
  const server = createServer((request, response) => response.end(request.url))
  server.on('connection', () => (connections += 1))
  const at = { asset: 'a', address: '127.0.0.1', port: await listen(t, server), proto: 'tcp' } as const
  await withTools(async (tools) => {
    const records: string[][] = []
    for (const look of ['/one', '/two']) {
      const recording = recordingNet(tools.net, Date.now)
      const session = openHttpSession(at, false, { ...tools, net: recording.net })
      assert.equal(textOf(await session.exchange(get(look))), look)
      session.close()
      records.push(recording.exchanges().map(said))
    }
    assert.deepEqual(records, [['GET /one'], ['GET /two']])
    assert.equal(connections, 1)
  })
})

for (const [fragile, closed] of [[true, 1], [false, 0]] as const) test(`${fragile ? 'where a device takes one connection, none' : 'else one'} is left open for the next look`, async (t) => {
  const at = { asset: 'a', address: '127.0.0.1', port: await listen(t, createServer((request, response) => response.end(request.url))), proto: 'tcp' } as const
  await withTools(async (tools) => {
    let closes = 0
    const net: Net = {
      ...tools.net,
      async stream(to, on, options) {
        const stream = await tools.net.stream(to, on, options)
        return failed(stream) ? stream : { tls: null, alpn: null, write: (bytes) => stream.write(bytes), close: () => (closes += 1, stream.close()) }
      },
    }
    const session = openHttpSession(at, false, { ...tools, net })
    assert.equal(textOf(await session.exchange(get('/'))), '/')
    session.close()
    assert.equal(closes, closed)
  }, { ...loopbackProfile, fragile })
})

test('who leaves takes nothing from those that stay', async (t) => {
  const held: ServerResponse[] = []
  const came: (() => void)[] = []
  const at = { asset: 'a', address: '127.0.0.1', proto: 'tcp', port: await listen(t, createServer((_request, response) => {
    held.push(response)
    came.shift()?.()
  })) } as const
  await withTools(async (tools) => {
    const [first, second] = [openHttpSession(at, false, tools), openHttpSession(at, false, tools)]
    const both = [new Promise<void>((resolve) => came.push(resolve)), new Promise<void>((resolve) => came.push(resolve))]
    const answers = [first.exchange(get('/first')), second.exchange(get('/second'))]
    await Promise.all(both)
    first.close()
    assert.equal(textOf(await answers[0]!), 'closed')
    for (const response of held) response.end('told')
    assert.equal(textOf(await answers[1]!), 'told')
    assert.equal(textOf(await first.exchange(get('/late'))), 'closed')
    second.close()
  })
})

test('what another look was told a moment ago is not asked again, unless it was no answer, or was asked otherwise', async (t) => {
  const heard: string[] = []
  const at = { asset: 'a', address: '127.0.0.1', proto: 'tcp', port: await listen(t, createServer((request, response) => {
    heard.push(request.url!)
    if (request.url === '/lost' && heard.filter((one) => one === '/lost').length <= 2) response.destroy()
    else response.end(String(heard.length))
  })) } as const
  await withTools(async (tools) => {
    const ask = async (target: string, more: object = { shared: true }): Promise<readonly [string, readonly number[]]> => {
      const recording = recordingNet(tools.net, Date.now)
      const session = openHttpSession(at, false, { ...tools, net: recording.net })
      const answer = await session.exchange({ ...get(target), ...more })
      session.close()
      return [textOf(answer), recording.exchanges().map((one) => one.at)]
    }
    const first = await ask('/')
    // The record of the second look says when the answer really came.
    assert.deepEqual(await ask('/'), first)
    assert.equal(first[1].length, 1)
    assert.equal((await ask('/', {}))[0], '2')
    assert.equal((await ask('/', { shared: true, headers: [['Origin', 'x']] }))[0], '3')
    assert.equal((await ask('/', { shared: true, host: 'other.example' }))[0], '4')
    assert.equal((await ask('/', { shared: true, headers: [['Accept', '*/*']] }))[0], '1')
    // On a kept connection it is sent twice before it counts as lost.
    assert.equal((await ask('/lost'))[0], 'closed')
    assert.notEqual((await ask('/lost'))[0], 'closed')
    // Another host is another one.
    const other = openHttpSession(at, false, { ...tools, host: {} })
    assert.equal(textOf(await other.exchange({ ...get('/'), shared: true })), String(heard.length))
    other.close()
  })
})

test('a connection whose server refused a body carries nothing more', async (t) => {
  const connections: unknown[] = []
  const at = { asset: 'a', address: '127.0.0.1', proto: 'tcp', port: await listen(t, createServer((request, response) => {
    if (!connections.includes(request.socket)) connections.push(request.socket)
    response.statusCode = request.method === 'POST' ? 404 : 200
    response.end()
  })) } as const
  await withTools(async (tools) => {
    const session = openHttpSession(at, false, tools)
    for (const method of ['GET', 'POST', 'GET']) await session.exchange({ method, target: '/', ...(method === 'POST' ? { body: Buffer.from('x') } : {}) })
    session.close()
  })
  assert.equal(connections.length, 2)
})
