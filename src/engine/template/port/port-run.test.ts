import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import { openListener } from '../../callback/listener.ts'
import { planOf } from '../testing.ts'
import { lookPort } from './testing-port.ts'

/** A server that speaks first if it has something to say, and answers what it is sent. */
function serve(t: TestContext, greeting: string, answer: (text: string, socket: Socket) => string | null): Promise<Readonly<{ port: number; heard: string[] }>> {
  const heard: string[] = []
  const server = createServer((socket) => {
    if (greeting !== '') socket.write(greeting)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      heard.push(data.toString('latin1'))
      const said = answer(data.toString('latin1'), socket)
      if (said !== null) socket.write(said, 'latin1')
    })
  })
  t.after(() => server.close())
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, heard })))
}

const tcp = (id: string, block: object, tags = 'network'): ReturnType<typeof planOf> => planOf({ id, info: { name: id, severity: 'high', tags }, tcp: [{ host: ['{{Hostname}}'], ...block }] })
const script = (id: string, code: string, block: object = {}, port = '0'): ReturnType<typeof planOf> =>
  planOf({ id, info: { name: id, severity: 'high', tags: 'js,network' }, javascript: [{ code, args: { Host: '{{Host}}', Port: port }, matchers: [{ type: 'dsl', dsl: ['success == true'] }], ...block }] })

test('inputs, names of what was read, hex, and words: a match carries the conversation and a control', async (t) => {
  const { port } = await serve(t, 'OTTER 3 ready\r\n', (text) => (text === 'STAT\x01' ? 'version=1.2.3 mode=open\r\n' : 'ERR\r\n'))
  const plan = tcp('otter', {
    port: String(port), inputs: [{ data: '5354415401', type: 'hex', read: 100, name: 'stat' }], 'read-size': 100, matchers: [{ type: 'word', part: 'stat', words: ['mode=open'] }],
    extractors: [{ type: 'regex', part: 'stat', regex: ['version=([0-9.]+)'], group: 1 }],
  })
  const { matches, asked } = await lookPort(port, [plan])
  assert.deepEqual(asked, [1])
  assert.equal(matches.length, 1)
  assert.equal(matches[0]!.data.extracted[0], '1.2.3')
  const { proof } = matches[0]!
  assert.equal(Buffer.from(proof!.exchanges[0]!.sent, 'base64').toString(), 'STAT\x01')
  assert.match(Buffer.from(proof!.exchanges[0]!.received, 'base64').toString(), /mode=open/)
  assert.match(Buffer.from(proof!.control[0]!.received, 'base64').toString(), /ERR/)
})

test('who gives back whatever it is sent is not believed', async (t) => {
  const { port } = await serve(t, '', (text) => text)
  const { matches, notes } = await lookPort(port, [tcp('echo', { port: String(port), inputs: [{ data: 'uid=0(root)' }], matchers: [{ type: 'word', words: ['uid=0(root)'] }] })])
  assert.deepEqual(matches, [])
  assert.match(notes.map(({ code }) => code).join(), /control/)
})

test('whatever host or port a template names, only the target is spoken to, and only where it was found open', async (t) => {
  const here = await serve(t, 'here\r\n', () => null)
  const there = await serve(t, 'there\r\n', () => null)
  const plans = [
    planOf({ id: 'other-host', info: { name: 'x', severity: 'info' }, tcp: [{ host: ['192.0.2.1'], port: String(here.port), matchers: [{ type: 'word', words: ['here'] }] }] }),
    planOf({ id: 'other-port', info: { name: 'x', severity: 'info' }, tcp: [{ host: [`{{Host}}:${there.port}`], matchers: [{ type: 'word', words: ['there'] }] }] }),
    script('script', `const net = require('nuclei/net'); let said = ''; for (const address of ['192.0.2.1:${here.port}', Host + ':${there.port}']) { try { said += net.Open('tcp', address).RecvString(20) } catch (error) { said += 'no ' } }; said`, {
      matchers: [{ type: 'dsl', dsl: ["contains(response, 'here') && contains(response, 'no ') && !contains(response, 'there')"] }] }, String(here.port)),
  ]
  const { matches } = await lookPort(here.port, plans, { open: [2] })
  assert.deepEqual(matches.map(({ data }) => data.template).sort(), ['other-host', 'script'])
})

