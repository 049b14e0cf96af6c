import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { cve, vulnrichment } from './cve.ts'

test('keeps what the assigner says apart from what CISA adds', async () => {
  const read = await readAll(vulnrichment, slice('cve'))
  assert.equal(read.records, 3)
  const cna = read.statement('CVE-2099-0001', 'CVE-2099-0001')
  assert.equal(cna.title, 'Overflow in Widget Server')
  assert.equal(cna.details, 'Widget Server reads past its buffer.')
  assert.equal(cna.solution, 'Update to 1.4.2.')
  assert.equal(cna.published, '2099-01-02T03:04:05Z')
  assert.deepEqual(cna.cvss.map(({ version, score, by }) => [version, score, by]), [['3.1', 9.8, 'example'], ['4.0', 9.3, 'example']])
  assert.deepEqual(cna.cwe, ['CWE-125'])
  assert.deepEqual(cna.references, [{ url: 'https://example.org/advisory/1', kind: 'advisory' }, { url: 'https://example.org/poc', kind: 'exploit' }])
  assert.deepEqual(cna.products, ['example_corp:widget_server'])
  assert.equal(cna.overlay, undefined)
  const adp = read.statement('CVE-2099-0001', 'CVE-2099-0001/CISA-ADP')
  assert.equal(adp.title, undefined, 'the name of the container is no title')
  assert.deepEqual(adp.overlay?.ssvc, { exploitation: 'active', automatable: true, impact: 'total', at: '2099-02-04T00:00:00Z' })
  assert.equal(adp.overlay?.exploited?.since, '2099-02-05')
  assert.equal(read.of('statement').filter((one) => one.vulnerability === 'CVE-2099-0001').length, 2, 'repeated references make no statement')
})

test('reads ranges with status, changes and default', async () => {
  const read = await readAll(cve, slice('cve'))
  const [derived] = read.affected('CVE-2099-0001', 'example_corp:widget_server')
  assert.deepEqual(derived?.product, { ecosystem: 'cpe', name: 'example_corp:widget_server' })
  assert.deepEqual(derived.intervals, [
    { before: '1.4.2' }, { from: '2.0', before: '2.1.7' }, { from: '2.1.7', fromExclusive: true, upTo: '2.3' }, { from: '3.0', before: '3.2' }, { from: '3.5', before: '3.6' },
  ])
  assert.deepEqual(derived.versions, ['1.9.1'])
  const [enriched] = read.affected('CVE-2099-0001', 'example:widget_server')
  assert.deepEqual(enriched?.cpe, { targetSoftware: 'wordpress' })
  assert.deepEqual(enriched.product, { ecosystem: 'cpe', name: 'example:widget_server', part: 'a' })
  assert.deepEqual(enriched.intervals, [{ before: '1.4.2' }])
  assert.equal(read.unused['git-range'], 1)
  const [kernel] = read.affected('CVE-2099-0002', 'example:linux')
  assert.deepEqual(kernel?.intervals, [{ from: '3.7', before: '5.10.20' }, { from: '5.11', before: '6.8' }])
})

test('finds packages in their ecosystems, and what vendors will not fix', async () => {
  const read = await readAll(cve, slice('cve'))
  const widget = read.affected('CVE-2099-0002', 'widget').map(({ product, scheme, status, intervals, of, fixed }) => [product.ecosystem, scheme, status, intervals, of, fixed])
  assert.deepEqual(widget, [
    ['Red Hat:9', 'rpm', 'affected', [{ before: '0:1.2-3.el9' }], 'binary', ['0:1.2-3.el9']],
    ['Red Hat:7', 'rpm', 'unfixed', [{}], 'binary', []],
    ['Red Hat:8', 'rpm', 'notAffected', [], 'binary', []],
  ])
  assert.deepEqual(read.affected('CVE-2099-0002', 'widget-py').map((one) => [one.product.ecosystem, one.scheme, one.intervals]), [['PyPI', 'pep440', [{ before: '2.1.0' }]]])
  assert.deepEqual(read.affected('CVE-2099-0002', '@example/widget').map((one) => [one.product.ecosystem, one.intervals]), [['npm', [{ from: '1.0.0', before: '1.4.0' }]]])
  assert.deepEqual([read.unused['no-product'], read.unused['version-text']], [1, 1])
})

