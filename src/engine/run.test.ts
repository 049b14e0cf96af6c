import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import type { Kind, Observation } from '#core/observation.ts'
import type { Profile } from '#core/profile.ts'
import type { SliceHost } from '#core/slice.ts'
import { ports } from './ports/ports.ts'
import { Unseen, type Probe } from './probe.ts'
import { runScan, type RunOptions, type RunResult } from './run.ts'
import { loopbackProfile } from './testing.ts'

async function openPort(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end())
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

function hostsOf(...addresses: string[]): SliceHost[] {
  return addresses.map((address) => ({ asset: address, address, names: [] }))
}

function profileFor(port: number, changes: Partial<Profile> = {}): Profile {
  return { ...loopbackProfile, tcp: String(port), udp: '', discovery: { alwaysUp: false, tcp: String(port) }, ...changes }
}

async function scan(options: Partial<RunOptions> & Pick<RunOptions, 'probes' | 'profile'>): Promise<{ events: ScanEvent[]; result: RunResult }> {
  const events: ScanEvent[] = []
  const result = await runScan({
    hosts: hostsOf('127.0.0.1'), scope: parseIpSet('127.0.0.0/8'), exclude: [], asks: [], now: Date.now,
    signal: new AbortController().signal, sink: (event) => void events.push(event), ...options,
  })
  return { events, result }
}

function probe<K extends Kind>(id: string, on: K, run: Probe<K>['run']): Probe {
  return { id, version: 1, on, effect: 'harmless', needs: {}, wants: () => true, run } as Probe
}

function seenBy(events: readonly ScanEvent[], by: string): Observation[] {
  return events.flatMap((event) => (event.type === 'seen' && event.seen.by === `${by}@1` ? [event.seen] : []))
}

function covered(events: readonly ScanEvent[], id: string): string[] {
  return events.flatMap((event) => (event.type === 'covered' && event.probe === id ? [event.ports + (event.signatures === undefined ? '' : ` for ${event.signatures.join()}`)] : []))
}

function failures(events: readonly ScanEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'failed' ? [`${event.probe} ${event.ports} ${event.code}`] : []))
}

function outcomes(events: readonly ScanEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'done' ? [`${event.address} ${event.outcome}`] : []))
}

test('an observation is processed once, however often and by whomever it is yielded', async (t) => {
  const port = await openPort(t)
  let calls = 0
  const twice = probe('twice', 'port', async function* (seen) {
    for (let index = 0; index < 3; index++) yield { kind: 'service', at: seen.at, data: { name: 'x', tls: false, facts: {} } }
  })
  const same = probe('same', 'port', async function* (seen) {
    yield { kind: 'service', at: seen.at, data: { name: 'x', tls: false, facts: {} } }
  })
  const after = probe('after', 'service', async function* () {
    calls += 1
    yield* []
  })
  const { events } = await scan({ probes: [ports as Probe, twice, same, after], profile: profileFor(port) })
  assert.equal(calls, 1)
  assert.equal(events.filter((event) => event.type === 'seen' && event.seen.kind === 'service').length, 1)
  assert.deepEqual(covered(events, 'after'), [`tcp:${port}`])
})

test('a chain without an end is cut at eight, and says so', async (t) => {
  const port = await openPort(t)
  let deepest = 0
  const chain = probe('chain', 'service', async function* (seen) {
    deepest += 1
    yield { kind: 'service', at: seen.at, data: { name: `${seen.data.name}x`, tls: false, facts: {} } }
  })
  const start = probe('start', 'port', async function* (seen) {
    yield { kind: 'service', at: seen.at, data: { name: 'x', tls: false, facts: {} } }
  })
  const { events } = await scan({ probes: [ports as Probe, start, chain], profile: profileFor(port) })
  assert.equal(deepest, 7)
  assert.deepEqual(failures(events), [`chain tcp:${port} depth`])
  assert.deepEqual(covered(events, 'chain'), [])
})

test('what one probe throws is its own: the others go on, and nothing is concluded from it', async (t) => {
  const port = await openPort(t)
  const wild = probe('wild', 'port', async function* (seen) {
    yield { kind: 'service', at: seen.at, data: { name: 'kept', tls: false, facts: {} } }
    throw new TypeError('a bug')
  })
  const blind = probe('blind', 'port', async function* () {
    yield* []
    throw new Unseen('timeout', 'no answer')
  })
  const fine = probe('fine', 'port', async function* () {})
  const lost = { ...probe('lost', 'port', async function* () {}), wants: () => { throw new Error('no') } }
  const liar = probe('liar', 'port', async function* () {
    yield { kind: 'port', at: { asset: 'x', address: '127.0.0.2', port: 1, proto: 'tcp' }, data: { state: 'open' } }
  })
  const never = { ...probe('never', 'http', async function* () {}) }
  const { events } = await scan({ probes: [ports as Probe, wild, blind, fine, lost, liar, never], profile: profileFor(port) })
  assert.deepEqual(failures(events).sort(), [`blind tcp:${port} timeout`, `lost tcp:${port} internal`, `wild tcp:${port} internal`, 'liar tcp:1 internal'].sort())
  assert.equal(seenBy(events, 'wild').length, 1)
  assert.deepEqual(covered(events, 'fine'), [`tcp:${port}`])
  assert.deepEqual(covered(events, 'never'), [], 'what might have led to it failed')
  assert.deepEqual(outcomes(events), ['127.0.0.1 scanned'])
})

