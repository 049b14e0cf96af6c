import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { ghsa, osv } from './osv.ts'

const modified = '2099-02-03T04:05:06Z'

test('reads ranges whose events come in any order', async () => {
  const read = await readAll(osv, slice('osv'))
  const [widget] = read.affected('CVE-2099-0001')
  assert.deepEqual(widget?.product, { ecosystem: 'PyPI', name: 'widget-py' })
  assert.deepEqual(widget.intervals, [{ from: '1.2', before: '1.8.9' }, { from: '1.10', before: '2.0' }, { from: '3.0', upTo: '3.2' }])
  assert.deepEqual(widget.versions, ['0.9rc1'], 'only what no range covers')
  assert.deepEqual([widget.scheme, widget.of, widget.status, widget.key], ['pep440', 'binary', 'affected', 'PYSEC-2099-1'])
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual(said.aliases, ['PYSEC-2099-1', 'GHSA-2222-3333-4444'])
  assert.deepEqual(said.cvss, [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 }])
  assert.deepEqual(said.references.map((one) => one.kind), ['fix', 'advisory'])
  assert.equal(said.modified, modified)
})

test('a record of several CVEs speaks of each', async () => {
  const read = await readAll(osv, slice('osv'))
  for (const cve of ['CVE-2099-0002', 'CVE-2099-0003']) {
    const said = read.statement(cve, 'GO-2099-0001')
    assert.deepEqual([said.aliases, said.modified, said.published], [[], undefined, undefined], 'the year 1 is no time')
    assert.deepEqual(read.affected(cve).map((one) => [one.product.name, one.scheme, one.intervals]), [
      ['example.org/widget', 'go', [{ before: '2.0.1' }]], ['example.org/gadget', 'go', [{ from: '1.0.0', before: '1.4.0' }, { from: '2.0.0-0' }]],
    ])
  }
})

test('an application of Bitnami is found by CPE too', async () => {
  const read = await readAll(osv, slice('osv'))
  assert.deepEqual(read.affected('CVE-2099-0004').map((one) => [one.product.ecosystem, one.product.name, one.scheme, one.cpe]), [
    ['Bitnami', 'widget', 'generic', undefined], ['cpe', 'example:widget', 'generic', undefined], ['cpe', 'example:widget', 'generic', { targetSoftware: 'maven' }],
  ])
  const said = read.statement('CVE-2099-0004')
  assert.deepEqual([said.rating, said.cvss.map((one) => [one.version, one.score])], ['critical', [['4.0', 9.3]]])
})

test('advisories of distributions speak of the CVEs they name', async () => {
  const read = await readAll(osv, slice('osv'))
  const brief = (cve: string): unknown => read.affected(cve).map((one) => [one.product.ecosystem, one.of, one.status, one.intervals, one.versions])
  for (const cve of ['CVE-2099-0005', 'CVE-2099-0006']) {
    assert.deepEqual(brief(cve), [['Debian:12', 'source', 'affected', [{ before: '1.2-3+deb12u1' }], []]])
    assert.deepEqual([read.statement(cve).key, read.statement(cve).aliases], ['DSA-5999-1', []])
  }
  assert.deepEqual(brief('CVE-2099-0007'), [['Debian:12', 'source', 'unfixed', [{}], []], ['Debian:13', 'source', 'affected', [{ before: '1.3-1' }], []]])
  assert.equal(read.affected('CVE-2099-0007')[0]?.rating, 'unimportant')
  for (const cve of ['CVE-2099-0008', 'CVE-2099-0009']) {
    assert.deepEqual(brief(cve), [['Ubuntu:22.04', 'source', 'affected', [{ before: '1.2-3ubuntu0.1' }], []], ['Ubuntu:Pro:18.04', 'source', 'affected', [{ before: '1.0-1ubuntu0.1~esm1' }], []]])
    assert.equal(read.statement(cve).rating, 'medium')
  }
  assert.deepEqual(brief('CVE-2099-0010'), [
    ['Red Hat:9', 'binary', 'affected', [{ before: '0:1.2-3.el9' }], []], ['Red Hat:rhel_eus:9.2', 'binary', 'affected', [{ before: '0:1.2-2.el9_2' }], []],
  ])
})

