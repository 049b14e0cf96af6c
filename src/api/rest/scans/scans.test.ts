import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import { addToRegister, lockRegister } from '#platform/asset/register.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { sliceEngine } from '#scanner/engine.ts'
import { startScanner } from '#scanner/scanner.ts'
import { newId } from '#store/id.ts'
import { signUp, withServer, type Browser, type TestServer } from '../../../../test/server.ts'
import { openRedis, openSilence, readContent, until } from '../../../../test/contracts/scan-world.ts'
import type { Comparison, Coverage, Scan, ScanHostList, ScanList } from './schemas.ts'
import type { OptionProfile, ProfileList } from '../profiles/schemas.ts'
import type { Scanner, ScannerList } from '../scanners/schemas.ts'
import type { Schedule, ScheduleList } from '../schedules/schemas.ts'

type World = Readonly<{ server: TestServer; browser: Browser; call: Call }>
type Call = <T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object, who?: Pick<Browser, 'headers'>,
) => Promise<Readonly<{ status: number; body: T }>>

async function open(context: TestContext): Promise<World> {
  let stop = async (): Promise<void> => {}
  context.after(() => stop())
  const holder: { channel?: Awaited<ReturnType<typeof openPlatformChannel>> } = {}
  const server = await withServer(context, {
    channel: { of: (...call) => holder.channel!.of(...call), knowledge: () => holder.channel!.knowledge(), swapped: () => {}, stop: async () => {} },
  })
  const { store } = server.database
  const knowledge = await readContent(store)
  holder.channel = await openPlatformChannel({ store, knowledge: () => knowledge })
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const scanner = startScanner({
    channel: holder.channel.of({ id, tenant: null, network: null }), engine: sliceEngine, id, software: 'test', capacity: 4,
    spool: null, heartbeatMs: 300,
    tell: () => {}, onError: (error) => context.diagnostic(String(error)),
  })
  const channel = holder.channel
  stop = async () => {
    await scanner.stop()
    await channel.stop()
  }
  const browser = await signUp(server)
  await register(server, browser.tenant)
  const call: Call = async (method, url, body, who = browser) => {
    const answer = await server.app.inject({ method, url: `/api/v1${url}`, headers: who.headers,
      ...(body === undefined ? {} : { payload: body }) })
    return { status: answer.statusCode, body: answer.body === '' ? null as never : answer.json() }
  }
  return { server, browser, call }
}

async function register({ database }: TestServer, tenant: string): Promise<void> {
  await database.store.write(tenant, async (tx) => {
    await lockRegister(tx, tenant)
    await addToRegister(tx, tenant, { set: parseIpSet('127.0.0.0/8'), names: ['localhost'] },
      { comment: '', authority: newId(), by: 'Test', at: new Date() })
  })
}

async function profile(call: Call, port: number): Promise<string> {
  const { body, status } = await call<OptionProfile>('POST', '/profiles', {
    name: `Port ${port}`, settings: { tcp: String(port), udp: '', discovery: { alwaysUp: false, tcp: String(port) } },
  })
  assert.equal(status, 201)
  return body.id
}

const ended = (call: Call, id: string, state = 'Finished') => until(`${id} to be ${state}`, async () => {
  const { body } = await call<Scan>('GET', `/scans/${id}`)
  return body.state === state && body
})

