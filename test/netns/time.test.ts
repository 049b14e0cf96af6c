import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

const open = [22, 80, 443, 6379, 8080, 9200] as const

suite('slow, lossy and dead networks', { concurrency: true }, () => {
  test('a network of dead hosts is through in seconds, and its living hosts are found', async (t) => {
    const dark = await world.host(['10.77.0.2/24'])
    await dark.ip('route add local 10.77.0.0/24 dev net')
    await dark.filter(['ip saddr 10.77.0.1 drop'])
    for (const last of [20, 120, 220]) {
      const host = await world.host([`10.77.0.${last}/24`])
      await host.serve(6379, 'store')
    }
    const { code, findings, summary } = await world.scan(['10.77.0.2-254', '--profile', 'standard'])
    assert.deepEqual([summary.scanned, summary.silent], [3, 250])
    assert.deepEqual(findings.filter((one) => one.severity === 5).map((one) => one.ip).toSorted((a, b) => a.localeCompare(b)), ['10.77.0.120', '10.77.0.20', '10.77.0.220'])
    assert.equal(code, 0, summary.notTested.join('\n'))
    t.diagnostic(`250 dead hosts and 3 others: ${summary.seconds.toFixed(1)} s`)
    // No measure of speed, which is about 10 s here: one after the other they would take ten minutes.
    assert.ok(summary.seconds < 120, `${summary.seconds} s`)
  })

  test('open ports behind wires that lose 2 % and take 50 ms are all found', async () => {
    for (const seed of [1, 2, 3]) {
      const host = await world.farHost(`10.77.1.${seed}`, { delay: 50, loss: 20, seed })
      for (const port of open) await host.serve(port, port === 6379 ? 'store' : 'web')
      await host.filter(['tcp dport 1000-1099 drop'])
    }
    const { findings } = await world.scan(['10.77.1.1-3', '--ports', `${open.join()},1000-1099,2000-2600`, '--udp', 'none'])
    for (const ip of ['10.77.1.1', '10.77.1.2', '10.77.1.3']) {
      const found = new Set(findings.filter((one) => one.ip === ip).map((one) => one.port))
      assert.deepEqual([...found].toSorted((a, b) => a - b), open, ip)
    }
  })

  test('a host behind 200 ms is identified', async () => {
    const host = await world.farHost('10.77.1.200', { delay: 200 })
    await host.serve(6379, 'store')
    await host.serve(8080, 'web')
    const { code, findings, summary } = await world.scan(['10.77.1.200', '--ports', '1-300,6379,8080', '--udp', 'none'])
    assert.ok(findings.some((one) => one.port === 6379 && one.severity === 5))
    assert.ok(findings.some((one) => one.port === 8080 && one.url === 'http://10.77.1.200:8080/'))
    assert.equal(code, 0, summary.notTested.join('\n'))
  })
})
