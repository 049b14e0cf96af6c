import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { scap } from './scap.ts'

const text = await readFile(new URL('../../../../test/feeds/scap/ssg-example-ds.xml', import.meta.url), 'utf8')
const named = (content: string | Uint8Array, name = 'ssg-x-ds.xml') => readAll(scap, feedOf('scap', { [name]: content }))

test('a data stream gives its benchmark, profiles, rules, and the file', async () => {
  const read = await readAll(scap, slice('scap/ssg-example-ds.xml'))
  const [benchmark] = read.of('benchmark')
  assert.deepEqual([benchmark!.key, benchmark!.title, benchmark!.version, benchmark!.platforms], ['xccdf_org.example.content_benchmark_GADGET', 'Guide to the Gadget', '0.1', ['cpe:/a:example:gadget']])
  assert.deepEqual(benchmark!.profiles, [{ id: 'xccdf_org.example.content_profile_pci', title: 'PCI', description: 'For shops.', selected: ['xccdf_org.example.content_rule_one'] }])
  assert.deepEqual(read.of('rule'), [
    {
      record: 'rule', benchmark: benchmark!.key, key: 'xccdf_org.example.content_rule_one', title: 'Lock the gadget', description: 'Run `gadget --lock` with <care>:\n\n- at night',
      rationale: 'So that it stays.', severity: 'medium', references: ['https://pci.example 2.2, 2.3'], idents: ['CCE-1'], checks: ['oval'], fixes: [{ system: 'urn:xccdf:fix:script:sh', text: 'lock {value_how}' }],
    },
    { record: 'rule', benchmark: benchmark!.key, key: 'xccdf_org.example.content_rule_two', title: 'Ask about the gadget', description: '', rationale: '', severity: 'low', references: [], idents: [], checks: ['ocil'], fixes: [] },
  ])
  const [file] = read.of('file')
  assert.equal(file!.key, 'ssg-example-ds.xml.gz')
  assert.equal(gunzipSync(file!.bytes).toString(), text)
  assert.deepEqual(read.of('head'), [{ record: 'head', whole: true, snapshot: '2099-01-02', version: '0.1' }])
})

test('a gzipped stream is kept as it is', async () => {
  const packed = gzipSync(text)
  assert.deepEqual((await named(packed, 'ssg-x-ds.xml.gz')).of('file').map(({ key, bytes }) => [key, Buffer.from(bytes).equals(packed)]), [['ssg-x-ds.xml.gz', true]])
})

test('document types, entities, depth, bombs and cuts are refused', async () => {
  await assert.rejects(named(text.replace('<ds:data', '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ds:data')), { code: 'feed.format' })
  await assert.rejects(named(text.replace('About', '&undefined;')), { code: 'feed.format' })
  await assert.rejects(named(`<a>${'<b>'.repeat(200)}`), { code: 'feed.format' })
  await assert.rejects(named(gzipSync(`<a>${' '.repeat(64 * 1024 * 1024)}</a>`), 'ssg-x-ds.xml.gz'), { code: 'feed.too_large' })
  await assert.rejects(named('<a><b/></a>'), { code: 'feed.format' })
  for (let cut = 50; cut < text.length - 60; cut += 97) {
    await assert.rejects(named(text.slice(0, cut)), (error: Error & { code?: string }) => /^feed\.(truncated|format)$/.test(error.code ?? ''), `cut at ${cut}`)
  }
})
