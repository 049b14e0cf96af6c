import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorityStatement } from '#core/authority.ts'
import { until } from '../story/platform.ts'
import { startPlatformIn, type PlatformInside } from './platform-world.ts'
import { openWorld, type Host, type World } from './world.ts'

type Finding = Readonly<{ id: string; signature: number; port: number; status: string; timesFound: number; instance: string; asset: Readonly<{ id: string; address: string }> }>
type Detail = Finding & Readonly<{ evidence: Readonly<{ sent: string; received: string; scanner: Readonly<{ name: string }> | null }>; lastTest: Readonly<{ tested: boolean; text: string }> }>
type Scan = Readonly<{ id: string; state: string; stateText: string; network: Readonly<{ name: string }> }>
type ScanHost = Readonly<{ address: string; outcome: string; why: string }>

/** An open store: the finding whose life is watched. */
const openStore = 40101
const store = { dropped: 6379, rejected: 6380, mute: 6381, gone: 6382, locked: 6383, reset: 6384, same: 6385 } as const

let world: World
let branch: World
let platform: PlatformInside
let host: Host
let dark: Host
let profileId: string
const closing: (() => Promise<void>)[] = []

before(async () => {
  world = await openWorld()
  closing.push(() => world.close())
  branch = await openWorld()
  closing.push(() => branch.close())
  await world.cable(world.scanner, '10.78.0.1/30', branch.scanner, '10.78.0.2/30')
  host = await world.host(['10.77.0.10/24', 'fd77::10/64'])
  for (const port of Object.values(store)) await host.serve(port, 'store')
  await host.serve(80, 'web')
  dark = await world.host(['10.77.0.11/24'])
  await dark.serve(store.same, 'store')
  platform = await startPlatformIn(world.scanner, '10.78.0.1')
  closing.push(() => platform.stop())
  await platform.post('/identity/welcome', { token: platform.welcome, organisation: 'Analytical Engines', name: 'Ada', email: 'ada@example.test', password: 'a long walk in the rain' })
  const profile = await platform.post<{ id: string }>('/profiles', { name: 'Stores', settings: { tcp: `80,${Object.values(store).join()}`, udp: '' } })
  profileId = profile.id
})
after(async () => {
  for (const close of closing.toReversed()) await close()
})

async function scan(targets: string, networkId?: string): Promise<Scan> {
  const { id } = await platform.post<{ id: string }>('/scans', { targets, profileId, ...(networkId === undefined ? {} : { networkId }) })
  return until(() => platform.get<Scan>(`/scans/${id}`), ({ state }) => ['Finished', 'Error', 'Canceled'].includes(state), 90)
}

async function register(text: string, networkId?: string): Promise<void> {
  await platform.post('/addresses', { text, statement: authorityStatement, ...(networkId === undefined ? {} : { networkId }) })
}

/** Open stores by address and port, whatever their status. */
async function stores(address: string): Promise<ReadonlyMap<number, Finding>> {
  const found: Finding[] = []
  for (const status of ['new', 'active', 'reopened', 'fixed']) {
    const { items } = await platform.get<{ items: Finding[] }>(`/findings?limit=200&q=${encodeURIComponent(`check:${openStore} status:${status}`)}`)
    found.push(...items.filter((one) => one.asset.address === address))
  }
  return new Map(found.map((one) => [one.port, one]))
}

async function statuses(address: string): Promise<Readonly<Record<string, string>>> {
  const found = await stores(address)
  return Object.fromEntries(Object.entries(store).flatMap(([fate, port]) => (found.has(port) ? [[fate, found.get(port)!.status]] : [])))
}

test('a finding is closed by a refusal or a repair alone: not by silence, a reject, a hang or a dark host; and it is opened again', async () => {
  await register('10.77.0.10-11')
  assert.equal((await scan('10.77.0.10-11')).state, 'Finished')
  const all = (status: string): Record<string, string> => Object.fromEntries(Object.keys(store).map((fate) => [fate, status]))
  assert.deepEqual(await statuses('10.77.0.10'), all('new'))
  assert.deepEqual(await statuses('10.77.0.11'), { same: 'new' })

  await host.filter([`tcp dport ${store.dropped} drop`, `tcp dport ${store.rejected} reject with icmp type admin-prohibited`, `tcp dport ${store.reset} reject with tcp reset`])
  await host.serve(store.mute, 'mute')
  await host.serve(store.gone, 'gone')
  await host.serve(store.locked, 'locked')
  await dark.filter(['drop'])
  const second = await scan('10.77.0.10-11')
  assert.equal(second.state, 'Finished', second.stateText)
  const now = await statuses('10.77.0.10')
  assert.deepEqual(now, { dropped: 'new', rejected: 'new', mute: 'new', gone: 'fixed', locked: 'fixed', reset: 'fixed', same: 'active' })
  assert.deepEqual(await statuses('10.77.0.11'), { same: 'new' })
  const found = await stores('10.77.0.10')
  for (const port of [store.dropped, store.rejected, store.mute]) {
    const { lastTest } = await platform.get<Detail>(`/findings/${found.get(port)!.id}`)
    assert.equal(lastTest.tested, false, `${port}: ${lastTest.text}`)
  }
  const { items: hosts } = await platform.get<{ items: ScanHost[] }>(`/scans/${second.id}/hosts`)
  // It drops everything, but says to its neighbours where it is: it is there, and nothing of it was tested.
  assert.equal(hosts.find(({ address }) => address === '10.77.0.11')?.outcome, 'scanned')
  const coverage = await platform.get<{ failures: { probe: string; code: string; example: string }[] }>(`/scans/${second.id}/coverage`)
  const [same] = [...(await stores('10.77.0.11')).values()]
  assert.equal((await platform.get<Detail>(`/findings/${same!.id}`)).lastTest.tested, false)
  const told = coverage.failures.map(({ probe, code }) => `${probe} ${code}`)
  for (const failure of ['ports timeout', 'ports unreachable']) assert.ok(told.includes(failure), told.join(', '))

  await host.filter([])
  for (const port of [store.mute, store.gone, store.locked]) await host.serve(port, 'store')
  await dark.filter([])
  await scan('10.77.0.10-11')
  assert.deepEqual(await statuses('10.77.0.10'), { ...all('active'), gone: 'reopened', locked: 'reopened', reset: 'reopened' })
  assert.deepEqual(await statuses('10.77.0.11'), { same: 'active' })
})

