import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { alpine } from './alpine.ts'

test('reads what fixed what, of JSON and YAML', async () => {
  const read = await readAll(alpine, slice('alpine'))
  assert.equal(read.records, 3)
  const brief = (cve: string): unknown => read.affected(cve).map((one) => [one.product.ecosystem, one.product.name, one.of, one.scheme, one.status, one.intervals])
  assert.deepEqual(brief('CVE-2099-0001'), [['Alpine:v3.20', 'widget', 'source', 'apk', 'affected', [{ before: '1.2.3-r1' }]]])
  assert.deepEqual(brief('CVE-2099-0002'), [['Alpine:v3.20', 'widget', 'source', 'apk', 'affected', [{ before: '1.2.3-r1' }, { before: '1.3.0-r0' }]]])
  assert.deepEqual(brief('CVE-2099-0003'), [['Alpine:v3.20', 'widget', 'source', 'apk', 'notAffected', []]])
  assert.deepEqual(brief('CVE-2099-0005'), [['Alpine:v3.9', 'gadget', 'source', 'apk', 'affected', [{ before: '2.10-r0' }]]])
  assert.deepEqual(brief('CVE-2099-0006'), [['Alpine:v3.9', 'gadget', 'source', 'apk', 'notAffected', []]])
  assert.deepEqual(read.unused, { 'no-cve': 1, 'bad-version': 1, 'bad-package': 1 })
})

test('a poisoned record is unused and the feed goes on', async () => {
  const bomb = `a: &a ["x","x","x"]\nb: &b [*a,*a,*a]\nc: [*b,*b]\ndistroversion: v3.9\npackages: *b\n`
  const read = await readAll(alpine, feedOf('alpine', {
    'bomb.yaml': bomb,
    'type.yaml': 'distroversion: !!js/function "function(){}"\npackages: []\n',
    'bad.yaml': 'packages: [\n',
    'main.json': JSON.stringify({ distroversion: 'v3.20', packages: [null, { pkg: { name: 'x\u0000', secfixes: {} } }, { pkg: { name: 'x', secfixes: { '1.0-r0': ['CVE-2099-0001', 7, null], '2.0-r0': 'none' } } }] }),
  }))
  assert.deepEqual(read.unused, { 'yaml-reference': 1, 'not-yaml': 2, 'bad-package': 2, 'no-cve': 2 })
  assert.deepEqual(read.of('affected').map((one) => one.vulnerability), ['CVE-2099-0001'])
})

test('what is no secdb is not that feed', async () => {
  for (const text of ['{"a":', '{}', '{"distroversion":"v3.20"}', '{"distroversion":"../x","packages":[]}']) await assert.rejects(readAll(alpine, feedOf('alpine', { 'main.json': text })), { code: 'feed.format' }, text)
  assert.ok(alpine.recognises('alpine/v3.20/main.json'))
})
