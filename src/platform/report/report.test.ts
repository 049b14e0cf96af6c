import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { folderBlobs } from '#store/blob/folder.ts'
import { newId } from '#store/id.ts'
import type { Jobs } from '#store/jobs.ts'
import { openJobs } from '#store/jobs.ts'
import { makeTenant, openTestDatabase } from '../../../test/database.ts'
import type { Actor } from '../access/actor.ts'
import { recordTopTen } from '../kb/top-ten.ts'
import { makeReport } from './make.ts'
import { createReport, dropExpiredReports, listReports, readReport, reportBlob, reportQueue, type ReportFormat } from './report.ts'

async function world(context: TestContext) {
  const { store, owner, close } = await openTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'vigil-report-'))
  const jobs: Jobs = await openJobs(owner, (error) => assert.fail(String(error)))
  context.after(async () => {
    await jobs.stop()
    await close()
    await rm(folder, { recursive: true, force: true })
  })
  const blobs = folderBlobs(folder)
  const actor = (tenant: string, name = 'Ada', scope: Actor['scope'] = null): Actor =>
    ({ user: { id: newId(), name, email: `${name}@example.test` }, tenant, role: 'manager', scope, via: { kind: 'session', id: newId() }, ip: null })
  const make = (tenant: string, report: string) => makeReport({ store, blobs, release: 'r1', now: Date.now }, { tenant, report }, new AbortController().signal)
  return { store, jobs, blobs, actor, make }
}

async function addFinding(store: Awaited<ReturnType<typeof world>>['store'], tenant: string, result: string): Promise<void> {
  const [asset, finding, scan, now] = [newId(), newId(), newId(), new Date()]
  await store.platform(async ({ sql }) => {
    await sql`insert into signature (id, version, title, category, severity, type, kind, cve, cwe, products, threat, impact, solution, reference, published, changed, retired, search)
      values (40101, 1, 'Open store', 'Database', 5, 'confirmed', 'service', '{}', '{}', '{}', 'threat', 'impact', 'solution', '{}', ${now}, ${now}, false, 'open store') on conflict (id) do nothing`
    await sql`insert into asset_host (tenant_id, id, network_id, tracking, identity, address, state, last_scanned, created_at)
      values (${tenant}, ${asset}, ${tenant}, 'address', '127.0.0.1', '127.0.0.1', 'up', ${now}, ${now})`
    await sql`insert into finding (tenant_id, id, asset_id, signature_id, proto, port, instance, severity, type, status, ignored, score, probe, login, first_found, last_found, times_found, times_reopened, last_scan)
      values (${tenant}, ${finding}, ${asset}, 40101, 'tcp', 6379, '', 5, 'confirmed', 'new', false, 92, 'redis', false, ${now}, ${now}, 1, 0, ${scan})`
    await sql`insert into finding_evidence (tenant_id, finding_id, at, probe, signature_version, scan_id, result, sent, received, hash)
      values (${tenant}, ${finding}, ${now}, 'redis@1', 1, ${scan}, ${result}, 'INFO', 'redis_version:7', ${Buffer.from('x')})`
  })
}

test('a report holds its own tenant\'s findings, in every format', async (context) => {
  const { store, jobs, blobs, actor, make } = await world(context)
  await jobs.work(reportQueue, async () => {})
  const [one, two] = [await makeTenant(store, 'One'), await makeTenant(store, 'Two')]
  await addFinding(store, one, 'seen at One')
  await addFinding(store, two, 'seen at Two')
  for (const format of ['html', 'csv', 'json', 'sarif', 'xlsx', 'pdf'] as ReportFormat[]) {
    const ada = actor(one)
    const { id } = await store.write(one, (tx) => createReport(tx, ada, { kind: 'technical', format }, jobs, new Date()))
    await make(one, id)
    const report = await store.read(one, (tx) => readReport(tx, ada, id))
    assert.deepEqual([report.state, report.findings, report.failure], ['finished', 1, null], format)
    const parts: Uint8Array[] = []
    for await (const part of blobs.get(reportBlob(one, id))) parts.push(part)
    const body = Buffer.concat(parts)
    assert.equal(body.length, report.bytes)
    if (format !== 'xlsx' && format !== 'pdf') assert.ok(body.includes('seen at One'), format)
    assert.equal(body.includes('seen at Two'), false)
  }
})

