import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cpeVersion, parseCpe } from './cpe.ts'
import { compare } from './scheme.ts'

test('names in both spellings', () => {
  const name = parseCpe('cpe:2.3:a:Apache:http_server:2.4.52:rc1:*:-:*:wordpress:x64:*')!
  assert.deepEqual([name.part, name.vendor, name.product, name.version, name.update, name.edition, name.language, name.targetSoftware, name.targetHardware],
    ['a', 'apache', 'http_server', '2.4.52', 'rc1', null, '', 'wordpress', 'x64'])
  assert.equal(parseCpe('cpe:2.3:a:foo\\:bar:baz\\\\qux:1.0\\+git:*:*:*:*:*:*:*')!.vendor, 'foo:bar')
  assert.equal(parseCpe('cpe:2.3:a:foo\\:bar:baz\\\\qux:1.0\\+git:*:*:*:*:*:*:*')!.product, 'baz\\qux')
  assert.equal(parseCpe('cpe:2.3:a:a:b:\\-:*:*:*:*:*:*:*')!.version, '-')
  assert.deepEqual(parseCpe('cpe:/o:linux:linux_kernel:5.10.1')!.version, '5.10.1')
  const packed = parseCpe('cpe:/a:hp:insight:7.4.0.1570:-:~~online~win2003~x64~')!
  assert.deepEqual([packed.update, packed.edition, packed.softwareEdition, packed.targetSoftware, packed.targetHardware, packed.other], ['', null, 'online', 'win2003', 'x64', null])
  assert.equal(parseCpe('cpe:/a:foo%21bar:p')!.vendor, 'foo!bar')
})

test('what is no CPE name is null', () => {
  for (const text of ['', 'cpe:2.3:a:b:c', 'cpe:2.3:x:b:c:1:*:*:*:*:*:*:*', `cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*`, 'cpe:/x:a', 'pkg:npm/a', `cpe:2.3:a:${'b'.repeat(2000)}`]) assert.equal(parseCpe(text), null, text)
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => parseCpe(`cpe:2.3:${text}`) === null || text.length > 0))
})

test('the update is part of the order', () => {
  const order = [['9.2', 'rc1'], ['9.2', null], ['9.2', 'p1'], ['9.2', 'p2'], ['9.3', '']] as const
  const texts = order.map(([version, update]) => cpeVersion({ version, update })!)
  for (let at = 1; at < texts.length; at++) assert.ok(compare('generic', texts[at - 1]!, texts[at]!)! < 0, `${texts[at - 1]} < ${texts[at]}`)
  assert.ok(compare('generic', cpeVersion({ version: '1.8.0', update: 'update_301' })!, cpeVersion({ version: '1.8.0', update: 'update_311' })!)! < 0)
  assert.equal(cpeVersion({ version: null, update: 'p1' }), null)
})
