import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endless } from './endless-servers.ts'
import { grave, listen, watchedScan } from './hostile-scan.ts'

// They wait far more than they work: side by side.
describe('without end', { concurrency: true }, () => {
  test('servers without end: the scan ends, in little memory, without a false alarm, and says what it did not see', async (t) => {
    const ports = new Map<number, string>()
    for (const [name, talk] of Object.entries(endless)) ports.set(await listen(t, talk), name)
    const run = await watchedScan(['127.0.0.1', '--ports', [...ports.keys()].join(','), '--udp', 'none'], 150)
    const named = grave(run).map((text) => `${text} (${ports.get(Number(text.split(' ')[1]))})`)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}`)
    assert.equal(run.code, 3, run.err)
    assert.deepEqual(named, [])
    assert.ok(run.peak > 0 && run.peak < 512, `${run.peak} MB`)
    assert.match(run.notTested, /not tested: /)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
  })

  test('two hundred ports that accept and say nothing', async (t) => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => listen(t, () => {})))
    const run = await watchedScan(['127.0.0.1', '--ports', ports.join(','), '--udp', 'none', '--profile', 'full'], 150)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}`)
    assert.notEqual(run.code, null, 'it did not end')
    assert.deepEqual(grave(run), [])
    assert.ok(run.peak < 400, `${run.peak} MB`)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
  })
})