test('the job is there if and only if the report is', async (context) => {
  const { store, jobs, actor } = await world(context)
  const tenant = await makeTenant(store)
  const heard: string[] = []
  let wake: () => void = () => {}
  const got = new Promise<void>((resolve) => (wake = resolve))
  await jobs.work(reportQueue, async (data) => {
    heard.push(String(data['report']))
    wake()
  })
  await assert.rejects(store.write(tenant, async (tx) => {
    await createReport(tx, actor(tenant), { kind: 'executive', format: 'html' }, jobs, new Date())
    throw new Error('rolled back')
  }), /rolled back/)
  const { id } = await store.write(tenant, (tx) => createReport(tx, actor(tenant), { kind: 'executive', format: 'html' }, jobs, new Date()))
  await got
  assert.deepEqual(heard, [id])
})

test('who sees a part of the organisation sees only their own reports', async (context) => {
  const { store, jobs, actor } = await world(context)
  await jobs.work(reportQueue, async () => {})
  const tenant = await makeTenant(store)
  const [manager, reader] = [actor(tenant), actor(tenant, 'Grace', { groups: [], units: [] })]
  const { id } = await store.write(tenant, (tx) => createReport(tx, manager, { kind: 'technical', format: 'csv' }, jobs, new Date()))
  await assert.rejects(store.read(tenant, (tx) => readReport(tx, reader, id)), { code: 'not_found' })
  assert.equal((await store.read(tenant, (tx) => listReports(tx, reader, null, 10))).length, 0)
  assert.equal((await store.read(tenant, (tx) => listReports(tx, manager, null, 10))).length, 1)
  const stranger = await makeTenant(store, 'Other')
  await assert.rejects(store.read(stranger, (tx) => readReport(tx, actor(stranger), id)), { code: 'not_found' })
})

test('a query that cannot be read fails the report in words, and the next try can still make it', async (context) => {
  const { store, jobs, actor, make } = await world(context)
  await jobs.work(reportQueue, async () => {})
  const tenant = await makeTenant(store)
  const ada = actor(tenant)
  const { id } = await store.write(tenant, (tx) => createReport(tx, ada, { kind: 'technical', format: 'csv', query: 'severity:(' }, jobs, new Date()))
  await assert.rejects(make(tenant, id))
  const report = await store.read(tenant, (tx) => readReport(tx, ada, id))
  assert.equal(report.state, 'failed')
  assert.ok((report.failure ?? '').length > 10)
})

test('expired reports go, with their bodies, and others stay', async (context) => {
  const { store, jobs, blobs, actor, make } = await world(context)
  await jobs.work(reportQueue, async () => {})
  const tenant = await makeTenant(store)
  const ada = actor(tenant)
  const made: string[] = []
  for (const at of [new Date(Date.now() - 40 * 86_400_000), new Date()]) {
    const { id } = await store.write(tenant, (tx) => createReport(tx, ada, { kind: 'executive', format: 'json' }, jobs, at))
    await make(tenant, id)
    made.push(id)
  }
  assert.equal(await dropExpiredReports(store, blobs, new Date()), 1)
  await assert.rejects(store.read(tenant, (tx) => readReport(tx, ada, made[0]!)), { code: 'not_found' })
  await assert.rejects((async () => { for await (const _ of blobs.get(reportBlob(tenant, made[0]!))) void _ })(), /There is no blob/)
  assert.equal((await store.read(tenant, (tx) => readReport(tx, ada, made[1]!))).state, 'finished')
})

test('the Top 10 report keeps to the checks of the Top 10, and any report to a search list', async (context) => {
  const { store, jobs, actor, make } = await world(context)
  await jobs.work(reportQueue, async () => {})
  const one = await makeTenant(store, 'One')
  await addFinding(store, one, 'seen')
  const ada = actor(one)
  const count = async (kind: 'technical' | 'top10', query: string): Promise<number | null> => {
    const { id } = await store.write(one, (tx) => createReport(tx, ada, { kind, format: 'json', query }, jobs, new Date()))
    await make(one, id)
    const report = await store.read(one, (tx) => readReport(tx, ada, id))
    assert.equal(report.failure, null)
    return report.findings
  }
  assert.equal(await count('top10', ''), 0, 'nothing is in it yet')
  await store.write(one, ({ sql }) => sql`update asset_host set last_seen = last_scanned where tenant_id = ${one}`)
  await recordTopTen(store, new Date())
  assert.equal(await count('top10', ''), 1)
  assert.equal(await count('top10', 'severity:1'), 0)
  assert.equal(await count('technical', 'list:"Urgent and critical"'), 1)
  assert.equal(await count('technical', 'list:"PCI fails"'), 0)
})
