import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Slice } from '#core/slice.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { withStore } from '../../../test/database.ts'
import { done, redis } from '../../../test/contracts/channel.ts'
import { findingsOf, launch, makeProfile, makeScanTenant, readContent, scanNow } from '../../../test/contracts/scan-world.ts'
import { addExclusion } from '../asset/exclusion.ts'
import { registerBuiltIn } from '../scanner/registry.ts'
import { openPlatformChannel, type PlatformChannel } from './channel.ts'
import { launchVerification } from './launch.ts'
import { readCoverage } from './coverage.ts'
import { compareScans } from './compare.ts'
import { pauseScan } from './state.ts'
import { expireLeases, watchScans } from './watchdog.ts'

type World = Readonly<{ store: Store; tenant: string; platform: PlatformChannel; id: string; profileId: string; lease(most?: number, holds?: readonly string[]): Promise<readonly Slice[]> }>

async function open(context: TestContext, clock: () => number = Date.now): Promise<World> {
  const { store } = await withStore(context)
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge, now: clock })
  context.after(() => platform.stop())
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, clock()))
  const channel = platform.of({ id, tenant: null, network: null })
  const profileId = await makeProfile(store, tenant, [1])
  const lease = (most = 1, holds: readonly string[] = []) =>
    channel.lease({ id, software: '1', content: '', holds, capacity: 64 }, most, AbortSignal.timeout(2000))
  return { store, tenant, platform, id, profileId, lease }
}

const channelOf = ({ platform, id }: World) => platform.of({ id, tenant: null, network: null })

test('a large range is cut as scanners take it, and every address is scanned once', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const scan = await launch(store, tenant, { targets: '127.1.0.0/22', profileId })
  const count = async (): Promise<number> => store.read(tenant, async (tx) => {
    const [row] = await tx.sql<{ n: number }[]>`select count(*)::int as n from scan_host where tenant_id = ${tenant} and scan_id = ${scan.id}`
    return row!.n
  })
  assert.equal((await scanNow(store, tenant, scan.id)).hosts_total, 1024)
  assert.ok((await count()) <= 4 * 64, 'the whole range was cut at launch')
  const seen = new Set<string>()
  for (;;) {
    const [slice] = await world.lease()
    if (slice === undefined) break
    assert.ok(slice.hosts.length <= 64)
    for (const host of slice.hosts) {
      assert.ok(!seen.has(host.address), `${host.address} was leased twice`)
      seen.add(host.address)
    }
    await channelOf(world).report(slice.id, 1, slice.hosts.map((host) => done(host.asset, host.address)))
    await channelOf(world).finish(slice.id, 'done')
    if ((await scanNow(store, tenant, scan.id)).state === 'Finished') break
  }
  assert.equal(seen.size, 1024)
  const ended = await scanNow(store, tenant, scan.id)
  assert.deepEqual([ended.state, ended.sub_state, ended.hosts_done, ended.hosts_dead], ['Finished', 'No_Host', 1024, 1024])
})

test('a /16 is launched at once, without 65,536 rows', async (context) => {
  const { store, tenant, profileId } = await open(context)
  const scan = await launch(store, tenant, { targets: '127.2.0.0/16', profileId })
  const [row] = await store.read(tenant, (tx) => tx.sql<{ n: number }[]>`
    select count(*)::int as n from scan_host where tenant_id = ${tenant} and scan_id = ${scan.id}`)
  assert.equal(row!.n, 256)
  assert.equal((await scanNow(store, tenant, scan.id)).hosts_total, 65_536)
})

test('what is not scanned is listed with its reason; nothing left is refused', async (context) => {
  const { store, tenant, profileId } = await open(context)
  const at = new Date()
  await store.write(tenant, (tx) => addExclusion(tx, tenant, { set: parseIpSet('127.0.0.16/28'), names: [] },
    { comment: 'the printers', until: null, by: { id: newId(), name: 'Test' }, at }))
  const scan = await launch(store, tenant, { targets: '127.0.0.0/27, 126.0.0.0/30, localhost', profileId })
  const rows = await store.read(tenant, (tx) => tx.sql<{ target: string; reason: string; addresses: number; text: string }[]>`
    select target, reason, addresses, text from scan_dropped where tenant_id = ${tenant} and scan_id = ${scan.id} order by target`)
  assert.deepEqual(rows.map((row) => [row.target, row.reason, row.addresses]), [
    ['126.0.0.0/30', 'notRegistered', 4], ['127.0.0.16/28', 'excluded', 16], ['localhost', 'unresolved', 1],
  ])
  assert.match(rows[1]!.text, /the printers/)
  assert.equal((await scanNow(store, tenant, scan.id)).hosts_total, 16)
  await assert.rejects(launch(store, tenant, { targets: '127.0.0.20', profileId }),
    /Nothing is left to scan in "127.0.0.20".*the printers/)
  await assert.rejects(launch(store, tenant, { targets: '126.0.0.1', profileId }), /Nobody has declared .* may scan "126.0.0.1"/)
  await assert.rejects(launch(store, tenant, { targets: '  ', profileId }), /Say what to scan/)
  await assert.rejects(launch(store, tenant, { targets: '127.0.0.1/33', profileId }), /prefix/)
})

