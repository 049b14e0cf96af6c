import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { debian } from './debian.ts'

test('reads how each release stands', async () => {
  const read = await readAll(debian, slice('debian'))
  assert.equal(read.records, 4)
  const brief = (cve: string, name: string): unknown => read.affected(cve, name).map((one) => [one.product.ecosystem, one.of, one.scheme, one.status, one.intervals, one.rating])
  assert.deepEqual(brief('CVE-2099-0001', 'widget'), [
    ['Debian:11', 'source', 'dpkg', 'unfixed', [{}], 'end-of-life'],
    ['Debian:12', 'source', 'dpkg', 'affected', [{ before: '1.2-3+deb12u1' }], 'medium'],
    ['Debian:13', 'source', 'dpkg', 'notAffected', [], undefined],
    ['Debian:sid', 'source', 'dpkg', 'affected', [{ before: '1.4-1' }], undefined],
    ['Debian:14', 'source', 'dpkg', 'underInvestigation', [{}], undefined],
  ])
  assert.deepEqual(brief('CVE-2099-0002', 'widget'), [['Debian:12', 'source', 'dpkg', 'unfixed', [{}], 'unimportant'], ['Debian:13', 'source', 'dpkg', 'unfixed', [{}], 'low']])
  assert.deepEqual(brief('CVE-2099-0001', 'gadget'), [['Debian:12', 'source', 'dpkg', 'unfixed', [{}], undefined]])
  assert.equal(read.of('statement').filter((one) => one.vulnerability === 'CVE-2099-0001').length, 1, 'once, however many packages have it')
  assert.deepEqual(read.unused, { 'unknown-release': 1, 'unknown-status': 1 })
})

test('a poisoned record is unused and the feed goes on', async () => {
  const text = JSON.stringify({ good: { 'CVE-2099-0001': { releases: { sid: { status: 'open', urgency: { a: 1 } } } } }, 'Bad Name!': {}, bad: { 'CVE-2099-0002': 7, 'CVE-X': { releases: {} }, 'CVE-2099-0003': { releases: { sid: { status: 'resolved', fixed_version: 'x'.repeat(1_000_000) }, bookworm: null } } }, worse: [] })
  const read = await readAll(debian, feedOf('debian', { 'security-tracker.json': text.replace('"worse"', '"__proto__":{"CVE-2099-0009":{"releases":{}}},"constructor":{"x":1},"worse"') }))
  assert.deepEqual(read.unused, { 'bad-package': 3, 'bad-record': 2, 'bad-identifier': 1, 'unknown-status': 2 })
  assert.deepEqual(read.of('affected').map((one) => [one.vulnerability, one.rating]), [['CVE-2099-0001', undefined]])
})

test('what is no tracker is not that feed', async () => {
  for (const text of ['{"a":{"CVE', '[1,2]', '{}', '{"hello":{"world":1}}']) await assert.rejects(readAll(debian, feedOf('debian', { 'x.json': text })), { code: 'feed.format' }, text)
  assert.ok(debian.recognises('debian/security-tracker.json'))
})
