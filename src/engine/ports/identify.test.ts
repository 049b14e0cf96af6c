import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import type { Observation } from '#core/observation.ts'
import type { Profile } from '#core/profile.ts'
import { http } from '../http/http.ts'
import { failed } from '../net.ts'
import { textOf } from '../net/transcript.ts'
import { Unseen } from '../probe.ts'
import type { Service } from '../service.ts'
import { loopbackProfile, withTools } from '../testing.ts'
import { identifyWith } from './identify.ts'
import { listen } from '../testing-server.ts'

let context: { key: Buffer; cert: Buffer }

before(() => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-identify-'))
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key', '-out', 'cert', '-days', '2', '-subj', '/CN=x'], { cwd: folder, stdio: 'ignore' })
  context = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) }
  rmSync(folder, { recursive: true })
})

async function look(port: number, services: readonly Service[], profile: Profile = loopbackProfile): Promise<{ service: Observation<'service'> | null; error: unknown }> {
  const probe = identifyWith(services)
  const seen: Observation<'port'> = { kind: 'port', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'ports@1', data: { state: 'open' } }
  return withTools(async (tools, signal) => {
    let service: Observation<'service'> | null = null
    try {
      for await (const sight of probe.run(seen, tools, signal)) service = sight as Observation<'service'>
    } catch (error) {
      return { service, error }
    }
    return { service, error: null }
  }, profile)
}

/** Speaks a protocol of its own: greets with HAIL, or waits for KNOCK and answers WHO. */
function custom(name: string, changes: Partial<Service> = {}): Service {
  return {
    name, ports: [],
    async look({ open }) {
      const connection = await open()
      connection.write('KNOCK\n')
      const answer = await connection.read({ until: '\n', most: 1024 })
      return !failed(answer) && textOf(answer.bytes).startsWith('WHO') ? { product: 'Knocker', evidence: connection.evidence() } : null
    },
    ...changes,
  }
}

const hailer: Service = {
  name: 'hailer', ports: [], greets: (greeting) => textOf(greeting).startsWith('HAIL'),
  look: async ({ greeting }) => ({ version: textOf(greeting).slice(5).trim() }),
}

test('HTTP on a port nobody claims, in the clear and inside TLS', async (t) => {
  const clear = await look(await listen(t, createHttpServer((_, response) => response.setHeader('server', 'nginx/1.22.1 (Debian)').end('x'))), [hailer, http])
  assert.equal(clear.error, null)
  assert.deepEqual([clear.service?.data.name, clear.service?.data.product, clear.service?.data.version, clear.service?.data.distro, clear.service?.data.tls], ['http', 'nginx', '1.22.1', 'debian', false])
  assert.equal(clear.service?.data.facts['server'], 'nginx/1.22.1 (Debian)')
  assert.match(clear.service!.evidence!.sent, /^GET \/ HTTP/)
  const web = createHttpServer((_, response) => response.end('x'))
  const inner = await look(await listen(t, createTlsServer(context, (socket) => web.emit('connection', socket))), [hailer, http])
  assert.equal(inner.error, null)
  assert.deepEqual([inner.service?.data.name, inner.service?.data.tls], ['http', true])
})

test('a web server that explains in the clear that it wants TLS is not a clear one', async (t) => {
  const web = createHttpServer((_, response) => response.end('x'))
  const secure = createTlsServer(context, (socket) => web.emit('connection', socket))
  const port = await listen(t, createServer((socket) => {
    socket.once('data', (bytes) => {
      if (bytes[0] !== 22) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>')
      socket.pause()
      socket.unshift(bytes)
      secure.emit('connection', socket)
      return undefined
    })
  }))
  const { service } = await look(port, [{ ...http, ports: [port] }])
  assert.deepEqual([service?.data.name, service?.data.tls], ['http', true])
})

test('who greets is asked by its greeting, in the clear and inside TLS', async (t) => {
  const clear = await look(await listen(t, createServer((socket) => socket.write('HAIL 3.1\n'))), [http, custom('other', { guess: 1 }), hailer])
  assert.deepEqual(clear.service?.data, { name: 'hailer', version: '3.1', tls: false, banner: 'HAIL 3.1\n', facts: {} })
  const inner = await look(await listen(t, createTlsServer(context, (socket) => socket.on('error', () => {}).write('HAIL 3.2\n'))), [http, hailer])
  assert.deepEqual([inner.service?.data.name, inner.service?.data.version, inner.service?.data.tls], ['hailer', '3.2', true])
})

