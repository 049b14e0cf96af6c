import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTenant, withStore } from './database.ts'

test('each test gets a database of its own, and row-level security holds in it', async (t) => {
  const [one, other] = [await withStore(t), await withStore(t)]
  const [mine, theirs] = [await makeTenant(one.store), await makeTenant(one.store)]
  assert.deepEqual([...(await other.owner`select id from tenant`)], [])
  const seen = await one.store.read(mine, ({ sql }) => sql`select tenant_id from network /* row security alone */`)
  assert.deepEqual(seen.map((row) => row['tenant_id']), [mine])
  await assert.rejects(
    one.store.write(mine, ({ sql }) => sql`insert into network (tenant_id, id, name, created_at) values (${theirs}, ${mine}, 'x', ${new Date()})`),
    /row-level security/,
  )
})
