import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { nvd, nvdOverrides } from './nvd.ts'

test('reads what NVD says of a CVE', async () => {
  const read = await readAll(nvd, slice('nvd/nvdcve-2.0-2099.json'))
  assert.equal(read.records, 2)
  const said = read.statement('CVE-2099-0001')
  assert.equal(said.details, 'Widget Server reads past its buffer.')
  assert.deepEqual(said.cvss.map(({ version, score, by }) => [version, score, by]), [['3.1', 9.8, 'nvd@nist.gov'], ['2.0', 7.5, 'nvd@nist.gov']])
  assert.deepEqual(said.cwe, ['CWE-125'])
  assert.deepEqual(said.references, [{ url: 'https://example.org/fix', kind: 'fix' }])
  assert.deepEqual(said.overlay?.exploited, { since: '2099-02-05', due: '2099-02-26', ransomware: false, action: 'Apply updates.', name: 'Example Widget Server Overflow' })
  assert.equal(read.statement('CVE-2099-0003').withdrawn, '2099-03-01T00:00:00Z')
  assert.deepEqual(read.of('head'), [{ record: 'head', snapshot: '2099-03-01', whole: true }])
})

test('turns configurations into ranges with their conditions', async () => {
  const read = await readAll(nvd, slice('nvd/nvdcve-2.0-2099.json'))
  const [plain, update] = read.affected('CVE-2099-0001', 'example:widget_server')
  assert.deepEqual(plain?.intervals, [{ before: '1.4.2' }, { from: '2.0', upTo: '2.3' }, { from: '3.0', fromExclusive: true, before: '3.2' }])
  assert.deepEqual([plain.versions, plain.fixed, plain.together], [['5.0'], ['1.4.2', '3.2'], undefined])
  assert.deepEqual([update?.versions, update?.cpe], [['9.2'], { update: 'p1' }])
  const [escaped] = read.affected('CVE-2099-0001', 'example:widget:plus')
  assert.deepEqual(escaped?.cpe, { softwareEdition: 'lite', targetSoftware: 'wordpress' })
  const [firmware] = read.affected('CVE-2099-0001', 'example:gadget_firmware')
  assert.equal(firmware?.product.part, 'o')
  assert.deepEqual(firmware.together, [[
    { part: 'h', name: 'example:gadget', scheme: 'generic', intervals: [{}], versions: [] }, { part: 'h', name: 'example:gadget_pro', scheme: 'generic', intervals: [], versions: ['2'] },
  ]])
  assert.deepEqual(read.affected('CVE-2099-0001', 'example:negated'), [])
  assert.deepEqual(read.unused, { negated: 1 })
})

test('reads the retired 1.1 form with its children', async () => {
  const read = await readAll(nvd, slice('nvd/nvdcve-1.1-2099.json'))
  const [old] = read.affected('CVE-2099-0010')
  assert.deepEqual([old?.intervals, old?.together], [[{ upTo: '1.0' }], [[{ part: 'o', name: 'microsoft:windows', scheme: 'generic', intervals: [{}], versions: [] }]]])
  assert.deepEqual(read.statement('CVE-2099-0010').cvss.map((one) => [one.version, one.score]), [['3.0', 7.8], ['2.0', 4.6]])
})

test('an override stands for what NVD says, also when it is empty', async () => {
  const read = await readAll(nvdOverrides, slice('nvd-overrides'))
  assert.equal(read.records, 3)
  assert.deepEqual(read.of('statement').map((one) => one.vulnerability), ['CVE-2099-0020', 'CVE-2099-0021', 'CVE-2099-0022'])
  assert.deepEqual(read.of('affected').map((one) => [one.vulnerability, one.product.name, one.cpe]), [['CVE-2099-0020', 'example:plugin', { targetSoftware: 'wordpress' }]])
  assert.deepEqual(read.statement('CVE-2099-0020').references.map((one) => one.url), ['https://example.org/plugin', 'https://example.org/advisory'])
  assert.deepEqual(read.unused, { 'nothing-vulnerable': 1 })
})