test('who claims the port is asked first, then guesses by rank', async (t) => {
  const port = await listen(t, createServer((socket) => socket.on('data', (bytes) => socket.write(bytes.toString() === 'KNOCK\n' ? 'WHO\n' : 'EH\n'))))
  const named = async (services: readonly Service[]): Promise<string | undefined> => (await look(port, services)).service?.data.name
  assert.equal(await named([custom('guess', { guess: 1 }), custom('owner', { ports: [port] })]), 'owner')
  assert.equal(await named([custom('second', { guess: 2 }), custom('first', { guess: 1 }), custom('never')]), 'first')
  assert.equal(await named([custom('late', { guess: 99 }), http]), 'late')
})

test('nobody knows it: what it said is kept; who said nothing is not called looked at', async (t) => {
  const chatty = await look(await listen(t, createServer((socket) => socket.write('WELCOME\x00\x1b[31m'))), [http, hailer])
  assert.equal(chatty.error, null)
  assert.deepEqual(chatty.service?.data, { name: 'unknown', tls: false, banner: 'WELCOME\\x00\\x1b[31m', facts: {} })
  const silent = await look(await listen(t, createServer(() => {})), [http])
  assert.deepEqual(silent.service?.data, { name: 'unknown', tls: false, facts: {} })
  assert.ok(silent.error instanceof Unseen && silent.error.code === 'unidentified')
  const secure = await look(await listen(t, createTlsServer(context, (socket) => socket.on('error', () => {}).resume())), [hailer])
  assert.equal(secure.error, null)
  assert.deepEqual([secure.service?.data.name, secure.service?.data.tls], ['unknown', true])
})

test('what was cut short is reported and not covered', async (t) => {
  const port = await listen(t, createServer((socket) => socket.write('HAIL 3.1\n')))
  const { service, error } = await look(port, [{ ...hailer, look: async () => ({ incomplete: { code: 'timeout', text: 'half' } }) }])
  assert.equal(service?.data.name, 'hailer')
  assert.ok(error instanceof Unseen && error.code === 'timeout' && error.message === 'half')
})

test('a port that refuses by the time we come is not called unknown', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  server.close()
  const { service, error } = await look(port, [http])
  assert.equal(service, null)
  assert.ok(error instanceof Unseen && error.code === 'refused')
})

test('an endless greeting is cut, and the scan goes on', async (t) => {
  const port = await listen(t, createServer((socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write('HAIL '.repeat(4096))) continue
    }
    socket.on('drain', more)
    more()
  }))
  const { service, error } = await look(port, [{ ...hailer, look: async () => null }, http])
  assert.equal(error, null)
  assert.equal(service?.data.name, 'unknown')
  assert.ok(service!.data.banner!.length <= 1024)
})

test('a profile for fragile devices hears no guess, and nothing of a protocol of machines', async (t) => {
  const heard: string[] = []
  const port = await listen(t, createServer((socket) => socket.on('data', (bytes) => {
    heard.push(bytes.toString())
    socket.write('WHO\n')
  })))
  const services = [custom('guessed', { guess: 1 }), custom('machine', { ports: [port], industrial: true })]
  const gently = await look(port, services, { ...loopbackProfile, fragile: true })
  assert.deepEqual([gently.service?.data.name, heard.filter((text) => text.includes('KNOCK'))], ['unknown', []])
  assert.equal((await look(port, services)).service?.data.name, 'machine')
  assert.equal((await look(port, [custom('loud', { ports: [port], effect: 'intrusive' })])).service?.data.name, 'unknown')
})

test('who knows a greeting goes on over the connection it came on, and hears it again', async (t) => {
  let connections = 0
  const port = await listen(t, createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.write('HAIL\n')
    socket.on('data', (bytes) => socket.write(`WHO ${bytes.toString()}`))
  }))
  const heard: string[] = []
  const service: Service = {
    name: 'knower', ports: [], greets: (greeting) => textOf(greeting).startsWith('HAIL'),
    async look({ open }) {
      const connection = await open()
      const greeting = await connection.read({ until: '\n' })
      connection.write('a\n')
      const answer = await connection.read({ until: '\n' })
      for (const each of [greeting, answer]) heard.push(failed(each) ? each.failed : textOf(each.bytes))
      return { evidence: connection.evidence() }
    },
  }
  const { service: seen } = await look(port, [service])
  assert.deepEqual([heard, connections, seen?.evidence], [['HAIL\n', 'WHO a\n'], 1, { sent: 'a\n', received: 'HAIL\nWHO a\n' }])
  heard.length = 0
  await look(port, [service], { ...loopbackProfile, fragile: true })
  assert.deepEqual([heard, connections], [['HAIL\n', 'WHO a\n'], 3])
})
