import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { askUdp, loopbackProfile, lookAt } from '../../testing.ts'
import { listen } from '../../testing-server.ts'
import { sip, sipUdp } from './sip.ts'

const hurried = { ...loopbackProfile, limits: { ...loopbackProfile.limits, answer: 300 } }
const callOf = (request: string): string => /^Call-ID: (.*)$/m.exec(request)?.[1]?.trim() ?? ''
const answer = (request: string, status: string, lines: readonly string[] = []): string => [`SIP/2.0 ${status}`, 'v: SIP/2.0/UDP x;received=127.0.0.1', `i: ${callOf(request)}`, ...lines, 'l: 0', '', ''].join('\r\n')

async function overUdp(t: TestContext, answers: (request: string) => readonly string[]): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    for (const one of answers(bytes.toString('latin1'))) socket.send(one, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket.address().port
}

function overTcp(t: TestContext, answers: (request: string) => readonly string[]): Promise<number> {
  return listen(t, createServer((socket) => socket.on('data', (bytes) => answers(bytes.toString('latin1')).forEach((one) => socket.write(one)))))
}

test('products as they name themselves, with the version', async (t) => {
  for (const [agent, product, version] of [
    ['Asterisk PBX 18.10.0~dfsg', 'Asterisk', '18.10.0'], ['Asterisk PBX certified/18.9-cert3', 'Asterisk', '18.9-cert3'], ['FPBX-16.0.40.7(18.16.0)', 'FreePBX', '16.0.40.7'], ['FreeSWITCH-mod_sofia/1.10.7-release+git~x', 'FreeSWITCH', '1.10.7'],
    ['kamailio (5.6.3 (x86_64/linux))', 'Kamailio', '5.6.3'], ['OpenSIPS (3.2.1 (x86_64/linux))', 'OpenSIPS', '3.2.1'], ['Yealink SIP-T46G 28.83.0.120', 'Yealink phone', '28.83.0.120'], ['somebody', undefined, undefined],
  ] as const) {
    const port = await overUdp(t, (request) => [answer(request, '200 OK', [`Server: ${agent}`, 'Allow: INVITE, ACK,options'])])
    const sighting = await askUdp(sipUdp, port)
    assert.deepEqual([sighting?.product, sighting?.version, sighting?.facts?.methods], [product, version, ['INVITE', 'ACK', 'OPTIONS']], agent)
  }
})

test('a registrar that asks who one is, one that does not, and none', async (t) => {
  for (const [status, lines, facts] of [
    ['401 Unauthorized', ['WWW-Authenticate: Digest realm="asterisk",nonce="x",algorithm=SHA-256,qop="auth"', 'WWW-Authenticate: Digest realm="asterisk",nonce="y"'], { registerAuth: true, digests: ['SHA-256', 'MD5'], realm: 'asterisk' }],
    ['200 OK', [], { registerAuth: false }], ['404 Not Found', [], {}], ['405 Method Not Allowed', [], {}],
  ] as const) {
    const talk = (request: string): readonly string[] => (request.startsWith('OPTIONS') ? [answer(request, '200 OK')] : request.startsWith('NOTHING') ? [answer(request, '405 Method Not Allowed')] : [answer(request, '100 Trying'), answer(request, status, lines)])
    for (const sighting of [await askUdp(sipUdp, await overUdp(t, talk)), await lookAt(sip, await overTcp(t, talk))]) assert.deepEqual(sighting?.facts, { status: 200, methods: [], ...facts }, status)
  }
})

test('who grants whatever is asked, or keeps silent to nonsense, is no registrar that lets strangers in', async (t) => {
  for (const nonsense of [['200 OK'], []]) {
    const talk = (request: string): readonly string[] => (request.startsWith('NOTHING') ? nonsense.map((status) => answer(request, status)) : [answer(request, '200 OK')])
    for (const sighting of [await askUdp(sipUdp, await overUdp(t, talk), { profile: hurried }), await lookAt(sip, await overTcp(t, talk), { profile: hurried })]) assert.deepEqual([sighting?.facts, sighting?.incomplete?.code], [{ status: 200, methods: [] }, nonsense.length === 0 ? 'timeout' : undefined])
  }
})

test('a registrar that keeps silent leaves the question open', async (t) => {
  const sighting = await askUdp(sipUdp, await overUdp(t, (request) => (request.startsWith('OPTIONS') ? [answer(request, '200 OK')] : [])), { profile: hurried })
  // Incomplete, so that nothing found before is closed by it.
  assert.deepEqual([sighting?.facts, sighting?.incomplete], [{ status: 200, methods: [] }, { code: 'timeout', text: 'no answer to REGISTER' }])
})

test('strangers, other calls, and answers without end are not taken for SIP', async (t) => {
  for (const one of ['HTTP/1.1 400 Bad Request\r\nCall-ID: x\r\n\r\n', 'SIP/2.0 200 OK\r\nCall-ID: another@call\r\n\r\n', 'SIP/2.0 200', 'SIP/2.0 999 x\r\n\r\n', '\0'.repeat(1400)]) {
    assert.equal(await askUdp(sipUdp, await overUdp(t, () => [one]), { profile: hurried }), null, one.slice(0, 20))
    assert.equal(await lookAt(sip, await overTcp(t, () => [one]), { profile: hurried }), null, one.slice(0, 20))
  }
  // Endless headers, and a body that never comes whole.
  for (const one of [(request: string) => `SIP/2.0 200 OK\r\nCall-ID: ${callOf(request)}\r\n${'x: y\r\n'.repeat(20_000)}`, (request: string) => `SIP/2.0 200 OK\r\nCall-ID: ${callOf(request)}\r\nContent-Length: 99999\r\n\r\n`]) {
    assert.equal(await lookAt(sip, await overTcp(t, (request) => [one(request)]), { profile: hurried }), null)
  }
})

test('REGISTER names no contact, and nobody who might exist', async (t) => {
  const asked: string[] = []
  await askUdp(sipUdp, await overUdp(t, (request) => {
    asked.push(request)
    return [answer(request, '200 OK')]
  }))
  const register = asked.find((one) => one.startsWith('REGISTER'))!
  assert.doesNotMatch(register, /^(?:contact|m|expires) *:/im)
  assert.match(register, /^To: <sip:vigil-[0-9a-f]{8}@127\.0\.0\.1>$/m)
  assert.ok(asked.every((one) => one.endsWith('\r\n\r\n') && /^Content-Length: 0\r$/m.test(one)))
})
