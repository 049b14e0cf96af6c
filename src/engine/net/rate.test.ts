import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { openRate, rateCell } from './rate.ts'

test('no more begin than a second allows, a twentieth of it saved up at most', () => {
  let time = 10_000_000
  const rate = openRate(200, rateCell(), () => time)
  assert.equal(rate.take(100), 10)
  assert.equal(rate.take(1), 0)
  time += 5000
  assert.equal(rate.take(100), 1)
  time += 5_000_000
  assert.equal(rate.take(4), 4)
  assert.equal(rate.take(100), 6)
  assert.equal(rate.take(100), 0)
  assert.equal(openRate(0, rateCell()).take(7), 7)
})

test('two threads share one limit', async () => {
  const cell = rateCell()
  const source = `
    const { workerData, parentPort } = require('node:worker_threads')
    import(workerData.module).then(({ openRate }) => {
      const rate = openRate(1000, workerData.cell)
      let count = 0
      const end = performance.now() + 300
      while (performance.now() < end) count += rate.take(3)
      parentPort.postMessage(count)
    })`
  const before = process.hrtime.bigint()
  const counts = await Promise.all([1, 2].map(async () => {
    const worker = new Worker(source, { eval: true, workerData: { cell, module: new URL('./rate.ts', import.meta.url).href } })
    const [count] = (await once(worker, 'message')) as [number]
    await worker.terminate()
    return count
  }))
  const passed = Number(process.hrtime.bigint() - before) / 1e6
  const sum = counts[0]! + counts[1]!
  assert.ok(sum > 0 && sum <= passed + 51, `${sum} in ${passed} ms`)
})
