import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { nuclei } from './nuclei.ts'

const read = await readAll(nuclei, slice('nuclei-templates'))
const template = (key: string) => read.of('template').find((one) => one.key === key) ?? assert.fail(`no template ${key}`)

test('templates are read with what they need of an engine, broken ones counted', () => {
  assert.deepEqual(read.of('template').map(({ key }) => key).sort(), ['CVE-2099-0001', 'gadget-workflow', 'greeting', 'missing-payload', 'shell', 'weak-detect'])
  assert.deepEqual(read.unused, { 'not-yaml': 1 })
  assert.equal(read.records, 7)
  const gadget = template('CVE-2099-0001')
  assert.deepEqual(gadget.features, ['dsl:contains', 'dsl:md5', 'dsl:url_encode', 'extractor:regex', 'internal', 'matcher:dsl', 'multi', 'raw'])
  assert.deepEqual([gadget.path, gadget.severity, gadget.protocols, gadget.cwe, gadget.cvssScore, gadget.signed, gadget.unsafe, gadget.requests],
    ['http/cves/2099/CVE-2099-0001.yaml', 'high', ['http'], ['CWE-22'], 7.5, true, false, 2])
  assert.match(gadget.text, /^id: CVE-2099-0001/)
  assert.deepEqual(template('weak-detect').features, ['attack:pitchfork', 'matcher:word', 'payload-file', 'payloads'])
})

test('each CVE of a template is a statement', () => {
  assert.deepEqual(gadgetCves(), ['CVE-2099-0001', 'CVE-2099-0002'])
  const statement = read.statement('CVE-2099-0002')
  assert.deepEqual([statement.title, statement.solution, statement.products, statement.cvss[0]?.score], ['Example Gadget - Path Traversal', 'Update to 2.1.', ['example:gadget'], 7.5])
})

const gadgetCves = (): readonly string[] => read.of('statement').map(({ vulnerability }) => vulnerability)

test('what can never be a check over the network says why; what is unsafe by tag or by the ignore list is marked', () => {
  assert.deepEqual(Object.fromEntries(read.of('template').map(({ key, unsupported }) => [key, unsupported])), {
    'CVE-2099-0001': undefined, 'gadget-workflow': 'workflow', greeting: undefined, 'missing-payload': 'missing payload', shell: 'code', 'weak-detect': undefined,
  })
  assert.deepEqual(read.of('template').filter(({ unsafe }) => unsafe).map(({ key }) => key).sort(), ['missing-payload', 'shell', 'weak-detect'])
})

test('lists of payloads that templates name are kept', () => {
  assert.deepEqual(read.of('file').map(({ key }) => key), ['helpers/wordlists/words.txt.gz'])
})

test('hostile templates are counted and harm nothing', async () => {
  const bomb = `id: bomb\ninfo: {name: x}\nhttp:\n${'a'.charCodeAt(0)}: &a [x,x]\n${[...'bcdefghij'].map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefghij'[index]!}`).join(',')}]`).join('\n')}\n`
  const files = {
    'x/http/deep.yaml': `id: deep\ninfo: {name: x}\nhttp: ${'['.repeat(5000)}`,
    'x/http/bomb.yaml': bomb,
    'x/http/proto.yaml': 'id: proto\n__proto__: {polluted: yes}\ninfo: {name: x, __proto__: {polluted: true}, tags: [a, 1, {b: c}]}\nconstructor: {prototype: {polluted: true}}\nhttp: [{payloads: {__proto__: [x]}}]\n',
    'x/http/large.yaml': `id: large\n# ${'x'.repeat(5 * 1024 * 1024)}`,
    'x/http/binary.yaml': new Uint8Array([0xff, 0xfe, 0, 1, 2]),
    'x/http/none.yaml': '- just\n- a list\n',
    'x/http/control.yaml': 'id: "two\\nlines"\ninfo: {name: x}\nhttp: []\n',
    'x/http/good.yaml': 'id: good\ninfo: {name: x}\nhttp: [{path: ["{{BaseURL}}"]}]\n',
  }
  const found = await readAll(nuclei, feedOf('hostile', files))
  assert.equal(found.records, 8)
  assert.ok(found.of('template').some(({ key }) => key === 'good'))
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
  assert.equal(found.of('template').length + found.of('unused').length, 8)
  assert.deepEqual(found.of('unused').map(({ key, reason }) => `${key} ${reason}`).filter((line) => !line.startsWith('http/binary')).sort(),
    ['http/control.yaml no-id', 'http/deep.yaml not-yaml', 'http/large.yaml too-large', 'http/none.yaml not-a-template'])
})

test('an archive without templates is refused', async () => {
  await assert.rejects(readAll(nuclei, feedOf('empty', { 'README.md': 'x' })), { code: 'feed.format' })
})
