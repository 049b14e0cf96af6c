import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Actor } from '#platform/access/actor.ts'
import { audit } from '#platform/audit/audit.ts'
import { listAudit, verifyAudit } from '#platform/audit/log.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { makeTenant, withStore } from './database.ts'
import { signUp, withServer } from './server.ts'

const actor = (tenant: string): Actor => ({
  user: { id: newId(), name: 'Ada', email: 'ada@example.org' }, tenant, role: 'manager', scope: null, via: { kind: 'session', id: newId() }, ip: '127.0.0.1',
})

async function fill(store: Store, tenant: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await store.write(tenant, (tx) => audit(tx, { actor: actor(tenant), action: 'asset.added', object: { kind: 'asset', id: `${n}` }, details: { n, b: 'x', a: { z: 1.5, y: [true, null] } } }))
  }
}

test('a chain that nobody touched is whole, whatever was written into it', async (t) => {
  const { store } = await withStore(t)
  const tenant = await makeTenant(store)
  assert.deepEqual(await store.read(tenant, verifyAudit), { whole: true, entries: 0, brokenAt: null, head: '0'.repeat(64) })
  await fill(store, tenant, 3)
  const strange = { 'ключ': '\u0000\ud800 end', z: 1e21, a: -0, date: new Date(0), deep: { b: 1, a: [{ d: 1, c: 2 }] } }
  await store.write(tenant, (tx) => audit(tx, { actor: { system: 'worker\u0000' }, action: 'scan.launched', object: { kind: 'scan', id: 'a\ud800', name: 'x'.repeat(5000) }, details: strange }))
  await store.write(tenant, (tx) => audit(tx, { actor: { system: 'worker' }, action: 'scan.launched', details: { huge: 'x'.repeat(100_000) } }))
  const state = await store.read(tenant, verifyAudit)
  assert.deepEqual([state.whole, state.entries], [true, 5])
})

test('entries written at once from many sides stand in one line', async (t) => {
  const { store } = await withStore(t)
  const tenant = await makeTenant(store)
  await Promise.all(Array.from({ length: 30 }, () => fill(store, tenant, 1)))
  const state = await store.read(tenant, verifyAudit)
  assert.deepEqual([state.whole, state.entries], [true, 30])
})

test('the entry goes with the act: rolled back together', async (t) => {
  const { store } = await withStore(t)
  const tenant = await makeTenant(store)
  await fill(store, tenant, 1)
  await assert.rejects(store.write(tenant, async (tx) => {
    await audit(tx, { actor: actor(tenant), action: 'asset.removed' })
    throw new Error('the act failed')
  }))
  const state = await store.read(tenant, verifyAudit)
  assert.deepEqual([state.whole, state.entries], [true, 1])
})

test('neither role of the program can change or remove an entry', async (t) => {
  const { store } = await withStore(t)
  const tenant = await makeTenant(store)
  await fill(store, tenant, 1)
  for (const attempt of [
    () => store.write(tenant, ({ sql }) => sql`update audit_event set action = 'x' where tenant_id = ${tenant}`),
    () => store.write(tenant, ({ sql }) => sql`delete from audit_event where tenant_id = ${tenant}`),
    () => store.platform(({ sql }) => sql`update audit_event set action = 'x' where tenant_id = ${tenant}`),
    () => store.platform(({ sql }) => sql`delete from audit_event where tenant_id = ${tenant}`),
    () => store.platform(({ sql }) => sql`truncate audit_event`),
  ]) await assert.rejects(attempt(), /permission denied/)
})

test('who can (the owner of the database) is found out', async (t) => {
  const { store, owner } = await withStore(t)
  const changes: readonly (readonly [string, (tenant: string) => Promise<unknown>, number])[] = [
    ['a changed action', (tenant) => owner`update audit_event set action = 'other' where tenant_id = ${tenant} and seq = 3`, 3],
    ['changed details', (tenant) => owner`update audit_event set details = details || '{"n": 9}' where tenant_id = ${tenant} and seq = 2`, 2],
    ['a changed time', (tenant) => owner`update audit_event set at = at + interval '1 ms' where tenant_id = ${tenant} and seq = 4`, 4],
    ['a removed entry', (tenant) => owner`delete from audit_event where tenant_id = ${tenant} and seq = 3`, 3],
    ['a cut-off end', (tenant) => owner`delete from audit_event where tenant_id = ${tenant} and seq = 5`, 5],
    ['an emptied log', (tenant) => owner`delete from audit_event where tenant_id = ${tenant}`, 1],
  ]
  for (const [name, change, at] of changes) {
    const tenant = await makeTenant(store)
    await fill(store, tenant, 5)
    await change(tenant)
    const state = await store.read(tenant, verifyAudit)
    assert.deepEqual([state.whole, state.brokenAt], [false, at], name)
  }
})

test('filters and pages, over the API', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  const auditor = await signUp({ app, database }, 'auditor', boss.tenant)
  const reader = await signUp({ app, database }, 'reader', boss.tenant)
  await fill(database.store, boss.tenant, 5)
  const get = async (query: string, headers = auditor.headers) => {
    const answer = await app.inject({ url: `/api/v1/audit${query}`, headers })
    return { status: answer.statusCode, ...answer.json<{ items: { seq: number; action: string; actor: { name: string }; object: { id: string } | null }[]; next: string | null }>() }
  }
  assert.equal((await get('', reader.headers)).status, 403)
  const first = await get('?action=asset&limit=3')
  assert.deepEqual(first.items.map(({ object }) => object!.id), ['5', '4', '3'])
  const second = await get(`?action=asset&limit=3&after=${first.next!}`)
  assert.deepEqual([second.items.map(({ object }) => object!.id), second.next], [['2', '1'], null])
  assert.equal((await get('?action=asse')).items.length, 0, 'a subject is a whole word')
  assert.equal((await get(`?actor=${boss.user}`)).items.every(({ actor: { name } }) => name.startsWith('Person')), true)
  assert.equal((await get('?object=4')).items.length, 1)
  assert.equal((await get('?from=2100-01-01T00:00:00Z')).items.length, 0)
  const chain = await app.inject({ url: '/api/v1/audit/chain', headers: auditor.headers })
  assert.equal(chain.json<{ whole: boolean }>().whole, true)
  const newest = await database.store.read(boss.tenant, (tx) => listAudit(tx, {}, null, 1))
  assert.equal(chain.json<{ entries: number }>().entries, newest[0]!.seq)
})