test('a scan is started, watched, listed, compared and removed over the API', async (context) => {
  const { call } = await open(context)
  const redis = await openRedis('127.0.0.81')
  context.after(() => redis.close())
  const profileId = await profile(call, redis.port)
  const launched = await call<Scan>('POST', '/scans',
    { targets: '127.0.0.81, 127.0.0.82, localhost, 126.0.0.1', profileId, title: 'First look' })
  assert.equal(launched.status, 201, JSON.stringify(launched.body))
  assert.match(launched.body.reference, /^scan\/\d{10}\.\d+$/)
  assert.deepEqual(launched.body.dropped.map((dropped) => [dropped.target, dropped.reason, dropped.count]),
    [['126.0.0.1', 'notRegistered', 1]])
  const first = await ended(call, launched.body.id)
  assert.deepEqual([first.hostsTotal, first.hostsDone, first.hostsUp, first.progress, first.portsOpen], [3, 3, 3, 100, 1])
  assert.ok(first.found > 0)
  assert.deepEqual(first.actions, { pause: false, resume: false, cancel: false })

  const hosts = await call<ScanHostList>('GET', `/scans/${first.id}/hosts?limit=2`)
  const rest = await call<ScanHostList>('GET', `/scans/${first.id}/hosts?limit=2&after=${hosts.body.next}`)
  const listed = [...hosts.body.items, ...rest.body.items]
  assert.deepEqual(listed.map((host) => [host.address, host.names, host.outcome]), [
    ['127.0.0.1', ['localhost'], 'scanned'], ['127.0.0.81', [], 'scanned'], ['127.0.0.82', [], 'scanned'],
  ])
  assert.ok(listed[1]!.worst > 0 && listed[1]!.portsOpen === 1)
  assert.equal(rest.body.next, null)
  const coverage = await call<Coverage>('GET', `/scans/${first.id}/coverage`)
  assert.deepEqual([coverage.body.hosts.scanned, coverage.body.tcpPorts, coverage.body.dropped.targets], [3, 1, 1])

  await redis.close()
  const second = await ended(call, (await call<Scan>('POST', '/scans', { targets: '127.0.0.81', profileId })).body.id)
  const compared = await call<Comparison>('GET', `/scans/${second.id}/compare/${first.id}`)
  assert.ok(compared.body.counts.gone > 0, JSON.stringify(compared.body))
  assert.equal(compared.body.counts.notTested, 0)
  assert.equal((await call('GET', `/scans/${second.id}/compare/${second.id}`)).status, 400)

  const list = await call<ScanList>('GET', '/scans?limit=1')
  assert.equal(list.body.items[0]!.id, second.id)
  const page = await call<ScanList>('GET', `/scans?limit=1&after=${list.body.next}`)
  assert.deepEqual([page.body.items[0]!.id, page.body.next], [first.id, null])
  assert.deepEqual((await call<ScanList>('GET', '/scans?text=first%20LOOK')).body.items.map((row) => row.id), [first.id])
  assert.equal((await call('DELETE', `/scans/${first.id}`)).status, 204)
  assert.equal((await call('GET', `/scans/${first.id}`)).status, 404)
})

test('a running scan pauses, resumes and is cancelled within seconds', async (context) => {
  const { call } = await open(context)
  const silence = await openSilence('127.0.0.91')
  context.after(() => silence.close())
  const profileId = await profile(call, silence.port)
  const { body } = await call<Scan>('POST', '/scans', { targets: '127.0.0.91', profileId })
  await until('the scanner to be at work', async () => silence.connections() > 1)
  assert.equal((await call<Scan>('POST', `/scans/${body.id}/pause`)).status, 200)
  const paused = await ended(call, body.id, 'Paused')
  assert.match(paused.stateText, /paused by/)
  assert.ok(paused.expiresAt !== null)
  assert.equal((await call('POST', `/scans/${body.id}/pause`)).status, 409)
  assert.equal((await call('DELETE', `/scans/${body.id}`)).status, 409)
  await call('POST', `/scans/${body.id}/resume`)
  await ended(call, body.id, 'Running')
  await call('POST', `/scans/${body.id}/cancel`)
  const cancelled = await ended(call, body.id, 'Canceled')
  assert.equal(cancelled.hostsDone, 0)
  const coverage = await call<Coverage>('GET', `/scans/${body.id}/coverage`)
  assert.equal(coverage.body.hosts.waiting, 1)
})

test('a scan nobody can take says whom it waits for', async (context) => {
  const { call, browser, server } = await open(context)
  const network = newId()
  await server.database.store.write(browser.tenant, async (tx) => {
    await tx.sql`insert into network (tenant_id, id, name, created_at) values (${browser.tenant}, ${network}, 'Plant 2',
      ${new Date()})`
    await lockRegister(tx, network)
    await addToRegister(tx, network, { set: parseIpSet('127.0.0.1'), names: [] },
      { comment: '', authority: newId(), by: 'Test', at: new Date() })
  })
  const { body } = await call<Scan>('POST', '/scans', { targets: '127.0.0.1', networkId: network })
  assert.match(body.stateText, /A scanner of the network "Plant 2" must come online/)
})

test('option profiles are shipped, copied, changed, and guarded', async (context) => {
  const { call } = await open(context)
  const { body } = await call<ProfileList>('GET', '/profiles')
  assert.deepEqual(body.items.map((item) => item.name), ['Standard', 'Quick', 'Full', 'Gentle', 'Fragile devices', 'Top 10'])
  assert.equal(body.items[2]!.tcpPorts, 65535)
  assert.equal((await call('PATCH', `/profiles/${body.items[0]!.id}`, { name: 'Mine' })).status, 409)
  const copy = await call<OptionProfile>('POST', '/profiles',
    { name: 'Night', copyOf: body.items[3]!.id, settings: { tcp: '443,80,81-83' } })
  assert.deepEqual([copy.body.settings.tcp, copy.body.settings.pace.rate, copy.body.description],
    ['80-83,443', 50, 'Copy of Gentle'])
  assert.equal((await call('POST', '/profiles', { name: 'Night' })).status, 409)
  const wrong = await call<{ detail: string }>('PATCH', `/profiles/${copy.body.id}`, { settings: { tcp: '70000' } })
  assert.deepEqual([wrong.status, wrong.body.detail],
    [400, '"70000" is not a port list. Write it as 22,80,8000-8100, with ports from 1 to 65535.'])
  assert.equal((await call('PATCH', `/profiles/${copy.body.id}`, { settings: { tcp: '', udp: '' } })).status, 400)
  await call('PATCH', `/profiles/${copy.body.id}`, { isDefault: true })
  assert.equal((await call<ProfileList>('GET', '/profiles')).body.items[0]!.name, 'Night')
  assert.equal((await call('DELETE', `/profiles/${copy.body.id}`)).status, 409)
  await call('PATCH', `/profiles/${body.items[0]!.id}`, { isDefault: true })
  assert.equal((await call('DELETE', `/profiles/${copy.body.id}`)).status, 204)
})