test('the same words are sent once, however many templates say them', async (t) => {
  const { port, heard } = await serve(t, '', () => 'PONG 9\r\n')
  const many = Array.from({ length: 10 }, (_, at) => tcp(`ping-${at}`, { port: String(port), inputs: [{ data: 'PING\r\n' }], matchers: [{ type: 'word', words: [at === 3 ? 'PONG 9' : 'never'] }] }))
  const { matches, asked } = await lookPort(port, many)
  assert.deepEqual(asked.length, 10)
  assert.deepEqual(matches.map(({ data }) => data.template), ['ping-3'])
  assert.equal(heard.filter((one) => one === 'PING\r\n').length, 1)
})

test('a service is asked by templates for it, and by no others', async (t) => {
  const { port } = await serve(t, 'SSH-2.0-OpenSSH_9.2\r\n', () => null)
  const looks = { port: String(port), matchers: [{ type: 'word', words: ['SSH-2.0'] }] }
  const plans = [tcp('for-ssh', { ...looks, port: '22' }, 'network,ssh'), tcp('for-redis', looks, 'network,redis'), tcp('for-port', looks)]
  const { asked } = await lookPort(port, plans, { service: 'ssh' })
  assert.deepEqual(asked, [1, 3])
  assert.deepEqual((await lookPort(port, plans, { service: 'ssh', open: [2] })).asked, [1, 2, 3])
})

test('payloads, and a login only where the profile tries logins', async (t) => {
  const { port } = await serve(t, '', (text) => (text === 'admin:admin\n' ? 'OK\r\n' : 'NO\r\n'))
  const plan = tcp('weak-login', { port: String(port), inputs: [{ data: '{{user}}:{{pass}}\n' }], payloads: { user: ['root', 'admin'], pass: ['toor', 'admin'] }, attack: 'pitchfork', 'stop-at-first-match': 'true', matchers: [{ type: 'word', words: ['OK'] }] }, 'default-login')
  assert.equal((await lookPort(port, [plan])).matches.length, 1)
  const without = await lookPort(port, [plan], { profile: { defaults: false } })
  assert.deepEqual([without.matches.length, without.asked.length], [0, 0])
  assert.match(without.notes.map(({ code }) => code).join(), /unsent/)
})

test('scripts: connections, bytes, helpers, exports, a condition first', async (t) => {
  const { port } = await serve(t, '', (text) => (text === '\x01\x02HI' ? '\xff\x00ok' : null))
  const code = `
    let m = require('nuclei/net'); let b = require('nuclei/bytes')
    let buffer = new b.Buffer(); buffer.Write([1, 2]); buffer.WriteString('HI')
    let conn = m.Open('tcp', \`\${Host}:\${Port}\`); conn.SendHex(buffer.Hex())
    let data = conn.Recv(64); conn.Close()
    Export({ hex: data.map((one) => one.toString(16)).join(), sum: md5('x') })`
  const plans = [
    script('exports', code, { matchers: [{ type: 'dsl', dsl: ["hex == 'ff,0,6f,6b'", "sum == '9dd4e461268c8034f5c8564e155c67a6'"], condition: 'and' }] }, String(port)),
    script('not-there', code, { 'pre-condition': 'isPortOpen(Host, 1)' }, String(port)),
  ]
  const { matches, asked } = await lookPort(port, plans)
  assert.deepEqual(matches.map(({ data }) => data.template), ['exports'])
  assert.deepEqual(asked, [1, 2])
  assert.equal(Buffer.from(matches[0]!.proof!.exchanges[0]!.received, 'base64').toString('latin1'), '\xff\x00ok')
})

