import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { newId } from '#store/id.ts'
import { makeTenant } from './database.ts'
import { makeHost } from './finding-world.ts'
import { advisory, eventsOf, findingsOf, rejudgeWorld, seenHost, upstream } from './rejudge-world.ts'

const cve = 'CVE-2026-2002'

/** The service on port 80 says this, or nothing at all. */
function saying(events: readonly ScanEvent[], data: object | null): readonly ScanEvent[] {
  return events.flatMap((event) => {
    if (event.type !== 'seen' || event.seen.kind !== 'service') return [event]
    return data === null ? [] : [{ type: 'seen' as const, seen: { ...event.seen, data: { name: 'http', tls: false, facts: {}, ...data } } }]
  })
}

test('a service that does not tell its version any more is not called repaired', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.release(upstream(cve, 'acme:httpd', '2.0'))
  const events = seenHost(asset, { web: '1.4' })
  const told = async () => (await findingsOf(world.store, tenant)).map((row) => [row.check, row.status])
  await world.scan(tenant, events)
  assert.deepEqual(await told(), [[cveNumber(cve), 'new']])
  await world.scan(tenant, saying(events, { product: 'Acme httpd', cpe: 'cpe:2.3:a:acme:httpd:*:*:*:*:*:*:*:*' }))
  assert.deepEqual(await told(), [[cveNumber(cve), 'new']], 'the same product, without its version')
  await world.scan(tenant, saying(events, {}))
  assert.deepEqual(await told(), [[cveNumber(cve), 'new']], 'some web server')
  await world.scan(tenant, saying(events, null))
  assert.deepEqual(await told(), [[cveNumber(cve), 'new']], 'an open port that says nothing')
  await world.scan(tenant, saying(events, { product: 'Other', cpe: 'cpe:2.3:a:other:httpd:*:*:*:*:*:*:*:*' }))
  assert.deepEqual(await told(), [[cveNumber(cve), 'fixed']], 'another product')
  await world.scan(tenant, events)
  await world.scan(tenant, seenHost(asset, { web: '2.1' }))
  assert.deepEqual(await told(), [[cveNumber(cve), 'fixed']], 'another version')
  await world.scan(tenant, events)
  await world.scan(tenant, seenHost(asset, {}))
  assert.deepEqual(await told(), [[cveNumber(cve), 'fixed']], 'a closed port')
})

test('a version that is none of its package system is not called repaired', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.release([...upstream(cve, 'acme:httpd', '2.0'), ...advisory('CVE-2026-2003', 'tool', '2.0-1')])
  const told = async () => (await findingsOf(world.store, tenant)).map((row) => `${row.check} ${row.status}`).sort()
  const both = (status: string) => [`${cveNumber(cve)} ${status}`, `${cveNumber('CVE-2026-2003')} ${status}`].sort()
  await world.scan(tenant, seenHost(asset, { web: '1.4', packages: { tool: '1.0-1' } }))
  assert.deepEqual(await told(), both('new'))
  await world.scan(tenant, seenHost(asset, { web: 'unknown', packages: { tool: 'none:1' } }))
  assert.deepEqual(await told(), both('new'))
  await world.scan(tenant, seenHost(asset, { web: '2.1', packages: { tool: '2.0-1' } }))
  assert.deepEqual(await told(), both('fixed'))
})

test('a check that a list of the profile excludes, though it was not known when the scan began, is not called fixed by it', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.release(upstream(cve, 'acme:httpd', '2.0'))
  await world.scan(tenant, seenHost(asset, { web: '1.4' }))
  const profile = { signatures: 'all', exclude: [], later: { include: [], exclude: [`cve:${cve}`] } } as const
  const intake = { scan: newId(), scanner: null, profile, now: Date.now() }
  await world.store.write(tenant, (tx) => takeEvents(tx, () => world.knowledge.of(tenant), intake, seenHost(asset, { web: '1.4' })))
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.check, row.status]), [[cveNumber(cve), 'new']])
})

test('software that is the same and judged otherwise by what else is known of the host is taken back, not called fixed', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await world.release(upstream(cve, 'acme:httpd', '2.0'))
  const told = async () => (await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted])
  await world.scan(tenant, seenHost(asset, { web: '1.4' }))
  assert.deepEqual(await told(), [[cveNumber(cve), 'new', false]])
  await world.scan(tenant, seenHost(asset, { web: '1.4', packages: { httpd: '1.4-3' } }))
  assert.deepEqual(await told(), [[cveNumber(cve), 'fixed', true]])
  assert.deepEqual(await eventsOf(world.store, tenant), [`new ${cveNumber(cve)}`, `retracted ${cveNumber(cve)}`])
  await world.scan(tenant, seenHost(asset, { web: '1.5', packages: {} }))
  await world.scan(tenant, seenHost(asset, { web: '2.1', packages: {} }))
  assert.deepEqual((await eventsOf(world.store, tenant)).slice(2), [`reopened ${cveNumber(cve)}`, `fixed ${cveNumber(cve)}`])
})
