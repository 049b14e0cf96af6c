import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cveNumber } from '#core/knowledge/number.ts'
import { readApplied } from '#platform/observation/applied.ts'
import { makeTenant } from './database.ts'
import { makeHost } from './finding-world.ts'
import { advisory, eventsOf, findingsOf, rejudgeWorld, seenHost, shippedCheck, upstream } from './rejudge-world.ts'

const [one, two, three] = ['CVE-2026-2001', 'CVE-2026-2002', 'CVE-2026-2003']
const number = (cve: string): number => cveNumber(cve)!
const noon = Date.UTC(2026, 2, 3, 12)

test('software that a scan sees is judged by the ranges of the release, with the proof, and closed when it is another', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.release([...advisory(one, 'openssh', '1:9.2p1-2+deb12u4'), ...upstream(two, 'acme:httpd', '2.0'), ...advisory(three, 'zlib', '1:1.3-1')])
  await world.scan(tenant, seenHost(asset, { ssh: '9.2p1 Debian-2+deb12u3', web: '1.4', packages: { zlib: '1:1.2.13-1', bash: '5.2-1' } }))
  const found = await findingsOf(world.store, tenant)
  assert.deepEqual(found.map((row) => [row.check, row.port, row.package, row.type, row.status, row.via]), [
    [number(one), 22, 'openssh-server', 'confirmed', 'new', null],
    [number(two), 80, 'acme:httpd', 'potential', 'new', null],
    [number(three), 0, 'zlib', 'confirmed', 'new', null],
  ])
  assert.match(found[0]!.result!, /openssh-server 1:9\.2p1-2\+deb12u3 is installed, of source openssh .* before 1:9\.2p1-2\+deb12u4 \(osv, DSA-2001-1\)\. Fixed in 1:9\.2p1-2\+deb12u4\./)
  await world.scan(tenant, seenHost(asset, { ssh: '9.2p1 Debian-2+deb12u4', web: '2.1', packages: { zlib: '1:1.3-2', bash: '5.2-1' } }))
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted]), [number(one), number(two), number(three)].map((check) => [check, 'fixed', false]))
  const [check] = await world.store.platform(({ sql }) => sql`select title, severity, kind, cve, solution from signature where id = ${number(one)}`)
  assert.deepEqual({ ...check }, { title: `${one}: Flaw of openssh`, severity: 4, kind: 'range', cve: [one], solution: 'Update openssh.' })
})

test('a new advisory is judged over what is stored: no scan, `via` until tested, and just what a scan would have found', async (t) => {
  const world = await rejudgeWorld(t)
  const [stored, scanned] = [await makeTenant(world.store, 'Stored'), await makeTenant(world.store, 'Scanned')]
  const host = seenHost(await makeHost(world.store, stored, '127.0.0.1'), { ssh: '9.2p1 Debian-2+deb12u3', web: '1.4', packages: { zlib: '1:1.2.13-1', bash: '5.2-1' } })
  await world.release(advisory('CVE-2020-0001', 'nothing', '1'))
  await world.scan(stored, host, noon)
  assert.deepEqual(await findingsOf(world.store, stored), [])
  await world.release([...advisory('CVE-2020-0001', 'nothing', '1'), ...advisory(one, 'openssh', '1:9.2p1-2+deb12u4'), ...upstream(two, 'acme:httpd', '2.0'), ...advisory(three, 'zlib', '1:1.3-1')])
  const found = await findingsOf(world.store, stored)
  assert.deepEqual(found.map((row) => [row.check, row.status, row.times, row.via]), [number(one), number(two), number(three)].map((check) => [check, 'new', 1, noon]))
  const twin = seenHost(await makeHost(world.store, scanned, '127.0.0.1'), { ssh: '9.2p1 Debian-2+deb12u3', web: '1.4', packages: { zlib: '1:1.2.13-1', bash: '5.2-1' } })
  await world.scan(scanned, twin)
  const bare = (rows: Awaited<ReturnType<typeof findingsOf>>) => rows.map((row) => ({ ...row, via: null }))
  assert.deepEqual(await findingsOf(world.store, scanned), bare(found))
  // Applied again, from the beginning: not one row is another.
  const before = await everything(world, stored)
  await world.store.write(stored, ({ sql, tenant }) => sql`delete from kb_applied where tenant_id = ${tenant}`)
  const again = world.another()
  await again.settled()
  assert.equal((await world.store.read(stored, readApplied))?.state, 'done')
  assert.deepEqual(await everything(world, stored), before)
  // Tested: it is by a test now, and counted.
  await world.scan(stored, host)
  assert.deepEqual((await findingsOf(world.store, stored)).map((row) => [row.status, row.times, row.via]), [['active', 2, null], ['active', 2, null], ['active', 2, null]])
})

