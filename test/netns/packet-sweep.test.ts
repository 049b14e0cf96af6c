import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Outcome, Task } from './packet-program.ts'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

const program = fileURLToPath(new URL('packet-program.ts', import.meta.url))
const flags = ['--disable-warning=ExperimentalWarning']

async function perform(task: Task, before: readonly string[] = []): Promise<Outcome> {
  const [first, ...words] = [...before, process.execPath, ...flags, program, JSON.stringify(task)]
  const child = world.scanner.spawn(first!, words)
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0, err)
  return JSON.parse(out) as Outcome
}

const states = (outcome: Outcome, address: string): readonly string[] => (outcome.swept[address] ?? []).map(({ port, state }) => `${port} ${state}`).sort()

suite('packets', { concurrency: false }, () => {
  const rules = [
    'tcp dport 82 drop',
    'tcp dport 83 reject with icmpx type port-unreachable',
    'tcp dport 84 reject with icmpx type admin-prohibited',
    'tcp dport 85 reject with icmpx type host-unreachable',
    'tcp dport 86 reject with tcp reset',
  ]
  const truth = ['80 open', '81 open', '82 silent', '83 rejected', '84 rejected', '85 rejected']

  test('open, closed, dropped and every kind of rejected port are told apart, over IPv4 and IPv6, several hosts at once', async () => {
    const addresses = ['10.77.0.20', '10.77.0.21', 'fd77::20']
    for (const list of [['10.77.0.20/24', 'fd77::20/64'], ['10.77.0.21/24']]) {
      const host = await world.host(list)
      for (const port of [80, 81, 82, 83, 84, 85, 86]) await host.serve(port, 'web')
      await host.filter(rules)
    }
    const outcome = await perform({ scope: '10.77.0.0/24,fd77::/64', sweep: addresses, ports: '1-1000' })
    assert.equal(outcome.method, 'syn (packet ring)')
    for (const address of addresses) assert.deepEqual(states(outcome, address), truth, address)
    const texts = outcome.swept['10.77.0.20']!.map(({ port, text }) => `${port} ${text}`)
    assert.ok(texts.includes('83 rejected: ICMP error 3/3 from 10.77.0.20'), texts.join('\n'))
    const stack = outcome.swept['10.77.0.20']!.find(({ port }) => port === 80)?.stack
    assert.deepEqual([stack?.ttl, stack?.options], [64, 'MSTNW'])
  })

  test('without the right to packets, connections find the same open ports, and why is told', async () => {
    const outcome = await perform({ scope: '10.77.0.0/24', sweep: ['10.77.0.20'], ports: '70-90' }, ['setpriv', '--reuid', '65534', '--clear-groups', '--inh-caps=-all'])
    assert.equal(outcome.method, 'connect')
    assert.match(outcome.why, /cap_net_raw/)
    assert.deepEqual(states(outcome, '10.77.0.20').filter((text) => text.endsWith('open')), ['80 open', '81 open'])
    assert.ok(!states(outcome, '10.77.0.20').includes('82 open'))
  })

  test('a profile for fragile devices and one that asks for connections get connections', async () => {
    for (const profile of [{ fragile: true }, { packets: 'connect' as const }]) {
      const outcome = await perform({ scope: '10.77.0.0/24', sweep: ['10.77.0.21'], ports: '80-81', profile })
      assert.equal(outcome.method, 'connect')
      assert.deepEqual(states(outcome, '10.77.0.21'), ['80 open', '81 open'])
    }
  })

  test('a long way that loses packets hides no open port', async () => {
    const host = await world.farHost('10.77.1.30', { delay: 80, loss: 60 })
    const open = [22, 80, 443, 8080, 9000, 9100]
    for (const port of open) await host.serve(port, 'web')
    const outcome = await perform({ scope: '10.77.1.30', sweep: ['10.77.1.30'], look: ['10.77.1.30'], ports: '20-100,440-445,8000-8100,8995-9105' })
    assert.deepEqual(states(outcome, '10.77.1.30').filter((text) => text.endsWith('open')), open.map((port) => `${port} open`).sort())
    assert.equal(outcome.looked['10.77.1.30']?.up, true)
  })

  test('neighbours are found by asking the network, whatever they drop, and nobody is found where nobody is', async () => {
    const mute = await world.host(['10.77.0.40/24', 'fd77::40/64'])
    await mute.filter(['ip protocol tcp drop', 'ip protocol icmp drop', 'meta l4proto tcp drop'])
    const outcome = await perform({ scope: '10.77.0.0/24,fd77::/64', look: ['10.77.0.40', 'fd77::40', '10.77.0.41', 'fd77::41', '10.77.0.1'] })
    assert.deepEqual(outcome.looked['10.77.0.40'], { up: true, why: 'answers ARP', took: (outcome.looked['10.77.0.40'] as { took?: number }).took })
    assert.equal(outcome.looked['fd77::40']?.why, 'answers the search for neighbours')
    assert.equal(outcome.looked['10.77.0.1']?.up, true)
    for (const nobody of ['10.77.0.41', 'fd77::41']) assert.equal(outcome.looked[nobody]?.why, 'no answer: nobody on the network has the address')
  })

  test('no packet leaves for an address that is excluded or outside, and none with another source than our own', async () => {
    const packets = await world.captured(async () => {
      const all = ['10.77.0.20', '10.77.0.21', '10.77.0.22', '10.77.0.23', '10.77.2.1', 'fd77::20', 'fd77::21']
      const outcome = await perform({ scope: '10.77.0.20-23,fd77::20-fd77::22', exclude: '10.77.0.21,10.77.0.23,fd77::21', look: all, sweep: all, ports: '79-90', profile: { discovery: { alwaysUp: false, tcp: '80', udp: '53' } } })
      assert.deepEqual(outcome.refused.toSorted(), ['10.77.0.21', '10.77.0.23', '10.77.2.1', 'fd77::21'].flatMap((address) => [`${address}: OutOfScope`, `${address}: OutOfScope`]))
    })
    const to = packets.filter(({ kind }) => kind !== 'group')
    assert.deepEqual([...new Set(to.map((packet) => packet.to))].sort(), ['10.77.0.20', '10.77.0.22', 'fd77::20'])
    assert.deepEqual([...new Set(to.map((packet) => packet.from))].sort(), ['10.77.0.1', 'fd77::1'])
    assert.deepEqual([...new Set(to.map(({ kind }) => kind))].sort(), ['arp', 'neighbour', 'tcp'])
  })

  test('a stop ends the packets of a sweep that is under way', async () => {
    const packets = await world.captured(async () => {
      const outcome = await perform({ scope: '10.77.0.20', sweep: ['10.77.0.20'], ports: '1000-65535', stopAfter: 500, profile: { pace: { hosts: 1, connections: 64, perHost: 64, rate: 2000 } } })
      const left = outcome.swept['10.77.0.20']!.filter(({ state }) => state === 'silent')
      assert.ok(left.length > 55_000 && left.every(({ failed }) => failed === 'aborted'), `${left.length} left`)
    })
    const sent = packets.filter(({ syn }) => syn).length
    assert.ok(sent >= 500 && sent < 10_000, `${sent} packets`)
  })
})
