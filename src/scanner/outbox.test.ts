import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { batchLimits } from '#channel/event-reader.ts'
import { VigilError } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import { openOutbox, type OutboxOptions } from './outbox.ts'
import { openSpool, type SpoolEntry } from './spool.ts'

const event = (n: number): ScanEvent => ({ type: 'done', asset: `${n}`, address: '127.0.0.1', outcome: 'dead', why: '', at: n })
async function all(entries: AsyncIterable<SpoolEntry>): Promise<readonly SpoolEntry[]> {
  const read: SpoolEntry[] = []
  for await (const entry of entries) read.push(entry)
  return read
}

const never = new AbortController().signal

/** The platform's side as the contract has it: each number once, in order; unreachable while `away`. */
function platform(): Readonly<{ taken: ScanEvent[]; calls: number[]; away: { now: boolean; lostAnswers: number }; report: OutboxOptions['report'] }> {
  const taken: ScanEvent[] = []
  const calls: number[] = []
  const away = { now: false, lostAnswers: 0 }
  let expected = 1
  return {
    taken, calls, away,
    async report(seq, batch) {
      calls.push(seq)
      if (away.now) throw new Error('unreachable')
      if (batch.length > 0) {
        assert.ok(seq <= expected, `batch ${seq} came before ${expected}`)
        if (seq === expected) {
          taken.push(...batch)
          expected++
        }
      }
      if (away.lostAnswers > 0) {
        away.lostAnswers--
        throw new Error('the answer was lost')
      }
      return 'go on'
    },
  }
}

const quiet = { heartbeatMs: 50, spool: null, seq: 1, hear: () => {}, refused: () => {}, onError: () => {} } as const

test('events arrive once and in order, whatever answers are lost', async () => {
  const far = platform()
  far.away.lostAnswers = 3
  const outbox = openOutbox({ ...quiet, report: far.report })
  for (let n = 0; n < 2000; n++) await outbox.put(event(n))
  assert.equal(await outbox.close(never), true)
  assert.deepEqual(far.taken.map((one) => (one as { at: number }).at), Array.from({ length: 2000 }, (_, n) => n))
})

test('a quiet slice still reports, without using numbers', async () => {
  const far = platform()
  const outbox = openOutbox({ ...quiet, report: far.report })
  while (far.calls.length < 3) await new Promise((resolve) => setImmediate(resolve))
  await outbox.put(event(1))
  await outbox.close(never)
  assert.deepEqual(new Set(far.calls), new Set([1]))
  assert.equal(far.taken.length, 1)
})

test('while the platform is away batches wait on disk, and go before newer ones when it is back', async (context) => {
  const path = await mkdtemp(join(tmpdir(), 'vigil-spool-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  const spool = (await openSpool(path)).of(randomUUID())
  const far = platform()
  far.away.now = true
  const outbox = openOutbox({ ...quiet, report: far.report, spool })
  for (let n = 0; n < 1200; n++) await outbox.put(event(n))
  while ((await all(spool.read())).length < 2) await new Promise((resolve) => setImmediate(resolve))
  far.away.now = false
  for (let n = 1200; n < 1500; n++) await outbox.put(event(n))
  assert.equal(await outbox.close(never), true)
  assert.deepEqual(far.taken.map((one) => (one as { at: number }).at), Array.from({ length: 1500 }, (_, n) => n))
  assert.deepEqual(await all(spool.read()), [])
})

test('a full memory holds the engine back until there is room', async () => {
  const far = platform()
  far.away.now = true
  const outbox = openOutbox({ ...quiet, report: far.report })
  const big: ScanEvent = {
    type: 'seen',
    seen: { kind: 'http', at: { asset: 'a', address: '127.0.0.1' }, seen: 0, by: 'http@1',
      data: { body: 'x'.repeat(60_000) } as never },
  }
  let put = 0
  const engine = (async () => {
    for (; put < 200; put++) await outbox.put(big)
  })()
  while (far.calls.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(put < 200, 'twelve megabytes were taken with nowhere to go')
  far.away.now = false
  await engine
  assert.equal(await outbox.close(never), true)
  assert.equal(far.taken.length, 200)
})

test('a refusal for good ends it, says so once, and drops the rest', async () => {
  const refusals: unknown[] = []
  const outbox = openOutbox({
    ...quiet, report: () => Promise.reject(new VigilError('scan.batch_gap', {})), refused: (error) => refusals.push(error),
  })
  await outbox.put(event(1))
  assert.equal(await outbox.close(never), false)
  assert.equal(refusals.length, 1)
})

test('bytes that prove findings count: no batch grows beyond what the platform takes', async () => {
  const proof = { check: 'c', exchanges: [{ over: 'tcp', to: '127.0.0.1:80', sent: '', received: 'A'.repeat(800_000), cut: false, at: 0, took: 0 }], control: [], matched: [] } as const
  const heavy = (n: number): ScanEvent => ({ type: 'seen', seen: { kind: 'match', at: { asset: `${n}`, address: '127.0.0.1' }, seen: n, by: 'template@1', data: { template: 't', extracted: [] }, proof } })
  const { taken, report } = platform()
  const sizes: number[] = []
  const outbox = openOutbox({ ...quiet, report: (seq, batch) => {
    sizes.push(JSON.stringify(batch).length)
    return report(seq, batch)
  } })
  for (let n = 0; n < 60; n++) await outbox.put(heavy(n))
  assert.equal(await outbox.close(never), true)
  assert.equal(taken.length, 60)
  assert.ok(Math.max(...sizes) < batchLimits.compressed, `${Math.max(...sizes)}`)
})