test('coverage: open and refused are answers; a probe that was never called is covered where nothing failed', async (t) => {
  const port = await openPort(t)
  const other = await openPort(t)
  const closed = port === 1 ? 2 : 1
  const half = probe('half', 'port', async function* (seen) {
    if (seen.at.port === other) throw new Unseen('reset', 'cut')
    yield { kind: 'asked', at: seen.at, signatures: [7, 3] }
  })
  const never = probe('never', 'http', async function* () {})
  const { events } = await scan({ probes: [ports as Probe, half, never], profile: profileFor(port, { tcp: `${closed},${port},${other}` }) })
  const both = [port, other].sort((a, b) => a - b)
  assert.equal(covered(events, 'ports').length, 1)
  for (const each of [closed, ...both]) assert.match(covered(events, 'ports')[0]!, new RegExp(`\\b${each}\\b|-`))
  assert.deepEqual(covered(events, 'half'), [`tcp:${closed}`, `tcp:${port} for 3,7`])
  assert.deepEqual(covered(events, 'never'), [`tcp:${closed},${port}`])
})

test('excluded and foreign addresses are refused, a silent one is dead, and all are named', async (t) => {
  const port = await openPort(t)
  // Only sockets bound to 127.0.0.1 answer; elsewhere on loopback the port refuses, which is an answer too.
  const { events, result } = await scan({
    probes: [ports as Probe], profile: profileFor(port), hosts: hostsOf('127.0.0.1', '127.0.0.2', '127.0.0.3', '127.1.0.1'),
    scope: parseIpSet('127.0.0.0/24'), exclude: parseIpSet('127.0.0.3'),
  })
  assert.deepEqual(outcomes(events).sort(), ['127.0.0.1 scanned', '127.0.0.2 scanned', '127.0.0.3 refused', '127.1.0.1 refused'])
  assert.deepEqual(result, { begun: 4, done: 4, drained: false })
  assert.ok(!events.some((event) => event.type === 'seen' && ['127.0.0.3', '127.1.0.1'].includes(event.seen.at.address)))
})

test('a host that takes too long comes out partial, with what was seen', async (t) => {
  const port = await openPort(t)
  const slow = probe('slow', 'port', async function* (seen, tools) {
    yield { kind: 'service', at: seen.at, data: { name: 'x', tls: false, facts: {} } }
    for (;;) {
      const result = await tools.net.connect({ address: seen.at.address, port })
      if ('failed' in result) throw new Unseen(result.failed, result.text)
      result.close()
    }
  })
  const profile = profileFor(port, { limits: { ...loopbackProfile.limits, host: 200 } })
  const { events } = await scan({ probes: [ports as Probe, slow], profile })
  assert.deepEqual(outcomes(events), ['127.0.0.1 partial'])
  assert.deepEqual(failures(events), [`slow tcp:${port} budget`])
  assert.equal(seenBy(events, 'slow').length, 1)
})

test('a long list is read as there is room, and a slow reader holds the run back', async (t) => {
  const port = await openPort(t)
  let taken = 0
  function* list(): Generator<SliceHost> {
    for (let index = 0; index < 65_536; index++) {
      taken += 1
      yield { asset: 'x', address: `127.9.${index >> 8}.${index & 255}`, names: [] }
    }
  }
  let release: (() => void) | null = null
  const held = new Promise<void>((resolve) => (release = resolve))
  const controller = new AbortController()
  let events = 0
  const running = scan({
    probes: [ports as Probe], profile: profileFor(port, { pace: { ...loopbackProfile.pace, hosts: 2 } }), hosts: list(), signal: controller.signal,
    sink: async () => {
      events += 1
      await held
    },
  })
  for (let before = -1; before !== taken || taken === 0 || events === 0;) {
    before = taken
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.ok(taken <= 16, `${taken} hosts were taken while nobody took an event`)
  assert.equal(events, 1)
  controller.abort()
  release!()
  const { result } = await running
  assert.equal(result.drained, true)
  assert.ok(result.done <= result.begun)
})

test('a stop leaves hosts under way without a done; a drain finishes them', async (t) => {
  const port = await openPort(t)
  for (const [how, expected] of [['signal', []], ['drain', ['127.0.0.1 scanned']]] as const) {
    const controller = new AbortController()
    const stopping = probe('stopping', 'port', async function* () {
      controller.abort()
      yield* []
    })
    const { events, result } = await scan({
      probes: [ports as Probe, stopping], hosts: hostsOf('127.0.0.1', '127.0.0.2'), [how]: controller.signal,
      profile: profileFor(port, { pace: { ...loopbackProfile.pace, hosts: 1 } }),
    })
    assert.deepEqual(outcomes(events).slice(0, expected.length), expected, how)
    if (how === 'signal') assert.deepEqual(outcomes(events), [])
    assert.equal(result.drained || result.begun === 2, true)
  }
})

test('a sink that fails ends the run with its own error', async (t) => {
  const port = await openPort(t)
  await assert.rejects(scan({ probes: [ports as Probe], profile: profileFor(port), sink: () => Promise.reject(new Error('disk full')) }), /disk full/)
})

test('while all looks at a host let time pass, the next host is looked at, though only one may be', async (t) => {
  const port = await openPort(t)
  const order: string[] = []
  const stop = new AbortController()
  const waiting = probe('waiting', 'host', async function* (seen, tools) {
    if (seen.at.address === '127.0.0.2') return void order.push('the second host')
    await tools.rest!(600_000)
    yield* []
  })
  const profile = profileFor(port, { pace: { ...loopbackProfile.pace, hosts: 1 } })
  const { result } = await scan({ hosts: hostsOf('127.0.0.1', '127.0.0.2'), probes: [waiting], profile, signal: stop.signal, sink: (event) => void (event.type === 'done' && stop.abort()) })
  assert.deepEqual([order, result.begun, result.done], [['the second host'], 2, 1])
})
