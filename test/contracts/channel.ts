import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { VigilError } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Slice } from '#core/slice.ts'
import type { ScannerChannel, ScannerInfo } from '#channel/channel.ts'
import type { FingerprintSet } from '#platform/kb/fingerprints.ts'
import { cancelScan, pauseScan, resumeScan } from '#platform/scan/state.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { expireLeases } from '#platform/scan/watchdog.ts'
import { findingsOf, launch, makeProfile, scanNow } from './scan-world.ts'

/** One end of the channel, over a database of its own, with a tenant that has 127.0.0.0/8 registered. */
export type ChannelWorld = Readonly<{
  store: Store
  tenant: string
  /** Two scanners of the tenant's default network. */
  channel: ScannerChannel
  other: ScannerChannel
  id: string
  otherId: string
}>

const never = new AbortController().signal

/** What every end of the channel must keep. */
export function channelContract(name: string, open: (context: TestContext) => Promise<ChannelWorld>): void {
  const me = (world: ChannelWorld, holds: readonly string[] = []): ScannerInfo => ({ id: world.id, software: '1.0', content: '',
    holds, capacity: 4 })
  const you = (world: ChannelWorld): ScannerInfo => ({ ...me(world), id: world.otherId })

  async function leased(world: ChannelWorld, targets = '127.0.0.1-127.0.0.3'): Promise<Readonly<{ scan: string; slice: Slice }>> {
    const profileId = await makeProfile(world.store, world.tenant, [1])
    const scan = await launch(world.store, world.tenant, { targets, profileId })
    const [slice] = await world.channel.lease(me(world), 1, never)
    assert.ok(slice !== undefined, 'nothing was leased')
    return { scan: scan.id, slice }
  }

  test(`${name}: a slice holds what was asked for, and is leased once`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world)
    assert.equal(slice.scan, scan)
    assert.deepEqual(slice.hosts.map((host) => host.address), ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    assert.equal(slice.profile.tcp, '1')
    assert.equal(slice.seq, 1)
    const hurry = AbortSignal.timeout(300)
    assert.deepEqual(await world.other.lease(you(world), 4, hurry).catch(() => []), [])
    assert.equal((await scanNow(world.store, world.tenant, scan)).state, 'Loading')
  })

  test(`${name}: a waiting scanner is woken by a launch`, async (context) => {
    const world = await open(context)
    const waiting = world.channel.lease(me(world), 1, never)
    const profileId = await makeProfile(world.store, world.tenant, [1])
    const scan = await launch(world.store, world.tenant, { targets: '127.0.0.9', profileId })
    assert.deepEqual((await waiting).map((slice) => slice.scan), [scan.id])
  })

  test(`${name}: batches are taken in order, each once, whatever is sent again`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world)
    const [first, second, third] = slice.hosts.map((host) => done(host.asset, host.address))
    assert.equal(await world.channel.report(slice.id, 1, [first!]), 'go on')
    assert.equal(await world.channel.report(slice.id, 1, [first!]), 'go on')
    assert.equal(await world.channel.report(slice.id, 2, []), 'go on')
    assert.equal(await world.channel.report(slice.id, 2, [second!]), 'go on')
    await assert.rejects(world.channel.report(slice.id, 7, [third!]),
      (error) => error instanceof VigilError && error.code === 'scan.batch_gap')
    assert.equal((await scanNow(world.store, world.tenant, scan)).hosts_done, 2)
    assert.equal(await world.channel.report(slice.id, 3, [third!]), 'go on')
    await world.channel.finish(slice.id, 'done')
    await world.channel.finish(slice.id, 'done')
    const ended = await scanNow(world.store, world.tenant, scan)
    assert.deepEqual([ended.state, ended.hosts_done, ended.hosts_dead], ['Finished', 3, 3])
    assert.equal(ended.sub_state, 'No_Host')
    assert.equal(await world.channel.report(slice.id, 4, [third!]), 'stop')
  })

  test(`${name}: what was seen becomes findings, once, though the host was begun twice`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world, '127.0.0.5')
    const host = slice.hosts[0]!
    assert.equal(await world.channel.report(slice.id, 1, redis(host.asset, host.address)), 'go on')
    await world.channel.finish(slice.id, 'partial')
    const [again] = await world.other.lease(you(world), 1, never)
    assert.deepEqual([again!.id, again!.seq], [slice.id, 2])
    assert.equal(await world.channel.report(slice.id, 2, redis(host.asset, host.address)), 'stop')
    await world.other.report(slice.id, 2, [...redis(host.asset, host.address), done(host.asset, host.address, 'scanned')])
    await world.other.finish(slice.id, 'done')
    assert.equal((await scanNow(world.store, world.tenant, scan)).state, 'Finished')
    const findings = await findingsOf(world.store, world.tenant)
    assert.ok(findings.length > 0)
    assert.ok(findings.every((line) => line.endsWith(' new 1')), findings.join('\n'))
  })

  test(`${name}: hosts that are not the slice's are not believed`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world)
    const stranger = newId()
    assert.equal(await world.channel.report(slice.id, 1,
      [...redis(stranger, '127.0.0.77'), done(stranger, '127.0.0.77', 'scanned')]), 'go on')
    assert.equal(await world.channel.report(slice.id, 2, [done(slice.hosts[0]!.asset, '127.9.9.9')]), 'go on')
    assert.equal((await scanNow(world.store, world.tenant, scan)).hosts_done, 0)
    assert.deepEqual(await findingsOf(world.store, world.tenant), [])
  })

  test(`${name}: what is not done goes back to the queue, and no more than that`, async (context) => {
    const world = await open(context)
    const { slice } = await leased(world)
    await world.channel.report(slice.id, 1, [done(slice.hosts[1]!.asset, slice.hosts[1]!.address)])
    await world.channel.finish(slice.id, 'partial')
    const [again] = await world.other.lease(you(world), 1, never)
    assert.deepEqual(again!.hosts.map((host) => host.address), ['127.0.0.1', '127.0.0.3'])
  })

  test(`${name}: a slice its scanner does not hold any more is leased again at once`, async (context) => {
    const world = await open(context)
    const { slice } = await leased(world)
    const [again] = await world.channel.lease(me(world, []), 1, never)
    assert.equal(again!.id, slice.id)
    const hurry = AbortSignal.timeout(300)
    assert.deepEqual(await world.channel.lease(me(world, [slice.id]), 1, hurry).catch(() => []), [])
  })

  test(`${name}: a lease that ran out is another's, or its own when nobody took it`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world)
    assert.equal(await expireLeases(world.store, Date.now() + 60_000), 1)
    assert.equal((await scanNow(world.store, world.tenant, scan)).state, 'Queued')
    assert.equal(await world.channel.report(slice.id, 1, [done(slice.hosts[0]!.asset, slice.hosts[0]!.address)]), 'go on')
    assert.equal((await scanNow(world.store, world.tenant, scan)).state, 'Running')
    assert.equal(await expireLeases(world.store, Date.now() + 60_000), 1)
    const [taken] = await world.other.lease(you(world), 1, never)
    assert.equal(taken!.id, slice.id)
    assert.equal(await world.channel.report(slice.id, 2, []), 'stop')
    await world.channel.finish(slice.id, 'done')
    assert.equal(await world.other.report(slice.id, 2, []), 'go on')
  })

  test(`${name}: pause, resume and cancel reach the scanner with its next word`, async (context) => {
    const world = await open(context)
    const { scan, slice } = await leased(world)
    const state = async (): Promise<string> => (await scanNow(world.store, world.tenant, scan)).state
    await world.store.write(world.tenant, (tx) => pauseScan(tx, scan, 'paused by a test', Date.now()))
    assert.equal(await state(), 'Pausing')
    assert.equal(await world.channel.report(slice.id, 1, []), 'pause')
    await world.channel.finish(slice.id, 'paused')
    assert.equal(await state(), 'Paused')
    const hurry = AbortSignal.timeout(300)
    assert.deepEqual(await world.other.lease(you(world), 1, hurry).catch(() => []), [])
    await world.store.write(world.tenant, (tx) => resumeScan(tx, scan, Date.now()))
    const [again] = await world.channel.lease(me(world), 1, never)
    assert.equal(again!.id, slice.id)
    await world.store.write(world.tenant, (tx) => cancelScan(tx, scan, 'cancelled by a test', Date.now()))
    assert.equal(await state(), 'Canceling')
    assert.equal(await world.channel.report(slice.id, 1, []), 'stop')
    await world.channel.finish(slice.id, 'partial')
    assert.equal(await state(), 'Canceled')
  })

  test(`${name}: content comes when it is another, and not when it is on board`, async (context) => {
    const world = await open(context)
    const pack = await world.channel.content('')
    assert.ok(pack !== null && pack.signatures.length > 100)
    assert.equal(await world.channel.content(pack.release), null)
    // Fingerprints are a part of what is on board: with the same checks and other fingerprints the pack comes anew.
    assert.deepEqual(pack.fingerprints, fingerprints.list)
    const [checks] = pack.release.split('.')
    assert.equal((await world.channel.content(checks!))?.release, `${checks}.${fingerprints.version}`)
    const { slice } = await leased(world)
    assert.equal(slice.content, pack.release)
  })
}

