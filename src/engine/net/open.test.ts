import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import { failed, OutOfScope, type Connection, type Failure } from '../net.ts'
import { loopbackProfile } from '../testing.ts'
import { openNet, type OpenNet } from './open.ts'

/** A server on a free port that treats every connection with `talk`. */
async function serve(t: TestContext, talk: (socket: Socket) => void, address = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    talk(socket)
  })
  server.listen(0, address)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

type Limits = Partial<Profile['limits']>

function network(t: TestContext, limits: Limits = {}, pace: Partial<Profile['pace']> = {}, exclude = ''): OpenNet {
  const controller = new AbortController()
  const profile = { ...loopbackProfile, limits: { ...loopbackProfile.limits, ...limits }, pace: { ...loopbackProfile.pace, ...pace } }
  const net = openNet({ scope: parseIpSet('127.0.0.0/24'), exclude: parseIpSet(exclude), profile, signal: controller.signal, now: Date.now })
  t.after(() => net.close())
  return net
}

async function dial(net: OpenNet, port: number): Promise<Connection> {
  const connection = await net.connect({ address: '127.0.0.1', port })
  assert.ok(!failed(connection), JSON.stringify(connection))
  return connection
}

function codeOf(result: object | string): string {
  return typeof result !== 'string' && failed(result) ? (result as Failure).failed : 'no failure'
}

test('an address outside the scope or excluded never gets a packet', async (t) => {
  let heard = 0
  const port = await serve(t, () => (heard += 1), '0.0.0.0')
  const net = network(t, {}, {}, '127.0.0.9')
  for (const address of ['127.0.1.1', '127.0.0.9', '::1', 'localhost', '127.0.0.1/24', '']) {
    await assert.rejects(net.connect({ address, port }), OutOfScope, address)
    await assert.rejects(net.knock({ address, port }), OutOfScope, address)
    await assert.rejects(net.ask({ address, port }, [Buffer.from('x')]), OutOfScope, address)
    assert.throws(() => net.begin(address), OutOfScope, address)
  }
  assert.equal(await net.knock({ address: '127.0.0.8', port }), 'open')
  assert.equal(await net.knock({ address: '::ffff:127.0.0.8', port }), 'open', 'a mapped address is the IPv4 host')
  assert.equal(heard, 2)
})

test('reads up to a text, by a rule, and what comes', async (t) => {
  const port = await serve(t, (socket) => socket.write('220 hello\r\n250 more\r\nrest'))
  const connection = await dial(network(t), port)
  const line = await connection.read({ until: '\r\n' })
  assert.ok(!failed(line))
  assert.equal(Buffer.from(line.bytes).toString(), '220 hello\r\n')
  const four = await connection.read({ until: (bytes) => (bytes.length >= 4 ? 4 : null) })
  assert.ok(!failed(four))
  assert.equal(Buffer.from(four.bytes).toString(), '250 ')
  const rest = await connection.read()
  assert.ok(!failed(rest))
  assert.equal(Buffer.from(rest.bytes).toString(), 'more\r\nrest')
  assert.deepEqual(connection.evidence('x'), { sent: '', received: '220 hello\r\n250 more\r\nrest', note: 'x' })
})

test('a peer that ends gives what it said, then an empty end', async (t) => {
  const port = await serve(t, (socket) => socket.end('bye'))
  const connection = await dial(network(t), port)
  assert.deepEqual(await connection.read({ until: '\n' }), { bytes: Uint8Array.from(Buffer.from('bye')), ended: true })
  assert.deepEqual(await connection.read({ until: '\n' }), { bytes: new Uint8Array(), ended: true })
})

