import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { recog } from './recog.ts'

test('fingerprints come in file order with params and examples', async () => {
  const read = await readAll(recog, slice('recog'))
  const ssh = read.of('fingerprint').filter(({ file }) => file === 'ssh_banners.xml')
  assert.deepEqual(ssh.map(({ order, matches, preference, flags }) => [order, matches, preference, flags]), [
    [0, 'ssh.banner', 0.9, []], [1, 'ssh.banner', 0.9, ['REG_ICASE']], [2, 'ssh.banner', 0.9, []],
  ])
  assert.deepEqual(ssh[0]!.params.slice(0, 3), [{ pos: 0, name: 'service.vendor', value: 'Example' }, { pos: 0, name: 'service.product', value: 'SSH' }, { pos: 1, name: 'service.version' }])
  assert.deepEqual(ssh[0]!.examples, [{ text: 'ExampleSSH_2.1 for Frobnix', base64: false, expect: { 'service.version': '2.1', 'os.product': 'Frobnix' } }])
  assert.deepEqual(ssh[1]!.examples[1], { text: 'ZXhhbXBsZXNzaC1vdGhlcg==', base64: true, expect: {} })
  assert.equal(read.records, 5)
})

test('what is no file of fingerprints is refused', async () => {
  await assert.rejects(readAll(recog, feedOf('x', { 'xml/a.xml': '<other/>' })), { code: 'feed.format' })
  await assert.rejects(readAll(recog, feedOf('x', { 'xml/a.xml': '<fingerprints matches="x"><fingerprint pattern="a">' })), { code: 'feed.truncated' })
  await assert.rejects(readAll(recog, feedOf('x', { 'xml/a.xml': '<!DOCTYPE a><fingerprints/>' })), { code: 'feed.format' })
})
