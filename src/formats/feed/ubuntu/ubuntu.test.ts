import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { ubuntu } from './ubuntu.ts'

test('reads OVAL: binaries by variable, and what the words beside a test mean', async () => {
  const read = await readAll(ubuntu, slice('ubuntu'))
  assert.equal(read.records, 1)
  assert.deepEqual(read.affected('CVE-2099-0001').map((one) => [one.product.ecosystem, one.product.name, one.of, one.status, one.intervals]), [
    ['Ubuntu:22.04', 'widget', 'binary', 'affected', [{ before: '0:1.2-3ubuntu0.1' }]],
    ['Ubuntu:22.04', 'libwidget1', 'binary', 'affected', [{ before: '0:1.2-3ubuntu0.1' }]],
    ['Ubuntu:22.04', 'gadget', 'binary', 'unfixed', [{}]],
    ['Ubuntu:22.04', 'gizmo', 'binary', 'underInvestigation', [{}]],
    ['Ubuntu:22.04', 'thing', 'binary', 'unfixed', [{}]],
  ])
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual([said.rating, said.published, said.cvss.map((one) => [one.score, one.by])], ['high', '2099-01-02T03:04:05Z', [[7.5, 'Ubuntu']]])
  assert.deepEqual(read.unused, { 'unknown-status': 1 })
})

test('reads records of OSV', async () => {
  const record = { id: 'UBUNTU-CVE-2099-0002', modified: '2099-01-01T00:00:00Z', upstream: ['CVE-2099-0002'], severity: [{ type: 'Ubuntu', score: 'low' }], affected: [{ package: { ecosystem: 'Ubuntu:24.04:LTS', name: 'w' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] }] }
  const read = await readAll(ubuntu, feedOf('ubuntu', { 'a.json': JSON.stringify(record), 'b.json': '7' }))
  assert.deepEqual(read.affected('CVE-2099-0002').map((one) => [one.product.ecosystem, one.of, one.status]), [['Ubuntu:24.04', 'source', 'unfixed']])
  assert.deepEqual([read.statement('CVE-2099-0002').rating, read.unused], ['low', { 'osv-format': 1 }])
})

test('what is none of it is not that feed', async () => {
  await assert.rejects(readAll(ubuntu, feedOf('com.ubuntu.jammy.xml', { 'com.ubuntu.jammy.xml': '<html/>' })), { code: 'feed.format' })
  await assert.rejects(readAll(ubuntu, feedOf('com.ubuntu.jammy.xml', { 'com.ubuntu.jammy.xml': '<oval_definitions><definitions>' })), { code: 'feed.truncated' })
  assert.ok(ubuntu.recognises('com.ubuntu.jammy.cve.oval.xml'))
})