test('a rejected record withdraws', async () => {
  const read = await readAll(cve, slice('cve'))
  const rejected = read.statement('CVE-2099-0003')
  assert.equal(rejected.withdrawn, '2099-03-01T00:00:00Z')
  assert.equal(rejected.details, 'It was no vulnerability.')
  assert.deepEqual(read.affected('CVE-2099-0003'), [])
  assert.deepEqual(read.of('head'), [{ record: 'head', snapshot: '2099-02-03', whole: true }])
})

test('a poisoned record is unused and the feed goes on', async () => {
  const good = { dataVersion: '5.1', cveMetadata: { cveId: 'CVE-2099-1000', state: 'PUBLISHED' }, containers: { cna: { descriptions: [{ lang: 'en', value: 'x'.repeat(1_000_000) }] } } }
  const types = { dataVersion: '5.1', cveMetadata: { cveId: 'CVE-2099-1001', state: 'PUBLISHED' }, containers: { cna: { affected: [7, null, { versions: { a: 1 } }, { vendor: 'a', product: 'b', versions: [{ version: 5, status: 'affected', lessThan: [] }], cpes: [null, 'cpe:2.3:a'] }], metrics: 'none', descriptions: {}, references: [{ url: 5 }] }, adp: 'no' } }
  const read = await readAll(cve, feedOf('cves', {
    'CVE-2099-1000.json': JSON.stringify(good),
    'CVE-2099-1001.json': JSON.stringify(types),
    'CVE-2099-1002.json': '{"cveMetadata":',
    'CVE-2099-1003.json': '[[[[[[[[[[',
    'CVE-2099-1004.json': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    'CVE-2099-1005.json': '{"dataVersion":"5.1","__proto__":{"polluted":1},"cveMetadata":{"cveId":"CVE-2099-1005","state":"PUBLISHED","__proto__":{"x":1}},"containers":{"__proto__":{"cna":{}}}}',
    'CVE-2099-1006.json': JSON.stringify({ ...good, dataVersion: '4.0' }),
    'CVE-2099-1007.json': JSON.stringify({ ...good, cveMetadata: { cveId: 'CVE-1', state: 'PUBLISHED' } }),
    'notes.json': 'no record at all',
  }))
  assert.deepEqual(read.of('statement').map((one) => one.vulnerability), ['CVE-2099-1000', 'CVE-2099-1001', 'CVE-2099-1005'])
  assert.equal(read.statement('CVE-2099-1000').details?.length, 16_384)
  assert.deepEqual([read.unused['not-json'], read.unused['cve-format'], read.unused['no-cve-id']], [2, 1, 2])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('what holds no CVE records is not that feed', async () => {
  await assert.rejects(readAll(cve, feedOf('cves', { 'a.json': '{}' })), { code: 'feed.format' })
  await assert.rejects(readAll(cve, feedOf('cves', { 'CVE-2099-1000.json': '{}' })), { code: 'feed.format' })
})

test('what changed since, or one record alone, is a part', async () => {
  const one = JSON.stringify({ dataVersion: '5.1', cveMetadata: { cveId: 'CVE-2099-1000', state: 'PUBLISHED' }, containers: { cna: {} } })
  for (const name of ['2099-01-01_delta_CVEs_at_0800Z.zip', 'CVE-2099-1000.json']) {
    const read = await readAll(cve, feedOf(name, { 'CVE-2099-1000.json': one }))
    assert.equal(read.of('head')[0]?.whole, false, name)
  }
})

test('knows its feeds by name', () => {
  for (const path of ['cvelistV5', 'cve/cvelistV5-main.zip', 'cves/2024/1xxx']) assert.ok(cve.recognises(path), path)
  assert.ok(vulnrichment.recognises('cve/vulnrichment-2024-10-24.tar.gz'))
  assert.ok(!cve.recognises('cve/vulnrichment-2024-10-24.tar.gz'))
  assert.ok(!cve.recognises('nvd/nvd-data-overrides-2026-08-21.tar.gz'))
})