/** What every world of this contract knows of how software names itself. */
export const fingerprints: FingerprintSet = {
  version: 'abc123',
  list: [{ record: 'fingerprint', file: 'a.xml', order: 0, matches: 'ssh.banner', preference: 1, pattern: '^Gadget', flags: [], description: 'Gadget', params: [{ pos: 0, name: 'service.product', value: 'Gadget' }], examples: [] }],
}

export function done(asset: string, address: string, outcome: 'scanned' | 'dead' = 'dead'): ScanEvent {
  return { type: 'done', asset, address, outcome, why: 'because of the test', at: Date.now() }
}

/** What the engine says of a Redis that answers without a password. */
export function redis(asset: string, address: string): readonly ScanEvent[] {
  const at = { asset, address, port: 6379, proto: 'tcp' as const }
  const now = Date.now()
  return [
    { type: 'seen', seen: { kind: 'host', at: { asset, address }, seen: now, by: 'discover@1',
      data: { up: true, why: 'port 6379 is open' } } },
    { type: 'seen', seen: { kind: 'port', at, seen: now, by: 'ports@1', data: { state: 'open' } } },
    {
      type: 'seen',
      seen: {
        kind: 'service', at, seen: now, by: 'service@1',
        data: { name: 'redis', product: 'Redis', version: '5.0.7', tls: false, facts: { auth: false, mode: 'standalone' } },
        evidence: { sent: 'INFO\r\n', received: 'redis_version:5.0.7' },
      },
    },
    { type: 'covered', asset, address, probe: 'ports', ports: 'tcp:6379', login: false, at: now },
    { type: 'covered', asset, address, probe: 'service', ports: 'tcp:6379', login: false, at: now },
  ]
}
