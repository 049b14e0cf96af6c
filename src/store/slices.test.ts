import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTenant, withStore } from '../../test/database.ts'
import { newId } from './id.ts'
import { claimSlices, queueSlice, tenantCap, urgent, type Claimant, type SliceRow } from './slices.ts'
import type { Store } from './store.ts'

const scanner = (): Claimant => ({ id: newId(), tenant: null, network: null })

async function queue(store: Store, tenant: string, count: number, priority = 0, scan = newId()): Promise<string> {
  await store.write(tenant, async (tx) => {
    for (let n = 0; n < count; n++) await queueSlice(tx, { scan, network: tenant, scanner: null, priority, hosts: 1 }, Date.now())
  })
  return scan
}

const claim = (store: Store, who: Claimant,
  most: number): Promise<readonly SliceRow[]> => store.platform((tx) => claimSlices(tx, who, most, Date.now()))

test('tenants are served in turn, however much one of them has queued', async (context) => {
  const { store } = await withStore(context)
  const [large, small, third] = [await makeTenant(store, 'Large'), await makeTenant(store, 'Small'),
    await makeTenant(store, 'Third')]
  await queue(store, large, 12)
  await queue(store, small, 2)
  await queue(store, third, 2)
  const who = scanner()
  const order: string[] = []
  for (let n = 0; n < 8; n++) order.push(...(await claim(store, who, 1)).map((slice) => slice.tenant_id))
  const turns = [order.slice(0, 3), order.slice(3, 6)].map((turn) => new Set(turn))
  assert.deepEqual(turns, [new Set([large, small, third]), new Set([large, small, third])])
  assert.deepEqual(order.slice(6), [large, large])
})

test('one tenant never has more out than the cap, and a verification goes beside it', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  await queue(store, tenant, tenantCap + 5)
  const who = scanner()
  assert.equal((await claim(store, who, 64)).length, tenantCap)
  assert.deepEqual(await claim(store, scanner(), 4), [])
  const scan = await queue(store, tenant, 1, urgent)
  assert.deepEqual((await claim(store, who, 0)).map((slice) => slice.scan_id), [scan])
})

test('a full scanner is given what is urgent and nothing else', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  await queue(store, tenant, 2, 9)
  assert.deepEqual(await claim(store, scanner(), 0), [])
})

test('within a tenant the higher priority goes first', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  const low = await queue(store, tenant, 1, 0)
  const high = await queue(store, tenant, 1, 9)
  assert.deepEqual((await claim(store, scanner(), 2)).map((slice) => slice.scan_id), [high, low])
})

test('a hundred claims at once give every slice to exactly one scanner', async (context) => {
  const { store } = await withStore(context)
  const tenants = await Promise.all(Array.from({ length: 4 }, (_, n) => makeTenant(store, `Organisation ${n}`)))
  for (const tenant of tenants) await queue(store, tenant, 10)
  const claimed = (await Promise.all(Array.from({ length: 50 }, () => claim(store, scanner(), 1)))).flat()
  assert.equal(claimed.length, 40)
  assert.equal(new Set(claimed.map((slice) => slice.id)).size, 40)
})

test('a scanner of one tenant gets its network, and nobody else’s', async (context) => {
  const { store } = await withStore(context)
  const [mine, other] = [await makeTenant(store, 'Mine'), await makeTenant(store, 'Other')]
  await queue(store, mine, 1)
  await queue(store, other, 1)
  const network = newId()
  await store.write(mine, (tx) => queueSlice(tx, { scan: newId(), network, scanner: null, priority: 0, hosts: 1 }, Date.now()))
  const claimed = await claim(store, { id: newId(), tenant: mine, network }, 4)
  assert.deepEqual(claimed.map((slice) => [slice.tenant_id, slice.network_id]), [[mine, network]])
})

test('the application role sees its tenant’s slices only', async (context) => {
  const { store } = await withStore(context)
  const [mine, other] = [await makeTenant(store, 'Mine'), await makeTenant(store, 'Other')]
  await queue(store, other, 3)
  const [row] = await store.read(mine, (tx) => tx.sql<{ n: number }[]>`select count(*)::int as n from scan_slice`)
  assert.equal(row!.n, 0)
})
