import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Observation } from '#core/observation.ts'
import { eachPort, parseProtoPorts } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import { Unseen, type Probe, type Sight } from '../probe.ts'
import type { UdpService } from '../service.ts'
import { loopbackProfile, withTools } from '../testing.ts'
import { discover } from '../discover/discover.ts'
import { mostOpen, ports } from './ports.ts'
import { udpWith } from './udp.ts'

async function openPorts(t: TestContext, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const server = createServer((socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    return (server.address() as AddressInfo).port
  }))
}

const host: Observation<'host'> = { kind: 'host', at: { asset: 'a', address: '127.0.0.1' }, seen: 0, by: 'discover@1', data: { up: true, why: '' } }

async function run(probe: Probe<'host'>, changes: Partial<Profile>): Promise<Sight[]> {
  const profile = { ...loopbackProfile, ...changes }
  assert.ok(probe.wants(host, profile))
  return withTools(async (tools, signal) => {
    const sights: Sight[] = []
    for await (const sight of probe.run(host, tools, signal)) sights.push(sight)
    return sights
  }, profile)
}

const open = (sights: readonly Sight[]): number[] => sights.flatMap((sight) => (sight.kind === 'port' ? [sight.at.port!] : [])).sort((a, b) => a - b)
const tested = (sights: readonly Sight[]): string[] => sights.flatMap((sight) => (sight.kind === 'tested' ? [sight.ports] : []))
const untested = (sights: readonly Sight[]): string[] => sights.flatMap((sight) => (sight.kind === 'untested' ? [`${sight.ports} ${sight.code}`] : []))

test('every port of the host is answered for: all open ones found, none invented', async (t) => {
  const mine = await openPorts(t, 12)
  const sights = await run(ports, { tcp: '1-65535', pace: { ...loopbackProfile.pace, perHost: 256 } })
  for (const port of mine) assert.ok(open(sights).includes(port), String(port))
  assert.deepEqual(untested(sights), [])
  assert.deepEqual(tested(sights), ['tcp:1-65535'])
})

test('a dropped handshake is not tested, and is asked twice', async (t) => {
  const child = spawn('python3', ['-c', [
    'import socket,sys',
    's=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0)',
    'held=[]',
    'for _ in range(4):',
    '  c=socket.socket(); c.setblocking(False); c.connect_ex(s.getsockname()); held.append(c)',
    'print(s.getsockname()[1],flush=True); sys.stdin.read()',
  ].join('\n')], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  const [line] = await once(child.stdout, 'data')
  const port = Number(String(line))
  const limits = { ...loopbackProfile.limits, connect: 250 }
  const sights = await run(ports, { tcp: `1,${port}`, limits })
  assert.deepEqual([open(sights), tested(sights), untested(sights)], [[], ['tcp:1'], [`tcp:${port} timeout`]])
  await withTools(async (tools) => {
    assert.deepEqual(await discover('127.0.0.1', { ...tools, profile: { ...tools.profile, limits, discovery: { alwaysUp: false, tcp: String(port), icmp: false } } }), { up: false, why: 'no answer on 1 ports' })
    assert.equal((await discover('127.0.0.1', { ...tools, profile: { ...tools.profile, limits, discovery: { alwaysUp: false, tcp: `1,${port}`, icmp: false } } })).up, true)
  }, { ...loopbackProfile, limits, discovery: { alwaysUp: false, tcp: '', icmp: false } })
})

test('a host on which everything is open is looked at in part, and says so', async (t) => {
  const child = spawn('python3', ['-c', [
    'import socket,sys,resource',
    'resource.setrlimit(resource.RLIMIT_NOFILE,(4096,4096))',
    'held=[socket.create_server(("127.0.0.77",20000+i)) for i in range(1100)]',
    'print("up",flush=True); sys.stdin.read()',
  ].join('\n')], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  await once(child.stdout, 'data')
  const profile = { ...loopbackProfile, tcp: '20000-21099' }
  await withTools(async (tools, signal) => {
    const sights: Sight[] = []
    for await (const sight of ports.run({ ...host, at: { asset: 'a', address: '127.0.0.77' } }, tools, signal)) sights.push(sight)
    assert.equal(open(sights).length, mostOpen)
    assert.equal(untested(sights).length, 100)
  }, profile)
})

test('UDP: an answer, a closed port, silence, a stranger', async (t) => {
  const sockets = await Promise.all(['echo', 'mute', 'odd'].map(async (kind) => {
    const socket = createSocket('udp4')
    socket.on('message', (_, from) => {
      if (kind !== 'mute') socket.send(kind, from.port, from.address)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }))
  const gone = createSocket('udp4')
  gone.bind(0, '127.0.0.1')
  await once(gone, 'listening')
  const numbers = [...sockets, gone].map((socket) => socket.address().port)
  gone.close()
  t.after(() => sockets.forEach((socket) => socket.close()))
  const [echo, mute, odd, closed] = numbers as [number, number, number, number]
  const service: UdpService = {
    name: 'echo', ports: [...numbers, 9],
    async look({ ask }) {
      const { answers, evidence } = await ask([Buffer.from('who')])
      return Buffer.from(answers[0]!).toString() === 'echo' ? { evidence, facts: { x: 1 } } : null
    },
  }
  const broken: UdpService = { name: 'broken', ports: [odd], look: () => Promise.reject(new Unseen('silent', 'never')) }
  const sights = await run(udpWith([service]), { udp: numbers.join() })
  assert.deepEqual(open(sights), [echo, odd].sort((a, b) => a - b))
  const found = sights.filter((sight) => sight.kind === 'service')
  assert.deepEqual(found.map((sight) => [sight.at.port, sight.data]), [[echo, { name: 'echo', tls: false, facts: { x: 1 } }]])
  const conclusive = new Set(tested(sights).flatMap((text) => [...eachPort(parseProtoPorts(text).udp)]))
  assert.deepEqual(conclusive, new Set([echo, odd, closed]))
  assert.deepEqual(untested(sights), [`udp:${mute} silent`])
  assert.deepEqual(untested(await run(udpWith([service, broken]), { udp: String(odd) })), [`udp:${odd} silent`])
})