test('a range that changed or went ends its findings as retracted, never as fixed; back again, they are found again', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  const rest = advisory(three, 'zlib', '1:1.3-1')
  const both = [...rest, ...advisory(one, 'openssh', '1:9.2p1-2+deb12u4'), ...upstream(two, 'acme:httpd', '2.0')]
  await world.release(both)
  await world.scan(tenant, seenHost(asset, { ssh: '9.2p1 Debian-2+deb12u3', web: '1.4', packages: { zlib: '1:1.2.13-1' } }), noon)
  await world.release([...rest, ...advisory(one, 'openssh', '1:9.2p1-2+deb12u3')])
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted]), [[number(one), 'fixed', true], [number(two), 'fixed', true], [number(three), 'new', false]])
  assert.deepEqual((await eventsOf(world.store, tenant)).toSorted(), [`new ${number(one)}`, `new ${number(two)}`, `new ${number(three)}`, `retracted ${number(one)}`, `retracted ${number(two)}`].toSorted())
  const [counts] = await world.store.read(tenant, ({ sql }) => sql`select open1 + open2 + open3 + open4 + open5 as open from asset_host where tenant_id = ${tenant} and id = ${asset}`)
  assert.equal(counts!['open'], 1)
  await world.release(both)
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted, row.via]), [[number(one), 'reopened', false, noon], [number(two), 'reopened', false, noon], [number(three), 'new', false, null]])
})

test('a new check of ours is judged over stored pages; changed so that it does not hold, or withdrawn, it takes its findings back', async (t) => {
  const world = await rejudgeWorld(t, shippedCheck(1, 503))
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.scan(tenant, seenHost(asset, { web: '1.4', status: 200 }), noon)
  assert.deepEqual(await findingsOf(world.store, tenant), [])
  const signature = world.knowledge.of(tenant).signatures.get(501)!
  const publish = async (version: number, status: number | null): Promise<void> => {
    const own = status === null ? null : { ...signature, version, when: { field: 'status', is: status } }
    await world.store.platform(({ sql }) => sql`
      insert into kb_published (signature_id, draft_id, signature, body, published_at) values (501, ${'00000000-0000-7000-8000-000000000000'}, ${own === null ? null : sql.json(own as never)}, '', ${new Date()})
      on conflict (signature_id) do update set signature = excluded.signature`)
    await world.knowledge.refresh()
    await world.rejudge.settled()
  }
  await publish(2, 200)
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.result, row.via]), [[501, 'new', 'Status 200', noon]])
  await publish(3, 403)
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.status, row.retracted]), [['fixed', true]])
  await publish(4, 200)
  await publish(5, null)
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.status, row.retracted]), [['fixed', true]])
  assert.deepEqual(await eventsOf(world.store, tenant), ['new 501', 'retracted 501', 'reopened 501', 'retracted 501'])
})

test('what is tried in one organisation judges no other', async (t) => {
  const world = await rejudgeWorld(t, shippedCheck(1, 503))
  const [canary, other] = [await makeTenant(world.store, 'Canary'), await makeTenant(world.store, 'Other')]
  for (const tenant of [canary, other]) await world.scan(tenant, seenHost(await makeHost(world.store, tenant, '127.0.0.1'), { web: '1.4', status: 200 }), noon)
  const signature = world.knowledge.of(other).signatures.get(501)!
  const tried = [{ ...signature, version: 2, when: { field: 'status', is: 200 } }, { ...signature, id: 502, title: 'Tried', when: { field: 'status', is: 200 } }]
  await world.store.platform(async ({ sql }) => {
    for (const [place, staged] of tried.entries()) {
      const [author, reviewer] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
      await sql`
        insert into kb_draft (id, signature_id, intent, title, state, revision, body, signature, change_log, author_id, author_name, writers, reviewer_id, reviewer_name, passed, created_at, changed_at)
        values (${`00000000-0000-7000-8000-00000000010${place}`}, ${staged.id}, 'change', 'Tried', 'staged', 1, '', ${sql.json(staged as never)}, '', ${author}, 'A', array[${author}]::uuid[], ${reviewer}, 'B', true, ${new Date()}, ${new Date()})`
    }
    await sql`update tenant set settings = settings || '{"canary": true}'::jsonb where id = ${canary}`
  })
  await world.knowledge.refresh()
  await world.rejudge.settled()
  assert.deepEqual((await findingsOf(world.store, canary)).map((row) => [row.check, row.status]), [[501, 'new'], [502, 'new']])
  assert.deepEqual(await findingsOf(world.store, other), [])
  assert.equal(world.knowledge.lineOf(canary), 'canary')
  assert.equal(world.knowledge.of(other).signatures.has(502), false)
  const [row] = await world.store.platform(({ sql }) => sql`select retired from signature where id = 502`)
  assert.equal(row!['retired'], true, 'in no list of anybody else')
  await world.store.platform(({ sql }) => sql`update kb_draft set state = 'abandoned'`)
  await world.knowledge.refresh()
  await world.rejudge.settled()
  assert.deepEqual((await findingsOf(world.store, canary)).map((found) => [found.check, found.status, found.retracted]), [[501, 'fixed', true], [502, 'fixed', true]])
})

type World = Awaited<ReturnType<typeof rejudgeWorld>>

/** Every row of findings and of what is stored, as text. */
async function everything({ database }: World, tenant: string): Promise<readonly string[]> {
  const { owner } = database
  return Promise.all(['finding', 'finding_evidence', 'finding_event', 'observation', 'asset_software', 'software', 'asset_host', 'asset_relief'].map(async (table) => {
    const [row] = await owner<{ all: string | null }[]>`select string_agg(t::text, E'\n' order by t::text) as all from ${owner(table)} t where tenant_id = ${tenant}`
    return row!.all ?? ''
  }))
}