test('what is excluded on the platform gets no packet, nor does what is registered and was not asked for', async () => {
  await register('10.77.0.8-23')
  await platform.post('/exclusions', { text: '10.77.0.11,10.77.0.14-15', comment: 'A controller that must not be touched' })
  const packets = await world.captured(async () => {
    const { state, stateText } = await scan('10.77.0.8-19')
    assert.equal(state, 'Finished', stateText)
  })
  const reached = new Set(packets.filter(({ kind }) => kind !== 'group').map(({ to }) => to))
  const allowed = [8, 9, 10, 12, 13, 16, 17, 18, 19].map((last) => `10.77.0.${last}`)
  assert.deepEqual([...reached].filter((address) => !allowed.includes(address)), [])
  assert.deepEqual(allowed.filter((address) => !reached.has(address)), [])
})

test('an IPv6 host is registered, scanned and found; link-local is refused, and a mapped address is the IPv4 host', async () => {
  for (const text of ['fe80::1', 'fe80::1%net']) {
    const refused = await platform.call<{ detail: string }>('POST', '/addresses', { text, statement: authorityStatement })
    assert.equal(refused.status, 400, text)
    assert.match(refused.body.detail, /link-local/)
  }
  await register('FD77:0:0::0010')
  assert.equal((await scan('FD77::0:10')).state, 'Finished')
  const found = await stores('fd77::10')
  assert.equal(found.size, Object.keys(store).length)
  const { evidence } = await platform.get<Detail>(`/findings/${found.get(store.same)!.id}`)
  assert.match(evidence.received, /redis_version:7\.0\.15/)
  const { items: pages } = await platform.get<{ items: Finding[] }>(`/findings?limit=200&q=${encodeURIComponent('port:80 host:fd77::10')}`)
  assert.ok(pages.length > 0)
  for (const { id } of pages) {
    const page = await platform.get<Detail & { url: string | null }>(`/findings/${id}`)
    if (/^host:/im.test(page.evidence.sent)) assert.match(page.evidence.sent, /^host: \[fd77::10\]\r?$/im)
  }
  // The same host by its mapped name: nothing new is registered, and nothing new is found.
  const times = async (): Promise<readonly (readonly [string, number])[]> =>
    [...(await stores('10.77.0.10')).values()].toSorted((a, b) => a.port - b.port).map(({ id, timesFound }) => [id, timesFound] as const)
  const before = await times()
  await register('::ffff:10.77.0.10')
  assert.equal((await scan('::ffff:10.77.0.10')).state, 'Finished')
  assert.deepEqual(await times(), before.map(([id, count]) => [id, count + 1]))
})

test('the same address in two networks is two hosts, each seen by the scanner that stands there', async () => {
  const twin = await branch.host(['10.77.0.10/24'])
  await twin.serve(store.gone, 'store')
  const network = await platform.post<{ id: string }>('/networks', { name: 'Branch' })
  await register('10.77.0.10', network.id)
  const { activationCode } = await platform.post<{ activationCode: string }>('/scanners', { name: 'Branch scanner', networkId: network.id })
  await platform.addScanner(branch.scanner, activationCode)
  await host.serve(store.gone, 'gone')
  const [here, there] = await Promise.all([scan('10.77.0.10'), scan('10.77.0.10', network.id)])
  assert.deepEqual([here.state, there.state, there.network.name], ['Finished', 'Finished', 'Branch'], `${here.stateText} ${there.stateText}`)
  const { items } = await platform.get<{ items: { id: string; address: string; network: { name: string } }[] }>(`/assets?q=${encodeURIComponent('host:10.77.0.10')}`)
  assert.equal(new Set(items.map(({ network: { name } }) => name)).size, 2, JSON.stringify(items))
  const branchAsset = items.find(({ network: { name } }) => name === 'Branch')!.id
  const seen = async (status: string): Promise<readonly string[]> => {
    const page = await platform.get<{ items: Finding[] }>(`/findings?limit=200&q=${encodeURIComponent(`check:${openStore} port:${store.gone} status:${status}`)}`)
    return page.items.filter(({ asset }) => asset.address === '10.77.0.10').map(({ asset }) => (asset.id === branchAsset ? 'branch' : 'here'))
  }
  assert.deepEqual([await seen('new'), await seen('fixed')], [['branch'], ['here']])
  const { items: both } = await platform.get<{ items: Finding[] }>(`/findings?limit=200&q=${encodeURIComponent(`check:${openStore} status:new,active,reopened`)}`)
  const ours = both.filter(({ asset }) => asset.id === branchAsset)
  assert.deepEqual(ours.map(({ port }) => port), [store.gone], 'the branch host has its own services')
  const { evidence } = await platform.get<Detail>(`/findings/${ours[0]!.id}`)
  assert.equal(evidence.scanner?.name, 'Branch scanner')
})