test('a refused port, a reset and a silent peer are values', async (t) => {
  const net = network(t, { answer: 150 })
  const closing = createServer()
  closing.listen(0, '127.0.0.1')
  await once(closing, 'listening')
  const { port: closed } = closing.address() as AddressInfo
  closing.close()
  await once(closing, 'close')
  assert.equal(codeOf(await net.connect({ address: '127.0.0.1', port: closed })), 'refused')
  assert.equal(codeOf(await net.knock({ address: '127.0.0.1', port: closed })), 'refused')

  const resetting = await serve(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const cut = await dial(net, resetting)
  cut.write('x')
  assert.equal(codeOf(await cut.read()), 'reset')

  const silent = await dial(net, await serve(t, () => {}))
  assert.equal(codeOf(await silent.read()), 'timeout')
})

test('a port that drops the handshake is a timeout, not a closed port', async (t) => {
  // A full accept queue: the kernel then drops what comes.
  const { spawn } = await import('node:child_process')
  const child = spawn('python3', ['-c', [
    'import socket,sys',
    's=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0)',
    'held=[]',
    'for _ in range(4):',
    '  c=socket.socket(); c.setblocking(False); c.connect_ex(s.getsockname()); held.append(c)',
    'print(s.getsockname()[1],flush=True); sys.stdin.read()',
  ].join('\n')], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const net = network(t, { connect: 300 })
  assert.equal(codeOf(await net.knock({ address: '127.0.0.1', port: Number(line.toString()) })), 'timeout')
})

test('an endless talker costs bounded memory and ends as a value', async (t) => {
  const flood = Buffer.alloc(65_536, 'A')
  let sent = 0
  const port = await serve(t, (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(flood)) sent += flood.length
      sent += flood.length
    }
    socket.on('drain', more)
    more()
  })
  const net = network(t, { connectionBytes: 1_000_000, answer: 3000 })
  const connection = await dial(net, port)
  assert.equal(codeOf(await connection.read({ until: '\n', most: 4096 })), 'protocol')
  const other = await dial(net, port)
  assert.equal(codeOf(await other.read({ until: '\n', most: 100_000_000 })), 'budget')
  const idle = await dial(net, port)
  const first = await idle.read({ until: (bytes) => (bytes.length > 0 ? 1 : null) })
  assert.ok(!failed(first))
  const before = sent
  // Nobody reads: the peer's writes must stop at what the kernel buffers hold.
  for (let last = -1; last !== sent; ) {
    last = sent
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  assert.ok(sent - before < 16_777_216, `${sent - before} bytes were taken with nobody reading`)
  assert.ok(connection.evidence().received.length <= 8192)
})

test('the bytes of a host are counted over its connections', async (t) => {
  const port = await serve(t, (socket) => socket.end(Buffer.alloc(60_000)))
  const net = network(t, { hostBytes: 100_000 })
  const read = async (): Promise<string> => {
    const connection = await net.connect({ address: '127.0.0.1', port })
    return failed(connection) ? connection.failed : codeOf(await connection.read({ until: 'never', most: 70_000 }))
  }
  assert.deepEqual([await read(), await read(), await read()], ['no failure', 'budget', 'budget'])
  assert.equal(net.spent('127.0.0.1')?.failed, 'budget')
  net.end('127.0.0.1')
  assert.equal(await read(), 'no failure', 'a host that ended and comes again starts anew')
})

test('a slow loris is ended by the time of a read, and a host by its own', async (t) => {
  const port = await serve(t, (socket) => {
    const timer = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const net = network(t, { answer: 300, host: 600 })
  const connection = await dial(net, port)
  assert.equal(codeOf(await connection.read({ until: '\n' })), 'timeout')
  net.begin('127.0.0.1')
  assert.equal(codeOf(await connection.read({ until: '\n', timeout: 60_000 })), 'budget')
  assert.equal(codeOf(await net.connect({ address: '127.0.0.1', port })), 'budget')
})

test('an abort ends what is open, what waits and what comes', async (t) => {
  const port = await serve(t, () => {})
  const controller = new AbortController()
  const net = openNet({
    scope: parseIpSet('127.0.0.1'), exclude: [], signal: controller.signal, now: Date.now,
    profile: { ...loopbackProfile, pace: { ...loopbackProfile.pace, connections: 6, perHost: 6 } },
  })
  t.after(() => net.close())
  const open = await Promise.all(Array.from({ length: 6 }, () => dial(net, port)))
  const reading = open[0]!.read({ timeout: 60_000 })
  const waiting = net.connect({ address: '127.0.0.1', port })
  controller.abort()
  assert.equal(codeOf(await reading), 'aborted')
  assert.equal(codeOf(await waiting), 'aborted')
  assert.equal(codeOf(await net.knock({ address: '127.0.0.1', port })), 'aborted')
})

test('no more connections are open at once than allowed, and every one gets its turn', async (t) => {
  let open = 0
  let most = 0
  const port = await serve(t, (socket) => {
    open += 1
    most = Math.max(most, open)
    socket.on('close', () => (open -= 1))
    socket.resume()
    socket.end('x')
  }, '0.0.0.0')
  const net = network(t, {}, { connections: 6, perHost: 4 })
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  const results = await Promise.all(Array.from({ length: 60 }, async (_, index) => {
    const connection = await net.connect({ address: addresses[index % 3]!, port })
    assert.ok(!failed(connection))
    await connection.read({ until: 'never' })
    connection.close()
    return true
  }))
  assert.equal(results.length, 60)
  assert.ok(most <= 7 && most >= 2, `${most} at once`)
})

test('new connections keep to the rate', async (t) => {
  const port = await serve(t, (socket) => socket.destroy())
  const profile = { ...loopbackProfile, pace: { ...loopbackProfile.pace, rate: 20 } }
  const net = openNet({ scope: parseIpSet('127.0.0.1'), exclude: [], profile, signal: new AbortController().signal, now: Date.now })
  t.after(() => net.close())
  const began = performance.now()
  for (let count = 0; count < 5; count++) assert.equal(await net.knock({ address: '127.0.0.1', port }), 'open')
  // One may be saved up, and each of the others has to wait for its twentieth of a second.
  assert.ok(performance.now() - began >= 199)
})

test('datagrams: an answer, silence, a closed port, a stranger, an answer from another port', async (t) => {
  const server = createSocket('udp4')
  let asked = 0
  server.on('message', (message, from) => {
    asked += 1
    if (message.toString() === 'hello') server.send('hi', from.port, from.address)
    if (message.toString() === 'third' && asked >= 3) server.send('at last', from.port, from.address)
    if (message.toString() === 'elsewhere') {
      const other = createSocket('udp4')
      other.send('from elsewhere', from.port, from.address, () => other.close())
    }
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address()
  const net = network(t, { answer: 600 })
  const to = { address: '127.0.0.1', port }

  const hi = await net.ask(to, [Buffer.from('hello')])
  assert.ok(!failed(hi))
  assert.deepEqual(hi.evidence, { sent: 'hello', received: 'hi' })
  asked = 0
  const third = await net.ask(to, [Buffer.from('third')])
  assert.ok(!failed(third), 'sent again while nothing came')
  assert.equal(asked, 3)
  assert.equal(codeOf(await net.ask(to, [Buffer.from('silence')])), 'timeout')
  assert.equal(codeOf(await net.ask(to, [Buffer.from('elsewhere')])), 'timeout')
  const elsewhere = await net.ask(to, [Buffer.from('elsewhere')], { anyPort: true })
  assert.ok(!failed(elsewhere))
  const gone = createSocket('udp4')
  gone.bind(0, '127.0.0.1')
  await once(gone, 'listening')
  const closed = gone.address().port
  gone.close()
  assert.equal(codeOf(await net.ask({ address: '127.0.0.1', port: closed }, [Buffer.from('x')])), 'refused')
  assert.equal(codeOf(await net.ask({ address: '127.0.0.1', port: closed }, [Buffer.from('x')], { anyPort: true })), 'refused')
})
