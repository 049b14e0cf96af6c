import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadKnowledge, storeRelease } from '#platform/kb/release.ts'
import { withStore } from './database.ts'
import { signatures } from './finding-world.ts'

test('the shipped KnowledgeBase is loaded once a release, from two starts at once too', async (context) => {
  const { store, owner } = await withStore(context)
  const dir = fileURLToPath(new URL('../content', import.meta.url))
  const told: string[] = []
  const [one, two] = await Promise.all([loadKnowledge(store, dir, Date.now, (text) => told.push(text)), loadKnowledge(store, dir, Date.now)])
  assert.equal(one.release, two.release)
  assert.deepEqual(told, [])
  const [row] = await owner`select count(*)::int as n, count(*) filter (where retired)::int as retired, min(length(search)) as least from signature`
  assert.deepEqual([row!['n'], row!['retired']], [one.signatures.size, 0])
  assert.ok(one.signatures.size >= 200 && row!['least'] > 10)
  assert.equal((await owner`select from knowledge_release`).length, 1)
})

test('a check that leaves is retired and comes back; nothing is written for a known release', async (context) => {
  const { store, owner } = await withStore(context)
  const put = (release: string, list: typeof signatures) => store.platform((tx) => storeRelease(tx, release, list, new Date()))
  assert.equal(await put('one', signatures), true)
  assert.equal(await put('one', []), false)
  assert.equal(await put('two', signatures.filter((one) => one.id !== 1).map((one) => (one.id === 2 ? { ...one, title: 'New title', version: 2 } : one))), true)
  const read = async () => (await owner`select id, version, title, retired from signature where id <= 2 order by id`).map((row) => [row['id'], row['version'], row['title'], row['retired']])
  assert.deepEqual(await read(), [[1, 1, 'Store open without password', true], [2, 2, 'New title', false]])
  await put('three', signatures)
  assert.deepEqual((await read()).map((row) => row[3]), [false, false])
})
