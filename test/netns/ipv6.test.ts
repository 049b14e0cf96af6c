import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
  const host = await world.host(['fd77::10/64', 'fd77:0:0:0:a::1/64', '10.77.0.10/24'])
  await host.serve(80, 'web')
  await host.serve(6379, 'store')
  await host.filter(['ip6 daddr fd77::10 tcp dport 81 drop', 'ip6 daddr fd77::10 tcp dport 82 reject with icmpv6 type admin-prohibited'])
})
after(() => world?.close())

test('an IPv6 host is scanned as an IPv4 host is: findings, proof, canonical addresses, brackets in URLs', async () => {
  const { code, findings, summary } = await world.scan(['FD77:0000::0010', 'fd77::a:0:0:1', '--ports', '80-83,6379', '--udp', 'none'])
  assert.equal(code, 0, summary.notTested.join('\n'))
  assert.deepEqual([...new Set(findings.map((one) => one.ip))].toSorted((a, b) => a.localeCompare(b)), ['fd77::10', 'fd77::a:0:0:1'])
  const store = findings.find((one) => one.ip === 'fd77::10' && one.port === 6379 && one.severity === 5)
  assert.match(store!.evidence.received, /redis_version:7\.0\.15/)
  const pages = findings.filter((one) => one.port === 80 && one.url !== undefined)
  assert.ok(pages.length > 0)
  for (const { url, ip } of pages) assert.ok(url!.startsWith(`http://[${ip}]`), url)
  for (const { evidence } of pages.filter((one) => /^host:/im.test(one.evidence.sent))) assert.match(evidence.sent, /^host: \[fd77::[a:0-9]+\]\r?$/im)
  const notes = summary.notes.join('\n')
  assert.match(notes, /ports, timeout: .*fd77::10 tcp:81\b/)
  assert.match(notes, /ports, unreachable: .*fd77::10 tcp:82\b/)
})

test('a link-local address is refused, and the error says why', async () => {
  for (const target of ['fe80::1', 'fe80::1%net', 'fe80::/120']) {
    const { code, err } = await world.scan([target])
    assert.equal(code, 2, target)
    assert.match(err, /fe80::.*link-local/s, target)
  }
})

test('an IPv4-mapped address is the IPv4 host', async () => {
  const { code, findings, summary } = await world.scan(['::ffff:10.77.0.10', '10.77.0.10', '--ports', '6379', '--udp', 'none'])
  assert.deepEqual([code, summary.scanned], [0, 1])
  assert.deepEqual([...new Set(findings.map((one) => one.ip))], ['10.77.0.10'])
})
