import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { startScanner } from '#scanner/scanner.ts'
import { newId } from '#store/id.ts'
import { launch, makeProfile, makeScanTenant, until } from './contracts/scan-world.ts'
import { advisory, rejudgeWorld, shippedCheck } from './rejudge-world.ts'

test('a check that is published while a slice runs is on board for its next host, and one that is staged only for who tries it', async (t) => {
  const world = await rejudgeWorld(t, shippedCheck(1, 503))
  const { store, knowledge } = world
  const [general, canary] = [await makeScanTenant(store, '127.0.0.0/8', 'General'), await makeScanTenant(store, '127.0.0.0/8', 'Canary')]
  const platform = await openPlatformChannel({
    store, knowledge: (tenant) => (tenant === undefined ? knowledge.ofLine('general') : knowledge.of(tenant)),
    lines: { of: knowledge.lineOf, knowledge: (line) => knowledge.ofLine(line === 'canary' ? 'canary' : 'general') },
  })
  knowledge.heard(() => platform.swapped())
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const boards = new Map<string, () => readonly string[]>()
  const errors: unknown[] = []
  // Stands for an engine that is between two hosts for as long as the test looks.
  const scanner = startScanner({
    channel: platform.of({ id, tenant: null, network: null }), id, software: 'test', capacity: 4, spool: null, heartbeatMs: 200, tell: () => {}, onError: (error) => errors.push(error),
    engine: async (slice, { signatures }, _sink, signal) => {
      boards.set(slice.scan, () => signatures().map((one) => `${one.id}@${one.version}`))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  try {
    const signature = knowledge.ofLine('general').signatures.get(501)!
    await store.platform(async ({ sql }) => {
      const [author, reviewer] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
      await sql`
        insert into kb_draft (id, signature_id, intent, title, state, revision, body, signature, change_log, author_id, author_name, writers, reviewer_id, reviewer_name, passed, created_at, changed_at)
        values (${newId()}, 502, 'add', 'Tried', 'staged', 1, '', ${sql.json({ ...signature, id: 502 } as never)}, '', ${author}, 'A', array[${author}]::uuid[], ${reviewer}, 'B', true, ${new Date()}, ${new Date()})`
      await sql`update tenant set settings = settings || '{"canary": true}'::jsonb where id = ${canary}`
    })
    await knowledge.refresh()
    const scans = await Promise.all([general, canary].map(async (tenant) => (await launch(store, tenant, { targets: '127.0.0.5', profileId: await makeProfile(store, tenant, [1]) })).id))
    await until('both slices to run', async () => scans.every((scan) => boards.has(scan)))
    const board = (scan: number): readonly string[] => boards.get(scans[scan]!)!()
    await until('what each is scanned for', async () => board(0).length === 1 && board(1).length === 2)
    assert.deepEqual([board(0), board(1)], [['501@1'], ['501@1', '502@1']])
    const before = knowledge.ofLine('general')
    await store.platform(async ({ sql }) => sql`
      insert into kb_published (signature_id, draft_id, signature, body, published_at) values (501, ${newId()}, ${sql.json({ ...signature, version: 2 } as never)}, '', ${new Date()})`)
    await knowledge.refresh()
    await until('the new check to be on board of what runs', async () => board(0).includes('501@2') && board(1).includes('501@2'))
    // Another release of ranges alone: the same checks, in the same thread.
    await world.release(advisory('CVE-2020-0001', 'nothing', '1'))
    assert.notEqual(knowledge.ofLine('general').ranges, before.ranges)
    assert.deepEqual([board(0), board(1)], [['501@2'], ['501@2', '502@1']])
    assert.deepEqual(errors, [])
  } finally {
    await scanner.stop(100)
    await platform.stop()
  }
})

test('a release that cannot be opened leaves the one in force serving; the next good one comes into force', async (t) => {
  const world = await rejudgeWorld(t)
  await world.release(advisory('CVE-2020-0001', 'nothing', '1'))
  const before = world.knowledge.inForce()
  writeFileSync(join(world.kb.folder, 'release-2.sqlite'), 'no database at all')
  writeFileSync(join(world.kb.folder, 'current.json'), JSON.stringify({ ...before.current, number: 2, name: 'broken', root: 'b'.repeat(64), file: 'release-2.sqlite' }))
  await world.knowledge.refresh()
  assert.equal(world.knowledge.inForce(), before)
  assert.ok((await world.knowledge.base().vulnerability('CVE-2020-0001')) !== null)
  writeFileSync(join(world.kb.folder, 'current.json'), JSON.stringify(before.current))
  await world.release(advisory('CVE-2020-0002', 'nothing', '2'))
  assert.ok((await world.knowledge.base().vulnerability('CVE-2020-0002')) !== null)
  await assert.rejects(async () => before.base.vulnerability('CVE-2020-0001').then(() => until('the old release to be closed', async () => before.base.vulnerability('CVE-2020-0001').then(() => false))), /closed/)
})
