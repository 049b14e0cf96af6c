import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

suite('what a scan says of what it tested', { concurrency: true }, () => {
  test('open, closed, dropped and rejected ports are told apart, and what was not tested is listed', async () => {
    const host = await world.host(['10.77.0.10/24'])
    for (const port of [6379, 6380, 6381, 6382, 6383]) await host.serve(port, 'store')
    await host.filter([
      'tcp dport 6380 drop',
      'tcp dport 6381 reject with icmp type admin-prohibited',
      'tcp dport 6382 reject with icmp type host-unreachable',
      'tcp dport 6383 reject with tcp reset',
    ])
    const { code, findings, summary } = await world.scan(['10.77.0.10', '--ports', '6379-6384', '--udp', 'none'])
    assert.deepEqual([...new Set(findings.filter((one) => one.severity === 5).map((one) => one.port))], [6379])
    const notes = summary.notes.join('\n')
    assert.match(notes, /ports, timeout: .*10\.77\.0\.10 tcp:6380\b/)
    assert.match(notes, /ports, unreachable: .*10\.77\.0\.10 tcp:6381-6382/)
    assert.doesNotMatch(notes, /6379|6383|6384/)
    assert.deepEqual([code, summary.scanned, summary.silent], [0, 1, 0], summary.notTested.join('\n'))
  })

  test('a host that drops everything is dead, and a scan of it alone is incomplete and says so', async () => {
    const host = await world.farHost('10.77.1.11', { delay: 2 })
    await host.serve(6379, 'store')
    await host.filter(['drop'])
    const { code, summary } = await world.scan(['10.77.1.11', '--profile', 'quick'])
    assert.deepEqual([code, summary.scanned, summary.silent], [3, 0, 1])
    assert.match(summary.notTested.join('\n'), /no answer.*10\.77\.1\.11/)
    // On the scanner's own network it cannot hide: it has to say which hardware address it has.
    const neighbour = await world.host(['10.77.0.11/24'])
    await neighbour.filter(['drop'])
    const near = await world.scan(['10.77.0.11', '--profile', 'quick'])
    assert.deepEqual([near.summary.scanned, near.summary.silent], [1, 0])
    assert.match(near.summary.notes.join('\n'), /ports, timeout: .*10\.77\.0\.11/)
    // The same of an address that nobody has.
    const nobody = await world.scan(['10.77.0.12', '--profile', 'quick'])
    assert.deepEqual([nobody.code, nobody.summary.silent], [3, 1])
    assert.match(nobody.summary.notTested.join('\n'), /no answer.*10\.77\.0\.12/)
  })

  test('a host that answers on one odd port alone is found with --alive, and what it dropped is not called tested', async () => {
    const host = await world.farHost('10.77.1.13', { delay: 2 })
    await host.serve(61616, 'store')
    await host.filter(['tcp dport 61616 accept', 'drop'])
    const without = await world.scan(['10.77.1.13', '--profile', 'quick'])
    assert.deepEqual([without.code, without.summary.silent], [3, 1])
    const { findings, summary } = await world.scan(['10.77.1.13', '--profile', 'quick', '--alive'])
    assert.ok(findings.some((one) => one.port === 61616 && one.severity === 5))
    assert.equal(summary.scanned, 1)
    assert.match(summary.notes.join('\n'), /ports, timeout: .*10\.77\.1\.13 1\d\d ports/)
  })

  test('a service that accepts and says nothing is not called clean', async () => {
    const host = await world.host(['10.77.0.14/24'])
    await host.serve(6379, 'mute')
    const { findings, summary } = await world.scan(['10.77.0.14', '--ports', '6379', '--udp', 'none'])
    assert.deepEqual(findings.filter((one) => one.severity >= 2), [])
    assert.match([...summary.notes, ...summary.notTested].join('\n'), /10\.77\.0\.14 tcp:6379/)
  })
})
