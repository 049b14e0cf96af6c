import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { withStore } from '../../../test/database.ts'
import { makeProfile, makeScanTenant } from '../../../test/contracts/scan-world.ts'
import { cancelScan, lockScan, pauseScan, windowClosed } from '../scan/state.ts'
import { runDue } from './due.ts'
import {
  changeSchedule, createSchedule, readSchedule, removeSchedule, type Schedule, type ScheduleDefinition,
} from './schedule.ts'

type World = Readonly<{ store: Store; tenant: string; profileId: string; base: ScheduleDefinition; make(change?: Partial<ScheduleDefinition>): Promise<Schedule>; read(id: string, now?: number): Promise<Schedule>; run(now: number): Promise<number>; scans(): Promise<readonly Readonly<{ id: string; state: string; title: string }>[]> }>

const created = Date.parse('2026-03-01T12:00:00Z')

async function open(context: TestContext): Promise<World> {
  const { store } = await withStore(context)
  const tenant = await makeScanTenant(store)
  const profileId = await makeProfile(store, tenant, [1])
  const base: ScheduleDefinition = {
    name: 'Nightly', targets: '127.0.0.1', assetGroupIds: [], networkId: null, profileId, scannerId: null, priority: 0,
    timeZone: 'Europe/Berlin',
    startsAt: '2026-03-01T22:00', recurrence: { kind: 'daily', every: 1 }, occurrences: null, window: {}, active: true,
  }
  return {
    store, tenant, profileId, base,
    make: (change = {}) => store.write(tenant,
      (tx) => createSchedule(tx, { ...base, ...change }, { id: newId(), name: 'Test' }, null, created)),
    read: (id, now = created) => store.read(tenant, (tx) => readSchedule(tx, id, null, now)),
    run: (now) => runDue(store, 'test', now, (error) => assert.fail(String(error))),
    scans: () => store.read(tenant, (tx) => tx.sql<{ id: string; state: string; title: string }[]>`
      select id, state, title from scan where tenant_id = ${tenant} order by created_at`),
  }
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null

test('a schedule runs at its time, once, and knows its next', async (context) => {
  const world = await open(context)
  const schedule = await world.make()
  assert.equal(iso(schedule.nextAt), '2026-03-01T21:00:00.000Z')
  assert.equal(await world.run(Date.parse('2026-03-01T20:59:59Z')), 0)
  const at = Date.parse('2026-03-01T21:00:00Z')
  const found = await Promise.all([world.run(at), world.run(at), world.run(at)])
  assert.ok(found.some((count) => count === 1))
  assert.deepEqual((await world.scans()).map((scan) => scan.title), ['Nightly'])
  const after = await world.read(schedule.id)
  assert.deepEqual([after.runs, iso(after.nextAt), after.lastProblem], [1, '2026-03-02T21:00:00.000Z', null])
})

test('runs missed while the server was off are made up for once, and it says so', async (context) => {
  const world = await open(context)
  const schedule = await world.make()
  await world.run(Date.parse('2026-03-20T09:00:00Z'))
  await world.run(Date.parse('2026-03-20T09:00:05Z'))
  assert.equal((await world.scans()).length, 1)
  const after = await world.read(schedule.id)
  assert.equal(iso(after.nextAt), '2026-03-20T21:00:00.000Z')
  assert.match(after.lastProblem!, /Started late: it was due at 2026-03-01T21:00/)
})

test('a run is skipped while the one before is still going, and the schedule moves on', async (context) => {
  const world = await open(context)
  const schedule = await world.make()
  await world.run(Date.parse('2026-03-01T21:00:00Z'))
  await world.run(Date.parse('2026-03-02T21:00:00Z'))
  assert.equal((await world.scans()).length, 1)
  const after = await world.read(schedule.id)
  assert.match(after.lastProblem!, /Skipped: scan\/.* was still queued/)
  assert.deepEqual([after.runs, iso(after.nextAt)], [1, '2026-03-03T21:00:00.000Z'])
})

test('what its window paused is gone on with at its next time; what a person paused is not', async (context) => {
  const world = await open(context)
  await world.make({ window: { pauseAfterMinutes: 60 } })
  await world.run(Date.parse('2026-03-01T21:00:00Z'))
  const [scan] = await world.scans()
  const pause = (why: string) => world.store.write(world.tenant,
    (tx) => pauseScan(tx, scan!.id, why, Date.parse('2026-03-01T22:00:00Z')))
  await pause(windowClosed)
  await world.run(Date.parse('2026-03-02T21:00:00Z'))
  assert.deepEqual((await world.scans()).map((row) => row.state), ['Queued'])
  const row = await world.store.write(world.tenant, (tx) => lockScan(tx, scan!.id))
  assert.equal(iso(row.window_ends_at), '2026-03-02T22:00:00.000Z')
  await pause('paused by Ada')
  await world.run(Date.parse('2026-03-03T21:00:00Z'))
  assert.deepEqual((await world.scans()).map((one) => one.state), ['Paused'])
})

test('after its last occurrence a schedule is over', async (context) => {
  const world = await open(context)
  const schedule = await world.make({ occurrences: 2 })
  for (const day of ['01', '02', '03']) {
    await world.run(Date.parse(`2026-03-${day}T21:00:00Z`))
    const running = (await world.scans()).find((scan) => scan.state === 'Queued')
    if (running !== undefined) await world.store.write(world.tenant, (tx) => cancelScan(tx, running.id, 'by a test', Date.now()))
  }
  assert.equal((await world.scans()).length, 2)
  const after = await world.read(schedule.id)
  assert.deepEqual([after.runs, after.active, after.nextAt, after.upcoming.length], [2, false, null, 0])
})

test('a run that cannot start says why and does not stop the schedule', async (context) => {
  const world = await open(context)
  const schedule = await world.make()
  await world.store.write(world.tenant, (tx) => tx.sql`delete from address_range where tenant_id = ${world.tenant}`)
  await world.run(Date.parse('2026-03-01T21:00:00Z'))
  const after = await world.read(schedule.id)
  assert.match(after.lastProblem!, /Nobody has declared/)
  assert.deepEqual([after.active, iso(after.nextAt), after.runs], [true, '2026-03-02T21:00:00.000Z', 0])
})

test('a schedule scans no more than the one who saved it may', async (context) => {
  const world = await open(context)
  const group = newId()
  await world.store.write(world.tenant, async (tx) => {
    await tx.sql`insert into asset_group (tenant_id, id, name, impact, comment, created_at) values (${world.tenant}, ${group},
      'Mine', 2, '', ${new Date()})`
    await tx.sql`insert into asset_group_range (tenant_id, group_id, network_id, first, last) values (${world.tenant}, ${group},
      ${world.tenant}, '127.0.0.1', '127.0.0.1')`
    const definition: ScheduleDefinition = { ...world.base, name: 'Scoped', targets: '127.0.0.0/24' }
    await createSchedule(tx, definition, { id: newId(), name: 'Scoped' }, { groups: [group], units: [] }, created)
  })
  await world.run(Date.parse('2026-03-01T22:00:00Z'))
  const [scan] = await world.scans()
  const row = await world.store.write(world.tenant, (tx) => lockScan(tx, scan!.id))
  assert.equal(row.hosts_total, 1)
})

test('what would never run or could not start is refused when it is saved', async (context) => {
  const world = await open(context)
  await assert.rejects(world.make({ startsAt: '2026-01-01T00:00', recurrence: { kind: 'once' } }),
    /would never run: its only time is past/)
  await assert.rejects(world.make({ timeZone: 'Mars/Olympus' }), /"Mars\/Olympus" is not a time zone/)
  await assert.rejects(world.make({ targets: '126.0.0.1' }), /Nothing is left/)
  await assert.rejects(world.make({ targets: '' }), /Say what to scan/)
  await assert.rejects(world.make({ window: { resumeInDays: 2 } }), /Say after how many minutes/)
  await assert.rejects(world.make({ profileId: newId() }), /There is no option profile/)
})

test('switched off it does not run; switched on it runs next; removed it is gone', async (context) => {
  const world = await open(context)
  const schedule = await world.make()
  const change = (body: Partial<ScheduleDefinition>, now: number) => world.store.write(world.tenant,
    (tx) => changeSchedule(tx, schedule.id, body, null, null, now))
  assert.equal((await change({ active: false }, created)).nextAt, null)
  assert.equal(await world.run(Date.parse('2026-03-05T21:00:00Z')), 0)
  assert.equal(iso((await change({ active: true }, Date.parse('2026-03-05T22:00:00Z'))).nextAt), '2026-03-06T21:00:00.000Z')
  await world.store.write(world.tenant, (tx) => removeSchedule(tx, schedule.id, null))
  assert.equal(await world.run(Date.parse('2026-03-06T21:00:00Z')), 0)
  await assert.rejects(world.read(schedule.id), /There is no schedule/)
})