test('what is excluded after the launch gets no packet: it is not dispatched', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const scan = await launch(store, tenant, { targets: '127.0.0.1-127.0.0.4', profileId })
  await store.write(tenant, (tx) => addExclusion(tx, tenant, { set: parseIpSet('127.0.0.2-127.0.0.3'), names: [] },
    { comment: 'not now', until: null, by: { id: newId(), name: 'Test' }, at: new Date() }))
  const [slice] = await world.lease()
  assert.deepEqual(slice!.hosts.map((host) => host.address), ['127.0.0.1', '127.0.0.4'])
  await channelOf(world).report(slice!.id, 1, slice!.hosts.map((host) => done(host.asset, host.address, 'scanned')))
  await channelOf(world).finish(slice!.id, 'done')
  const ended = await scanNow(store, tenant, scan.id)
  assert.deepEqual([ended.state, ended.sub_state, ended.hosts_untested], ['Finished', 'Not_Tested', 2])
  const coverage = await store.read(tenant, (tx) => readCoverage(tx, scan.id, null))
  assert.deepEqual(coverage.untested.map(({ hosts, examples }) => [hosts, examples]), [[2, ['127.0.0.2', '127.0.0.3']]])
  assert.match(coverage.untested[0]!.why, /excluded/)
  assert.equal(coverage.text, '2 of 4 hosts tested to the end, 2 not tested.')
})

test('a host that kills scanners is found, reported as not tested, and takes nobody with it', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const scan = await launch(store, tenant, { targets: '127.0.0.1-127.0.0.5', profileId })
  let leases = 0
  // A scanner that dies, holding all it has, whenever 127.0.0.3 is in its slice; others get through before it dies.
  for (;;) {
    const [slice] = await world.lease(1)
    if (slice === undefined) break
    assert.ok(++leases < 60, 'it never came to an end')
    if (slice.hosts.some((host) => host.address === '127.0.0.3')) continue
    await channelOf(world).report(slice.id, slice.seq, slice.hosts.map((host) => done(host.asset, host.address, 'scanned')))
    await channelOf(world).finish(slice.id, 'done')
  }
  const ended = await scanNow(store, tenant, scan.id)
  assert.deepEqual([ended.state, ended.sub_state, ended.hosts_done, ended.hosts_untested], ['Finished', 'Not_Tested', 5, 1])
  const coverage = await store.read(tenant, (tx) => readCoverage(tx, scan.id, null))
  assert.deepEqual(coverage.untested[0]!.examples, ['127.0.0.3'])
  assert.match(coverage.untested[0]!.why, /died or failed 5 times/)
})

test('a suspect runs alone', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  await launch(store, tenant, { targets: '127.0.0.1', profileId })
  for (let lost = 0; lost < 2; lost++) assert.equal((await world.lease(4)).length, 1)
  await launch(store, tenant, { targets: '127.0.0.9', profileId })
  // The third lease of the suspect must wait until the scanner is empty.
  const [fresh, ...none] = await world.lease(4)
  assert.deepEqual([fresh!.hosts[0]!.address, none.length], ['127.0.0.9', 0])
  assert.deepEqual(await world.lease(4, [fresh!.id]), [])
  await channelOf(world).report(fresh!.id, 1, fresh!.hosts.map((host) => done(host.asset, host.address)))
  await channelOf(world).finish(fresh!.id, 'done')
  assert.deepEqual((await world.lease(4)).map((slice) => slice.hosts[0]!.address), ['127.0.0.1'])
})

test('a scan whose scanner fell silent does not stay Running', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const scan = await launch(store, tenant, { targets: '127.0.0.1-127.0.0.2', profileId })
  const [slice] = await world.lease()
  await channelOf(world).report(slice!.id, 1, [done(slice!.hosts[0]!.asset, '127.0.0.1')])
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Running')
  await expireLeases(store, Date.now() + 31_000)
  const now = await scanNow(store, tenant, scan.id)
  assert.equal(now.state, 'Queued')
  assert.match(now.state_text, /waiting for a scanner/)
  assert.equal(now.hosts_done, 1)
})

test('a window pauses a scan at its end and resumes it days later at the same hour', async (context) => {
  let clock = Date.parse('2026-03-27T22:00:00Z')
  const world = await open(context, () => clock)
  const { store, tenant, profileId } = world
  const scan = await launch(store, tenant, { targets: '127.0.0.1-127.0.0.2', profileId, pauseAfterMinutes: 60, resumeInDays: 1 },
    new Map(), clock)
  const [slice] = await world.lease()
  assert.equal(slice!.windowEnds, clock + 3_600_000)
  clock += 3_600_001
  await watchScans(store, clock)
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Pausing')
  assert.equal(await channelOf(world).report(slice!.id, 1, []), 'pause')
  await channelOf(world).finish(slice!.id, 'paused')
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Paused')
  clock = Date.parse('2026-03-28T21:59:00Z')
  await watchScans(store, clock)
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Paused')
  clock = Date.parse('2026-03-28T22:00:01Z')
  await watchScans(store, clock)
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Queued')
  assert.equal((await world.lease())[0]!.id, slice!.id)
})

