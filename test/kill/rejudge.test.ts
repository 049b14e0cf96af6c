import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { cveNumber } from '#core/knowledge/number.ts'
import { build } from '#knowledge/build/build.ts'
import { readCurrent } from '#knowledge/folder.ts'
import { bench } from '#knowledge/testing-records.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { readApplied } from '#platform/observation/applied.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { until } from '../contracts/scan-world.ts'
import { makeTenant } from '../database.ts'
import { makeHost } from '../finding-world.ts'
import { advisory, seenHost } from '../rejudge-world.ts'
import { openKillWorld } from './kill-world.ts'

const cve = 'CVE-2026-2003'
const hosts = 700

test('killed with -9 in the middle of batches while a release is applied to what is stored, it goes on where it was and finds each thing once', async (t) => {
  const world = await openKillWorld()
  t.after(() => world.close())
  const { store, platform } = world
  const feeds = bench(t)
  const folder = join(world.data, 'knowledge')
  const tenant = await makeTenant(store)
  const intake = { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now: Date.now() } as const
  const assets: string[] = []
  for (let n = 0; n < hosts; n++) {
    const asset = await makeHost(store, tenant, `127.1.${n >> 8}.${n & 255}`)
    await store.write(tenant, (tx) => takeEvents(tx, knowledgeOf('none', []), intake, seenHost(asset, { packages: { zlib: '1:1.2.13-1' } })))
    assets.push(asset)
  }
  // The platform may make a release of its own checks when it starts.
  const before = readCurrent(folder)?.root ?? ''
  const progress = async (): Promise<number> => (await store.read(tenant, readApplied))?.done ?? 0
  assets.sort()
  const reached: number[] = []
  let building: Promise<unknown> = Promise.resolve()
  for (const place of [50, 250, 650]) {
    // A host that somebody else holds stops the batch it is in, half done: there the platform is killed.
    await holding(store, tenant, assets[place]!, async () => {
      if (reached.length === 0) building = build(folder, [feeds.feed('osv', advisory(cve, 'zlib', '1:1.3-1'), { name: 'all' })], { force: true })
      else await platform.start()
      await until('the batch of the host waits', () => someoneWaits(store))
      reached.push(await progress())
      await platform.kill()
    })
  }
  await building
  assert.deepEqual(reached, [0, 200, 600])
  await platform.start()
  await until('the release is applied', async () => {
    const row = await store.read(tenant, readApplied)
    return row !== null && row.root !== before && row.state === 'done'
  })
  const row = await store.read(tenant, readApplied)
  assert.deepEqual([row?.fresh, row?.retracted], [hosts, 0])
  const [found] = await store.read(tenant, ({ sql }) => sql`
    select count(*)::int as n, count(*) filter (where status = 'new' and times_found = 1)::int as fresh, count(distinct asset_id)::int as hosts from finding where tenant_id = ${tenant} and signature_id = ${cveNumber(cve)!}`)
  assert.deepEqual({ ...found }, { n: hosts, fresh: hosts, hosts })
  const [events] = await store.read(tenant, ({ sql }) => sql`select count(*)::int as n from finding_event where tenant_id = ${tenant} and signature_id = ${cveNumber(cve)!}`)
  assert.equal(events!['n'], hosts)
})

/** Holds the lock of a host while `work` runs. */
async function holding(store: Store, tenant: string, asset: string, work: () => Promise<void>): Promise<void> {
  await store.write(tenant, async ({ sql }) => {
    await sql`select id from asset_host where tenant_id = ${tenant} and id = ${asset} for update`
    await work()
  })
}

async function someoneWaits(store: Store): Promise<boolean> {
  const [row] = await store.platform(({ sql }) => sql<{ waits: boolean }[]>`select exists (select from pg_locks where not granted) as waits`)
  return row!.waits
}
