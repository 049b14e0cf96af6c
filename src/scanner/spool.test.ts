import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { randomUUID } from 'node:crypto'
import type { ScanEvent } from '#core/event.ts'
import { openSpool, type SpoolEntry } from './spool.ts'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vigil-spool-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  return path
}

const event: ScanEvent = { type: 'done', asset: randomUUID(), address: '127.0.0.1', outcome: 'dead', why: 'ünïcode\n', at: 1 }

async function all(entries: AsyncIterable<SpoolEntry>): Promise<readonly SpoolEntry[]> {
  const read: SpoolEntry[] = []
  for await (const entry of entries) read.push(entry)
  return read
}

test('what was appended is read by the next process, in order', async (context) => {
  const path = await folder(context)
  const slice = randomUUID()
  const before = (await openSpool(path)).of(slice)
  assert.ok(await before.append(1, [event]))
  assert.ok(await before.append(2, [event, event]))
  const after = await openSpool(path)
  assert.deepEqual(await after.left(), [slice])
  assert.deepEqual((await all(after.of(slice).read())).map(({ seq, batch }) => [seq, batch.length]), [[1, 1], [2, 2]])
  await after.of(slice).clear()
  assert.deepEqual(await (await openSpool(path)).left(), [])
})

test('a line torn by a kill is not read, and those before it are', async (context) => {
  const path = await folder(context)
  const slice = randomUUID()
  await (await openSpool(path)).of(slice).append(1, [event])
  await appendFile(join(path, `${slice}.ndjson`), '{"seq":2,"batch":[{"type":"do')
  assert.deepEqual((await all((await openSpool(path)).of(slice).read())).map(({ seq }) => seq), [1])
})

test('a full spool refuses the whole batch and keeps what it has', async (context) => {
  const path = await folder(context)
  const slice = randomUUID()
  const spool = await openSpool(path, 1000)
  let seq = 0
  while (await spool.of(slice).append(seq + 1, [event])) seq++
  assert.ok(seq > 0)
  assert.ok((await stat(join(path, `${slice}.ndjson`))).size <= 1000)
  assert.equal((await all(spool.of(slice).read())).length, seq)
  await spool.of(slice).clear()
  assert.ok(await spool.of(randomUUID()).append(1, [event]), 'clearing makes room')
})