test('a paused scan ends itself after ten days, and one with an end is cancelled at it', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const now = Date.now()
  const paused = await launch(store, tenant, { targets: '127.0.0.1', profileId })
  const ending = await launch(store, tenant, { targets: '127.0.0.2', profileId, endAfterMinutes: 30 })
  await store.write(tenant, (tx) => pauseScan(tx, paused.id, 'paused by a test', now))
  assert.equal((await scanNow(store, tenant, paused.id)).state, 'Paused')
  await watchScans(store, now + 31 * 60_000)
  assert.deepEqual([(await scanNow(store, tenant, ending.id)).state, (await scanNow(store, tenant, ending.id)).state_text],
    ['Canceled', 'its time was up'])
  await watchScans(store, now + 9.9 * 86_400_000)
  assert.equal((await scanNow(store, tenant, paused.id)).state, 'Paused')
  await watchScans(store, now + 10.1 * 86_400_000)
  assert.deepEqual([(await scanNow(store, tenant, paused.id)).state, (await scanNow(store, tenant, paused.id)).state_text],
    ['Canceled', 'it was paused for 10 days'])
})

test('one finding is verified before everything else, on its port, with its check alone', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  await launch(store, tenant, { targets: '127.0.0.5', profileId })
  const [slice] = await world.lease()
  const host = slice!.hosts[0]!
  await channelOf(world).report(slice!.id, 1, [...redis(host.asset, host.address), done(host.asset, host.address, 'scanned')])
  await channelOf(world).finish(slice!.id, 'done')
  assert.ok((await findingsOf(store, tenant)).some((line) => line.includes(' 40101 tcp 6379 ')))
  await launch(store, tenant, { targets: '127.0.0.0/24', profileId })
  const scan = await store.write(tenant, (tx) => launchVerification(tx, {
    signature: 40101, asset: host.asset, address: host.address, names: [], network: tenant, port: 6379, proto: 'tcp',
    title: 'Redis',
  }, { by: null, content: 'test', now: Date.now() }))
  const [urgent] = await world.lease(0)
  assert.equal(urgent!.scan, scan.id)
  assert.deepEqual([urgent!.profile.tcp, urgent!.profile.udp, urgent!.profile.signatures, urgent!.hosts.length],
    ['6379', '', [40101], 1])
  const gone = [
    { type: 'seen', seen: { kind: 'host', at: { asset: host.asset, address: host.address }, seen: Date.now(), by: 'discover@1',
      data: { up: true, why: 'it answers' } } },
    { type: 'covered', asset: host.asset, address: host.address, probe: 'ports', ports: 'tcp:6379', login: false,
      at: Date.now() },
    done(host.asset, host.address, 'scanned'),
  ] as const
  await channelOf(world).report(urgent!.id, 1, gone)
  await channelOf(world).finish(urgent!.id, 'done')
  assert.equal((await scanNow(store, tenant, scan.id)).state, 'Finished')
  assert.ok((await findingsOf(store, tenant)).some((line) => /^127\.0\.0\.5 40101 tcp 6379 .* fixed /.test(line)))
})

test('two scans are compared: new, gone, and what the newer did not test', async (context) => {
  const world = await open(context)
  const { store, tenant, profileId } = world
  const scanWith = async (addresses: readonly string[],
    eventsOf: (asset: string, address: string) => readonly ScanEvent[]): Promise<string> => {
    const scan = await launch(store, tenant, { targets: addresses.join(','), profileId })
    const [slice] = await world.lease()
    await channelOf(world).report(slice!.id, 1, slice!.hosts.flatMap((host) => [...eventsOf(host.asset, host.address)]))
    await channelOf(world).finish(slice!.id, 'done')
    return scan.id
  }
  const older = await scanWith(['127.0.0.1', '127.0.0.2'],
    (asset, address) => [...redis(asset, address), done(asset, address, 'scanned')])
  const newer = await scanWith(['127.0.0.1', '127.0.0.2', '127.0.0.3'], (asset, address) => {
    if (address === '127.0.0.1') {
      return [
        redis(asset, address)[0]!, { type: 'covered', asset, address, probe: 'ports', ports: 'tcp:6379', login: false,
          at: Date.now() }, done(asset, address, 'scanned'),
      ]
    }
    return address === '127.0.0.2' ? [redis(asset, address)[0]!, done(asset, address, 'scanned')] : [...redis(asset, address),
      done(asset, address, 'scanned')]
  })
  const compared = await store.read(tenant, (tx) => compareScans(tx, newer, older, null, () => false))
  const of = (change: string): string[] => [...new Set(compared.findings.filter((row) => row.change === change).map((row) => row.address))]
  assert.deepEqual([of('new'), of('gone'), of('notTested')], [['127.0.0.3'], ['127.0.0.1'], ['127.0.0.2']])
  assert.equal(compared.counts.same, 0)
})
