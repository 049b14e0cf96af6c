import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cveNumber } from '#core/knowledge/number.ts'
import { affected, cvss, statement } from '#knowledge/testing-records.ts'
import { makeTenant } from './database.ts'
import { makeHost } from './finding-world.ts'
import { advisory, findingsOf, rejudgeWorld, seenHost, upstream } from './rejudge-world.ts'

const [one, two, three] = ['CVE-2026-2001', 'CVE-2026-2002', 'CVE-2026-2003']

test('a vulnerability withdrawn beside ranges that are the same ends its findings, and rated otherwise rates them', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  const rest = advisory(three, 'bash', '5.3-1')
  const both = [...rest, ...advisory(one, 'openssh', '1:9.2p1-2+deb12u4'), ...upstream(two, 'acme:httpd', '2.0')]
  await world.release(both)
  await world.scan(tenant, seenHost(asset, { ssh: '9.2p1 Debian-2+deb12u3', web: '1.4', packages: { bash: '5.2-1' } }))
  const told = async () => (await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted])
  const open = [one, two, three].map((cve) => [cveNumber(cve), 'new', false])
  assert.deepEqual(await told(), open)
  const withdrawn = '2026-03-01T00:00:00Z'
  await world.release(both.map((record) => (record.record === 'statement' && record.vulnerability !== three ? { ...record, withdrawn } : record)))
  assert.deepEqual(await told(), [[cveNumber(one), 'fixed', true], [cveNumber(two), 'fixed', true], [cveNumber(three), 'new', false]])
  await world.release(both)
  assert.deepEqual(await told(), [[cveNumber(one), 'reopened', false], [cveNumber(two), 'reopened', false], [cveNumber(three), 'new', false]])
  const severity = () => world.store.read(tenant, ({ sql }) => sql`select severity from finding where tenant_id = ${tenant} and signature_id = ${cveNumber(three)}`)
  assert.deepEqual((await severity()).map((row) => row['severity']), [4])
  await world.release(both.map((record) => (record.record === 'statement' && record.vulnerability === three ? { ...record, cvss: [cvss(9.9)] } : record)))
  assert.deepEqual((await severity()).map((row) => row['severity']), [5])
})

test('an override of what NVD says, of the statement alone, ends what the ranges of NVD had found', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  const nvd = [...upstream(two, 'acme:httpd', '2.0'), affected(three, 'cpe', 'acme:httpd', '1.0', { product: { ecosystem: 'cpe', name: 'acme:httpd', part: 'a' } })]
  const release = async (overrides: readonly string[]): Promise<void> => {
    await world.kb.build([world.kb.feed('nvd', nvd, { name: 'nvd' }), world.kb.feed('nvd-overrides', overrides.map((cve) => statement(cve)), { name: 'overrides' })], { force: true })
    await world.knowledge.refresh()
    await world.rejudge.settled()
  }
  await release([three])
  await world.scan(tenant, seenHost(asset, { web: '1.4' }))
  const told = async () => (await findingsOf(world.store, tenant)).map((row) => [row.check, row.status, row.retracted])
  assert.deepEqual(await told(), [[cveNumber(two), 'new', false]])
  await release([two, three])
  assert.deepEqual(await told(), [[cveNumber(two), 'fixed', true]])
})
