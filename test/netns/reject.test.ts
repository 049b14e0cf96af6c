import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { authorityStatement } from '#core/authority.ts'
import { until } from '../story/platform.ts'
import type { Outcome, Task } from './packet-program.ts'
import { startPlatformIn, type PlatformInside } from './platform-world.ts'
import { openWorld, type Host, type Scan, type World } from './world.ts'

type Finding = Readonly<{ id: string; port: number; status: string; asset: Readonly<{ address: string }> }>
type Detail = Finding & Readonly<{ lastTest: Readonly<{ tested: boolean; text: string }> }>

/** An open store: the finding whose life is watched. */
const openStore = 40101
/** What becomes of each port. */
const rules: Readonly<Record<number, string>> = {
  82: 'drop',
  83: 'reject with icmpx type port-unreachable',
  84: 'reject with icmpx type admin-prohibited',
  85: 'reject with icmpx type host-unreachable',
  86: 'reject with tcp reset',
}
const filter = Object.entries(rules).map(([port, verdict]) => `tcp dport ${port} ${verdict}`)
const program = fileURLToPath(new URL('packet-program.ts', import.meta.url))
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const addresses = ['10.77.0.20', 'fd77::20'] as const

let world: World
let host: Host
const closing: (() => Promise<unknown>)[] = []
before(async () => {
  world = await openWorld()
  closing.push(() => world.close())
  host = await world.host(['10.77.0.20/24', 'fd77::20/64'])
  for (const port of [80, 82, 83, 84, 85, 86]) await host.serve(port, 'store')
})
after(async () => {
  for (const close of closing.toReversed()) await close()
})

/** As somebody who may send no packets of their own. */
async function asNobody(words: readonly string[]): Promise<Readonly<{ out: string; code: number }>> {
  const child = world.scanner.spawn('setpriv', ['--reuid', '65534', '--clear-groups', '--inh-caps=-all', process.execPath, '--disable-warning=ExperimentalWarning', ...words])
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const [code] = (await once(child, 'close')) as [number]
  assert.notEqual(out, '', err)
  return { out, code }
}

async function perform(task: Task): Promise<Outcome> {
  return JSON.parse((await asNobody([program, JSON.stringify(task)])).out) as Outcome
}

async function inside(namespace: Readonly<{ spawn: Host['spawn'] }>, program: string, words: readonly string[], input = ''): Promise<void> {
  const child = namespace.spawn(program, words)
  let err = ''
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0, err)
}

test('connections tell an RST from every kind of reject, over IPv4 and IPv6', async () => {
  await host.filter(filter)
  const outcome = await perform({ scope: '10.77.0.0/24,fd77::/64', sweep: addresses, ports: '78-88' })
  assert.equal(outcome.method, 'connect')
  for (const address of addresses) {
    // What is not listed is closed: 86, and where nobody listens.
    const states = outcome.swept[address]!.map(({ port, state }) => `${port} ${state}`).sort()
    assert.deepEqual(states, ['80 open', '82 silent', '83 rejected', '84 silent', '85 silent'], address)
  }
  const text = (address: string): string | undefined => outcome.swept[address]!.find(({ port }) => port === 83)?.text
  assert.equal(text('10.77.0.20'), 'connect: rejected: ICMP error 3/3 from 10.77.0.20')
  assert.equal(text('fd77::20'), 'connect: rejected: ICMP error 1/4 from fd77::20')
})

test('what a router on the way rejects is not tested, over TCP and UDP, and does not show that the host is there', async () => {
  const router = await world.station(['10.77.0.30/24'])
  const far = await world.host([])
  await world.cable(router, '10.79.0.1/24', far, '10.79.0.2/24')
  await far.ip('route add 10.77.0.0/24 via 10.79.0.1')
  await world.scanner.ip('route add 10.79.0.0/24 via 10.77.0.30')
  await inside(router, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
  const words = ['10.79.0.2', '--ports', '6379', '--udp', '53', '--alive']
  const notes = async (): Promise<string> => (await world.scan(words)).summary.notes.join('\n')
  assert.doesNotMatch(await notes(), /udp:53/, 'the host says itself that the port is closed')
  await inside(router, 'nft', ['-f', '-'], 'table inet test { chain way { type filter hook forward priority 0; policy accept; ip daddr 10.79.0.2 reject with icmpx type port-unreachable\n }\n }\n')
  assert.match(await notes(), /udp, unreachable: .*ICMP error 3\/3 from 10\.77\.0\.30 \(10\.79\.0\.2 udp:53\)/)
  const task: Task = { scope: '10.79.0.2', sweep: ['10.79.0.2'], ports: '6379' }
  assert.deepEqual((await perform(task)).swept['10.79.0.2']!.map(({ state, text }) => `${state} ${text}`), ['rejected connect: rejected: ICMP error 3/3 from 10.77.0.30'])
  const { out } = await asNobody([main, 'scan', '10.79.0.2', '--ports', '6379', '--udp', 'none', '--format', 'json'])
  const { summary } = JSON.parse(out) as Pick<Scan, 'summary'>
  assert.deepEqual([summary.scanned, summary.silent], [0, 1])
})

test('a finding behind a firewall that rejects stays open when only connections are made, and is fixed by an RST', async () => {
  await host.filter([])
  const platform: PlatformInside = await startPlatformIn(world.scanner, '10.77.0.1')
  closing.push(() => platform.stop())
  await platform.post('/identity/welcome', { token: platform.welcome, organisation: 'Analytical Engines', name: 'Ada', email: 'ada@example.test', password: 'a long walk in the rain' })
  const { id: profileId } = await platform.post<{ id: string }>('/profiles', { name: 'Connections', settings: { tcp: '80-86', udp: '', packets: 'connect' } })
  await platform.post('/addresses', { text: addresses.join(), statement: authorityStatement })

  async function scanned(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { id } = await platform.post<{ id: string }>('/scans', { targets: addresses.join(), profileId })
    const { state, stateText } = await until(() => platform.get<{ state: string; stateText: string }>(`/scans/${id}`), (scan) => ['Finished', 'Error', 'Canceled'].includes(scan.state), 90)
    assert.equal(state, 'Finished', stateText)
    const found = await findings()
    return Object.fromEntries(addresses.map((address) => [address, found.filter(({ asset }) => asset.address === address).map(({ port, status }) => `${port} ${status}`).sort()]))
  }
  async function findings(): Promise<readonly Finding[]> {
    const pages = ['new', 'active', 'reopened', 'fixed'].map((status) => platform.get<{ items: Finding[] }>(`/findings?limit=200&q=${encodeURIComponent(`check:${openStore} status:${status}`)}`))
    return (await Promise.all(pages)).flatMap(({ items }) => items)
  }
  const everywhere = (states: readonly string[]) => Object.fromEntries(addresses.map((address) => [address, states]))

  assert.deepEqual(await scanned(), everywhere(['80 new', '82 new', '83 new', '84 new', '85 new', '86 new']))
  await host.filter(filter)
  assert.deepEqual(await scanned(), everywhere(['80 active', '82 new', '83 new', '84 new', '85 new', '86 fixed']))
  for (const { id, port } of await findings()) {
    const { lastTest } = await platform.get<Detail>(`/findings/${id}`)
    assert.equal(lastTest.tested, port === 80 || port === 86, `${port}: ${lastTest.text}`)
  }
})
