import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { csaf } from './csaf.ts'

test('reads an advisory with its product tree', async () => {
  const read = await readAll(csaf, slice('csaf'))
  assert.equal(read.records, 1, 'the list of advisories is none itself')
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual([said.key, said.title, said.details, said.solution, said.rating], ['ICSA-99-001-01', 'Example Gadget', 'The gadget reads past its buffer.', 'Update to V3.1.2.\n\nUse a firewall.', 'high'])
  assert.deepEqual([said.cwe, said.cvss.map((one) => one.score), said.modified], [['CWE-125'], [9.8], '2099-02-03T04:05:06Z'])
  const brief = read.affected('CVE-2099-0001').map((one) => [one.product.ecosystem, one.product.name, one.status, one.intervals, one.versions, one.fixed])
  assert.deepEqual(brief, [
    ['industrial', 'example:gadget_plc', 'affected', [{ from: '2.0', before: '3.1.2' }, { upTo: '1.4' }], [], ['3.1.2']],
    ['industrial', 'example:gadget_hmi', 'unfixed', [{}], [], []],
    ['npm', '@example/library', 'affected', [{ before: '2.1.0' }], [], ['2.1.0']],
    ['cpe', 'example:server', 'notAffected', [], ['2.0'], []],
    ['industrial', 'example:server', 'underInvestigation', [{ from: '1.0.0', before: '1.4.0' }], [], ['1.4.0']],
  ])
  assert.deepEqual(read.unused, { 'version-text': 1, 'no-product': 1 })
  assert.equal(read.statement('EX-99-7').title, 'Something else', 'without a CVE it has the name that its publisher gave it')
})

test('of two versions of an advisory the newer counts', async () => {
  const document = (version: string): string => JSON.stringify({ document: { csaf_version: '2.0', tracking: { id: 'X-1', version, current_release_date: '2099-01-01T00:00:00Z' } }, vulnerabilities: [{ cve: 'CVE-2099-0001' }] })
  const read = await readAll(csaf, feedOf('csaf', { 'a.json': document('10'), 'b.json': document('9'), 'c.json': document('10') }))
  assert.deepEqual([read.records, read.unused], [1, { superseded: 2 }])
})

test('a poisoned record is unused and the feed goes on', async () => {
  const tracking = (id: string): object => ({ document: { csaf_version: '2.0', tracking: { id, version: '1' } } })
  let deep: unknown = { category: 'product_name', name: 'deep', product: { product_id: 'DEEP', name: 'x' } }
  for (let depth = 0; depth < 500; depth++) deep = { category: 'vendor', name: 'x', branches: [deep] }
  const circle = { category: 'installed_on', product_reference: 'B', relates_to_product_reference: 'A', full_product_name: { product_id: 'A', name: 'a' } }
  const back = { category: 'installed_on', product_reference: 'A', relates_to_product_reference: 'B', full_product_name: { product_id: 'B', name: 'b' } }
  const read = await readAll(csaf, feedOf('csaf', {
    'a.json': JSON.stringify({ ...tracking('A'), product_tree: { branches: [deep], relationships: [circle, back, 7] }, vulnerabilities: [{ cve: 'CVE-2099-0001', product_status: { known_affected: ['DEEP', 'A', 'B', null, { a: 1 }], __proto__: ['x'] }, scores: 'x', notes: {} }] }),
    'b.json': JSON.stringify({ document: { csaf_version: '1.2', tracking: { id: 'B', version: '1' } } }),
    'c.json': JSON.stringify({ ...tracking('C'), product_tree: { branches: { length: 1e9 } }, vulnerabilities: [null, 5, { cve: 'CVE-2099-0002\u0000' }] }),
    'd.json': '{"document":',
    'e.json': '"document"',
  }))
  assert.deepEqual(read.unused, { 'no-product': 1, 'csaf-format': 2, 'not-json': 1 })
  assert.equal(read.records, 2)
  assert.deepEqual(read.of('affected'), [])
})

test('what holds no CSAF is not that feed', async () => {
  await assert.rejects(readAll(csaf, feedOf('csaf', { 'a.json': '{"hello":1}' })), { code: 'feed.format' })
  assert.ok(csaf.recognises('csaf/cisa-csaf-2024-10-24.tar.gz'))
})