test('withdrawn records close, unknown ecosystems are kept, commits are counted', async () => {
  const read = await readAll(osv, slice('osv'))
  assert.equal(read.statement('CVE-2099-0011').withdrawn, '2099-02-01T00:00:00Z')
  assert.deepEqual(read.affected('CVE-2099-0011'), [])
  assert.deepEqual(read.affected('XYZ-2099-1').map((one) => [one.product.ecosystem, one.scheme, one.intervals, one.fixed]), [['Newland', 'generic', [{ from: '1', before: '3' }], ['9']]])
  assert.deepEqual(read.unused, { 'git-range': 1, 'no-version': 1 })
  assert.equal(read.records, 10)
  assert.deepEqual(read.of('head'), [{ record: 'head', snapshot: '2099-02-03', whole: true }])
})

test('reads GitHub advisories in their layout', async () => {
  const read = await readAll(ghsa, slice('ghsa'))
  assert.deepEqual(read.affected('CVE-2099-0001').map((one) => [one.product.ecosystem, one.product.name, one.intervals]), [
    ['npm', '@example/widget', [{ from: '1.0.0', upTo: '1.4.2' }]], ['Maven', 'org.example:widget', [{ before: '2.1' }]],
  ])
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual([said.rating, said.cwe, said.aliases], ['high', ['CWE-125'], ['GHSA-2222-3333-4444']])
})

test('reads what the API answers', async () => {
  const one = { id: 'GHSA-2222-3333-4444', modified, aliases: ['CVE-2099-0001'], affected: [] }
  const single = await readAll(osv, feedOf('GHSA-2222-3333-4444.json', { 'GHSA-2222-3333-4444.json': JSON.stringify(one) }))
  assert.deepEqual(single.of('head'), [{ record: 'head', snapshot: '2099-02-03', whole: false }])
  const several = await readAll(osv, feedOf('query.json', { 'query.json': JSON.stringify({ vulns: [one, { ...one, id: 7 }, null] }) }))
  assert.deepEqual([several.records, several.of('statement').length, several.unused], [3, 1, { 'osv-format': 2 }])
})

test('a poisoned record is unused and the feed goes on', async () => {
  const record = (id: string, more: object): string => JSON.stringify({ id, modified, ...more })
  const range = (events: unknown, type: unknown = 'SEMVER'): object => ({ affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type, events }] }] })
  const read = await readAll(osv, feedOf('osv', {
    'a.json': record('A-2099-1', range([{ introduced: 5 }])),
    'b.json': record('A-2099-2', range([{ fixed: '1.0' }])),
    'c.json': record('A-2099-3', range([{ introduced: '0' }], 'NEW')),
    'd.json': record('A-2099-4', { affected: [{ package: { ecosystem: 'npm', name: 'x'.repeat(100_000) }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }], aliases: { length: 5 }, severity: 'high' }),
    'e.json': `{"id":"A-2099-5","modified":"${modified}","__proto__":{"withdrawn":"${modified}"},"details":"\\u0000\\ud800 text","affected":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    'f.json': '{"id":',
    'g.json': record('A-2099-6\nDROP', {}),
    'h.json': record('A-2099-7', range([{ introduced: 'one' }, { fixed: 'two' }, { introduced: '=>' }])),
  }))
  assert.deepEqual(read.unused, { 'bad-range': 2, 'range-type': 1, 'no-version': 3, 'no-package': 2, 'not-json': 1, 'osv-format': 1 })
  assert.equal(read.statement('A-2099-5').details, '� text')
  assert.deepEqual(read.affected('A-2099-7').map((one) => one.intervals), [[{ from: 'one', before: 'two' }, { from: '=>' }]])
})

test('what holds no record of OSV is not that feed', async () => {
  await assert.rejects(readAll(osv, feedOf('all.zip', { 'a.json': '{"id":"X"}' })), { code: 'feed.format' })
  await assert.rejects(readAll(osv, feedOf('all.zip', { 'readme.txt': 'hello' })), { code: 'feed.format' })
})

test('knows its feeds by name', () => {
  for (const path of ['osv/Go/all.zip', 'osv/PyPI/GHSA-1.json', 'all.zip']) assert.ok(osv.recognises(path), path)
  for (const path of ['github/advisory-database', 'advisory-database-main.zip', 'ghsa/GHSA-2222-3333-4444.json']) assert.ok(ghsa.recognises(path), path)
  assert.ok(!ghsa.recognises('rustsec/advisory-db-2025-02-24.tar.gz'))
  assert.ok(!osv.recognises('osv/Go/modified_id.csv'))
})
