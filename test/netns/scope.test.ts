import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contains, parseIpSet, subtract } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

const silent = { arp: 'asked who has', neighbour: 'asked who has', tcp: 'sent TCP to', udp: 'sent UDP to', icmp: 'sent ICMP to', group: '', other: 'sent something to' }

/** What the scanner sent to addresses that it must not touch, in words. */
async function strays(targets: string, exclude: string, words: readonly string[] = []): Promise<Readonly<{ strays: readonly string[]; reached: ReadonlySet<string>; kinds: ReadonlySet<string> }>> {
  const scope = subtract(parseIpSet(targets), parseIpSet(exclude))
  const packets = await world.captured(async () => {
    const { code, err } = await world.scan([...targets.split(','), '--exclude', exclude, ...words])
    assert.ok(code === 0 || code === 3, err)
  })
  const to = packets.filter(({ kind }) => kind !== 'group')
  return {
    strays: [...new Set(to.filter(({ to: address }) => !contains(scope, parseIp(address)!)).map(({ kind, to: address, port }) => `${silent[kind]} ${address} ${port}`))],
    reached: new Set(to.filter(({ kind }) => kind === 'tcp').map(({ to: address }) => address)),
    kinds: new Set(to.map(({ kind }) => kind)),
  }
}

test('not one packet leaves for an address that is excluded or was not named: IPv4, TCP, UDP and ARP', async () => {
  for (const last of [10, 11, 64, 65, 127, 128, 200]) {
    const host = await world.host([`10.77.0.${last}/24`])
    if (last !== 10) continue
    await host.serve(80, 'web')
    await host.serve(6379, 'store')
  }
  const seen = await strays('10.77.0.0/24', '10.77.0.0,10.77.0.1,10.77.0.2-9,10.77.0.11,10.77.0.64/26,10.77.0.200,10.77.0.240-255', ['--ports', '80,6379,8000-8010', '--udp', '53,123,161,1900'])
  assert.deepEqual(seen.strays, [])
  assert.ok(['10.77.0.10', '10.77.0.128'].every((address) => seen.reached.has(address)), [...seen.reached].join(' '))
  assert.ok(['arp', 'tcp', 'udp'].every((kind) => seen.kinds.has(kind)), 'the capture saw each kind')
})

test('the same over IPv6, with the search for neighbours', async () => {
  const host = await world.host(['fd77::10/64'])
  await host.serve(80, 'web')
  await world.host(['fd77::15/64'])
  const seen = await strays('fd77::10-fd77::1f', 'fd77::12,fd77::14/127,fd77::18/125', ['--ports', '80,6379', '--udp', '53,161'])
  assert.deepEqual(seen.strays, [])
  assert.ok(seen.reached.has('fd77::10'), [...seen.reached].join(' '))
  assert.ok(['neighbour', 'tcp', 'udp'].every((kind) => seen.kinds.has(kind)), 'the capture saw each kind')
})

test('no more connections and datagrams a second leave than --rate allows', async () => {
  const rate = 200
  const packets = await world.captured(() => world.scan(['10.77.0.10', '10.77.0.128', '--ports', '1-700', '--udp', '53,123,161', '--rate', String(rate)]))
  // A SYN is sent again by the system when nothing answers; here something always does.
  const sent = packets.filter(({ kind, syn }) => syn || kind === 'udp').map(({ at }) => at)
  assert.ok(sent.length > 1400, `${sent.length} connections`)
  // A twentieth of a second's worth may be saved up; packets leave in bursts of a few when the machine is busy.
  const most = Math.max(...sent.map((from, index) => sent.slice(index).findIndex((at) => at - from >= 1000)))
  assert.ok(most <= rate * 1.1 + 2, `${most} in one second`)
})