test('a script without an end, one that eats memory and one that asks for ever are stopped, and say nothing', async (t) => {
  const { port } = await serve(t, 'x', () => null)
  const plans = [
    script('spins', 'for (;;) {}', {}, String(port)), script('eats', "let all = []; for (;;) all.push('x'.repeat(5000) + all.length)", {}, String(port)),
    script('asks', "for (;;) { try { require('nuclei/net').Open('tcp', Host + ':1') } catch (error) {} }", {}, String(port)),
    script('escapes', "globalThis.process === undefined && typeof fetch === 'undefined' && [].constructor.constructor('return typeof process')() === 'undefined'", {}, String(port)),
  ]
  const { matches, asked } = await lookPort(port, plans)
  assert.deepEqual(matches.map(({ data }) => data.template), ['escapes'])
  assert.deepEqual(asked, [4])
})

test('log4shell: what a target logs makes it look a name up, which the listener hears', async (t) => {
  const listener = await openListener({ address: '127.0.0.1', port: 0, domain: 'oast.example', dnsPort: 0, now: Date.now })
  t.after(() => listener.close())
  listener.admit(parseIpSet('127.0.0.1'))
  await listener.begin('127.0.0.1')
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([`127.0.0.1:${listener.dnsPort!}`])
  const { port } = await serve(t, '', (text) => {
    const name = /\$\{jndi:ldap:\/\/([^/}]+)/.exec(text)?.[1]
    if (name !== undefined) void resolver.resolve4(name).catch(() => {})
    return 'logged\r\n'
  })
  const plan = tcp('log4j', {
    port: String(port), inputs: [{ data: '${jndi:ldap://web.{{interactsh-url}}/a}\r\n' }], 'matchers-condition': 'and',
    matchers: [{ type: 'word', part: 'interactsh_protocol', words: ['dns'] }, { type: 'regex', part: 'interactsh_request', regex: ['web\\.[a-z0-9]+\\.oast\\.example'] }],
  })
  const { matches } = await lookPort(port, [plan], { callbacks: listener })
  assert.equal(matches.length, 1)
  assert.equal(matches[0]!.proof!.callbacks![0]!.protocol, 'dns')
  assert.match(matches[0]!.proof!.controlNote!, /token/)
  const quiet = await serve(t, '', () => 'logged\r\n')
  assert.deepEqual((await lookPort(quiet.port, [tcp('log4j', { ...planBlock, port: String(quiet.port) })], { callbacks: listener })).matches, [])
  // Without a listener it is not run, and nothing is concluded.
  const without = await lookPort(port, [plan])
  assert.deepEqual([without.matches.length, without.asked.length, without.notes[0]!.code], [0, 0, 'unsent'])
})

const planBlock = { inputs: [{ data: '${jndi:ldap://{{interactsh-url}}/a}\r\n' }], matchers: [{ type: 'word', part: 'interactsh_protocol', words: ['dns'] }] }

test('SSRF: a service that fetches what it is told is heard over HTTP', async (t) => {
  const listener = await openListener({ now: Date.now })
  t.after(() => listener.close())
  listener.admit(parseIpSet('127.0.0.1'))
  await listener.begin('127.0.0.1')
  const { port } = await serve(t, '', (text) => {
    const url = /FETCH (http:\S+)/.exec(text)?.[1]
    if (url !== undefined) void fetch(url).catch(() => {})
    return 'queued\r\n'
  })
  const plan = tcp('ssrf', { port: String(port), inputs: [{ data: 'FETCH http://{{interactsh-url}}\r\n' }], matchers: [{ type: 'word', part: 'interactsh_protocol', words: ['http'] }] })
  const { matches } = await lookPort(port, [plan], { callbacks: listener })
  // No name leads to this listener: that no lookup came proves nothing.
  assert.deepEqual((await lookPort(port, [tcp('lookup', { ...planBlock, port: String(port) })], { callbacks: listener })).asked, [])
  assert.equal(matches.length, 1)
  assert.match(matches[0]!.proof!.callbacks![0]!.request, /^GET \/[a-z2-7]{26} HTTP\/1\.1/)
})