test('scanners are registered, shown with their code to those who may, and removed', async (context) => {
  const { call, server, browser } = await open(context)
  const made = await call<Scanner>('POST', '/scanners', { name: 'Plant' })
  assert.match(made.body.activationCode!, /^([2-9A-HJ-NP-Z]{5}-){3}[2-9A-HJ-NP-Z]{5}$/)
  const reader = await signUp(server, 'reader', browser.tenant)
  const shown = await call<ScannerList>('GET', '/scanners', undefined, reader)
  assert.deepEqual(shown.body.items.map((item) => [item.name, item.status, item.builtIn, item.activationCode]),
    [['Built-in', 'online', true, null], ['Plant', 'new', false, null]])
  assert.equal((await call('POST', '/scanners', { name: 'Mine' }, reader)).status, 403)
  assert.equal((await call('DELETE', `/scanners/${shown.body.items[0]!.id}`)).status, 409)
  assert.equal((await call('POST', '/scanners', { name: 'Plant' })).status, 409)
  assert.equal((await call('DELETE', `/scanners/${made.body.id}`)).status, 204)
})

test('schedules are previewed, made, changed and removed over the API', async (context) => {
  const { call } = await open(context)
  const when = { timeZone: 'Europe/Berlin', startsAt: '2030-01-01T22:30', recurrence: { kind: 'weekly', every: 1, days: ['MO'] } }
  const preview = await call<{ text: string; upcoming: string[] }>('POST', '/schedules/preview', when)
  assert.deepEqual([preview.body.text, preview.body.upcoming[0]],
    ['Every week on Monday at 22:30 (Europe/Berlin)', '2030-01-07T21:30:00.000Z'])
  const made = await call<Schedule>('POST', '/schedules', { name: 'Weekly', targets: '127.0.0.1', ...when })
  assert.deepEqual([made.status, made.body.nextAt, made.body.profileName], [201, '2030-01-07T21:30:00.000Z', 'Standard'])
  const off = await call<Schedule>('PATCH', `/schedules/${made.body.id}`, { active: false })
  assert.deepEqual([off.body.nextAt, off.body.upcoming], [null, []])
  assert.equal((await call<ScheduleList>('GET', '/schedules')).body.items.length, 1)
  assert.equal((await call('POST', '/schedules', { name: 'Bad', targets: '127.0.0.1', ...when, timeZone: 'Nowhere' })).status,
    400)
  assert.equal((await call('DELETE', `/schedules/${made.body.id}`)).status, 204)
})

test('a person with a narrower scope sees the scans they started, and no others', async (context) => {
  const { call, server, browser } = await open(context)
  const group = newId()
  await server.database.store.write(browser.tenant, async (tx) => {
    await tx.sql`insert into asset_group (tenant_id, id, name, impact, comment, created_at) values (${browser.tenant}, ${group},
      'Mine', 2, '', ${new Date()})`
    await tx.sql`insert into asset_group_range (tenant_id, group_id, network_id, first, last) values (${browser.tenant}, ${group},
      ${browser.tenant}, '127.0.0.1', '127.0.0.1')`
  })
  const narrow = await signUp(server, 'scanner', browser.tenant, [group])
  const profileId = await profile(call, 1)
  const theirs = await call<Scan>('POST', '/scans', { targets: '127.0.0.2', profileId })
  const mine = await call<Scan>('POST', '/scans', { targets: '127.0.0.1-127.0.0.2', profileId }, narrow)
  assert.deepEqual([mine.status, mine.body.hostsTotal, mine.body.dropped.map((dropped) => dropped.target)],
    [201, 1, ['127.0.0.2']])
  assert.deepEqual((await call<ScanList>('GET', '/scans', undefined, narrow)).body.items.map((row) => row.id), [mine.body.id])
  for (const path of ['', '/hosts', '/coverage', `/compare/${mine.body.id}`]) {
    assert.equal((await call('GET', `/scans/${theirs.body.id}${path}`, undefined, narrow)).status, 404, path)
  }
  assert.equal((await call('POST', `/scans/${theirs.body.id}/cancel`, undefined, narrow)).status, 404)
})