test('an AND of which a part cannot be read says nothing, rather than too much', async () => {
  const match = (criteria: string, vulnerable: boolean): unknown => ({ criteria, vulnerable })
  const configurations = [{ operator: 'AND', nodes: [{ operator: 'OR', cpeMatch: [match('cpe:2.3:a:a:b:1:*:*:*:*:*:*:*', true)] }, { operator: 'OR', negate: true, cpeMatch: [match('cpe:2.3:o:c:d:-:*:*:*:*:*:*:*', false)] }] }]
  const read = await readAll(nvd, feedOf('nvdcve-2.0-2099.json', { 'nvdcve-2.0-2099.json': JSON.stringify({ vulnerabilities: [{ cve: { id: 'CVE-2099-0001', configurations } }] }) }))
  assert.deepEqual(read.of('affected'), [])
  assert.deepEqual(read.unused, { negated: 1 })
  assert.equal(read.of('head')[0]?.whole, false, 'the answer to a question for one CVE is a part')
})

test('a poisoned record is unused and the feed goes on', async () => {
  let nested: unknown = { operator: 'OR', cpe_match: [{ vulnerable: true, cpe23Uri: 'cpe:2.3:a:a:b:1:*:*:*:*:*:*:*' }] }
  for (let depth = 0; depth < 200; depth++) nested = { operator: 'AND', children: [nested] }
  const read = await readAll(nvd, feedOf('nvdcve-2.0-2099.json', { 'nvdcve-2.0-2099.json': JSON.stringify({ vulnerabilities: [
    null, 5, { cve: { id: 'CVE-2099' } }, { cve: { id: 'CVE-2099-0001', metrics: [], configurations: 'none', descriptions: [{ lang: 'en', value: { a: 1 } }], references: [{ url: `https://${'a'.repeat(5000)}` }] } },
    { cve: { id: 'CVE-2099-0002', configurations: [nested, { nodes: [{ operator: 'OR', cpeMatch: [{ criteria: `cpe:2.3:a:${'a'.repeat(5000)}`, vulnerable: true }, { criteria: 'cpe:2.3:a:a:b:1:*:*:*:*:*:*:*', vulnerable: 'yes' }] }] }] } },
  ] }) }))
  assert.deepEqual(read.of('statement').map((one) => one.vulnerability), ['CVE-2099-0001', 'CVE-2099-0002'])
  assert.deepEqual(read.unused, { 'no-cve-id': 3, 'too-deep': 1, 'bad-cpe': 1 })
  assert.equal(read.records, 5)
})

test('what is no answer of NVD is not that feed', async () => {
  await assert.rejects(readAll(nvd, feedOf('nvdcve-2.0-2099.json', { 'a.json': '{"hello":1}' })), { code: 'feed.format' })
  await assert.rejects(readAll(nvd, feedOf('nvdcve-2.0-2099.json', { 'a.json': '{"vulnerabilities":[{"cve":' })), { code: 'feed.truncated' })
  await assert.rejects(readAll(nvd, feedOf('nvdcve-2.0-2099.json', { 'a.json': '{"resultsPerPage":2,"totalResults":2,"vulnerabilities":[{}]}' })), { code: 'feed.count' })
  await assert.rejects(readAll(nvdOverrides, feedOf('nvd-data-overrides', { 'CVE-2099-0001.json': '[]' })), { code: 'feed.format' })
})

test('knows its feeds by name', () => {
  for (const path of ['nvd/nvdcve-2.0-2024.json.gz', 'nvdcve-1.1-2002.json.zip', 'nvd/nvd-api-samples.tar.gz', 'nvdcve-2.0-modified.json']) assert.ok(nvd.recognises(path), path)
  assert.ok(nvdOverrides.recognises('nvd/nvd-data-overrides-2026-08-21.tar.gz'))
  assert.ok(!nvd.recognises('nvd/nvd-data-overrides-2026-08-21.tar.gz'))
})
