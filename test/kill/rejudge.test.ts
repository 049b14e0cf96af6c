import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { cveNumber } from '#core/knowledge/number.ts'
import { build } from '#knowledge/build/build.ts'
import { bench } from '#knowledge/testing-records.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { readApplied } from '#platform/observation/applied.ts'
import { newId } from '#store/id.ts'
import { makeTenant } from '../database.ts'
import { makeHost } from '../finding-world.ts'
import { advisory, seenHost } from '../rejudge-world.ts'
import { openKillWorld } from './kill-world.ts'

const cve = 'CVE-2026-2003'
const hosts = 1500

test('killed with -9 again and again while a release is applied to what is stored, it goes on where it was and finds each thing once', async (t) => {
  const world = await openKillWorld()
  t.after(() => world.close())
  const { store, platform } = world
  const feeds = bench(t)
  const folder = join(world.data, 'knowledge')
  const tenant = await makeTenant(store)
  const intake = { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now: Date.now() } as const
  for (let n = 0; n < hosts; n++) {
    const asset = await makeHost(store, tenant, `127.1.${n >> 8}.${n & 255}`)
    await store.write(tenant, (tx) => takeEvents(tx, knowledgeOf('none', []), intake, seenHost(asset, { packages: { zlib: '1:1.2.13-1' } })))
  }
  // Not waited for: the platform begins as soon as the release is there.
  const building = build(folder, [feeds.feed('osv', advisory(cve, 'zlib', '1:1.3-1'), { name: 'all' })], { force: true })
  let kills = 0
  for (let last = -1; ; ) {
    const row = await store.read(tenant, readApplied).catch(() => null)
    if (row !== null && row.root !== '' && row.state === 'done') break
    if (row !== null && row.root !== '' && row.done > last && kills < 5) {
      last = row.done
      await platform.kill()
      kills++
      await platform.start()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await building
  assert.ok(kills >= 2, `it was killed ${kills} times only`)
  const row = await store.read(tenant, readApplied)
  assert.deepEqual([row?.fresh, row?.retracted], [hosts, 0])
  const [found] = await store.read(tenant, ({ sql }) => sql`
    select count(*)::int as n, count(*) filter (where status = 'new' and times_found = 1)::int as fresh, count(distinct asset_id)::int as hosts from finding where tenant_id = ${tenant} and signature_id = ${cveNumber(cve)!}`)
  assert.deepEqual({ ...found }, { n: hosts, fresh: hosts, hosts })
  const [events] = await store.read(tenant, ({ sql }) => sql`select count(*)::int as n from finding_event where tenant_id = ${tenant} and signature_id = ${cveNumber(cve)!}`)
  assert.equal(events!['n'], hosts)
})
