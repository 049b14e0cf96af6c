import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTenant, withStore } from '../../test/database.ts'
import { isId, newId } from './id.ts'

test('ids are UUIDs of version 7 and sort by time', () => {
  const ids = Array.from({ length: 50 }, (_, index) => newId(1_700_000_000_000 + index))
  assert.ok(ids.every((id) => isId(id) && id[14] === '7' && '89ab'.includes(id[19]!)))
  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(Array.from({ length: 1000 }, () => newId(5))).size, 1000)
})

test('a tenant sees its own rows only, even without a predicate', async (context) => {
  const { store } = await withStore(context)
  const [one, two] = [await makeTenant(store, 'One'), await makeTenant(store, 'Two')]
  const seen = await store.read(one, async ({ sql }) => sql`select tenant_id from network /* row security alone */`)
  assert.deepEqual(seen.map((row) => row['tenant_id']), [one])
  assert.equal(await store.write(two, async ({ sql }) => (await sql`update network set name = 'mine' where tenant_id = ${one}`).count), 0)
  await assert.rejects(
    store.write(two, async ({ sql }) => sql`insert into network (tenant_id, id, name, created_at) values (${one}, ${newId()}, 'x', ${new Date()})`),
    /row-level security/,
  )
})

test('the tenant of one transaction does not leak into the next', async (context) => {
  const { store } = await withStore(context)
  const one = await makeTenant(store, 'One')
  for (let round = 0; round < 20; round++) {
    await store.read(one, async ({ sql }) => sql`select 1`)
    const seen = await store.read(newId(), async ({ sql }) => sql`select id from network /* row security alone */`)
    assert.equal(seen.length, 0)
  }
})

test('effects run after the commit, and not after a rollback', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  const ran: string[] = []
  await store.write(tenant, async (tx) => {
    tx.after(async () => {
      // Another transaction sees what was committed: the effect is after it.
      const rows = await store.read(tenant, async ({ sql }) => sql`select name from network where tenant_id = ${tenant} and name = 'Later'`)
      ran.push(`saw ${rows.length}`)
    })
    await tx.sql`insert into network (tenant_id, id, name, created_at) values (${tenant}, ${newId()}, 'Later', ${new Date()})`
  })
  await assert.rejects(store.write(tenant, async (tx) => {
    tx.after(() => void ran.push('never'))
    throw new Error('no')
  }), /^Error: no$/)
  assert.deepEqual(ran, ['saw 1'])
})

test('a read cannot write', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  await assert.rejects(store.read(tenant, async ({ sql }) => sql`update network set name = 'x' where tenant_id = ${tenant}`), /read-only transaction/)
})

test('something that is no id is an unknown organisation, before the database hears of it', async (context) => {
  const { store } = await withStore(context)
  await assert.rejects(async () => store.read("1'; drop table tenant", async () => 1), { code: 'not_found', status: 404 })
})
