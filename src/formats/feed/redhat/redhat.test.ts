import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { redhat } from './redhat.ts'

test('reads OVAL: what is earlier than, in which release', async () => {
  const read = await readAll(redhat, slice('redhat/oval/rhel-9.oval.xml'))
  assert.equal(read.records, 3)
  const brief = read.affected('CVE-2099-0001').map((one) => [one.product.ecosystem, one.product.name, one.intervals, one.fixed, one.architectures])
  assert.deepEqual(brief, [
    ['Red Hat:9', 'widget', [{ before: '1:1.2-3.el9' }], ['1:1.2-3.el9'], ['aarch64', 'x86_64']],
    ['Red Hat:9', 'widget-libs', [{ before: '1:1.2-3.el9' }], ['1:1.2-3.el9'], ['aarch64', 'x86_64']],
    ['Red Hat:8', 'nodejs', [{ before: '1:18.19.1-1.module+el8' }], ['1:18.19.1-1.module+el8'], undefined],
  ])
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual([said.key, said.rating, said.cwe, said.cvss.map((one) => [one.score, one.by])], ['RHSA-2099:0001', 'critical', ['CWE-125', 'CWE-200'], [[9.8, 'Red Hat']]])
  assert.deepEqual([said.details, said.published, said.modified], ['The widget & its friends.', '2099-01-02T00:00:00Z', '2099-01-03T00:00:00Z'])
  assert.deepEqual(read.of('head'), [{ record: 'head', snapshot: '2099-03-01', whole: true }])
})

test('what has no fix says how it stands; a module without a version says too little', async () => {
  const read = await readAll(redhat, slice('redhat/oval/rhel-9.oval.xml'))
  assert.deepEqual(read.affected('CVE-2099-0002').map((one) => [one.product.ecosystem, one.product.name, one.status, one.intervals, one.rating]), [
    ['Red Hat:9', 'gadget', 'unfixed', [{}], 'moderate'], ['Red Hat:9', 'gizmo', 'underInvestigation', [{}], 'moderate'],
  ])
  assert.deepEqual(read.unused, { operation: 1, negated: 1, 'module-unfixed': 1, 'no-cve': 1 })
})

test('reads CSAF-VEX: main line and extended streams apart', async () => {
  const read = await readAll(redhat, slice('redhat/vex'))
  assert.deepEqual(read.affected('CVE-2099-0002').map((one) => [one.product.ecosystem, one.product.name, one.of, one.status, one.intervals]), [
    ['Red Hat:7', 'widget', 'source', 'unfixed', [{}]],
    ['Red Hat:7', 'gadget', 'source', 'notAffected', []],
    ['Red Hat:9', 'widget', 'binary', 'affected', [{ before: '1:1.2-3.el9' }]],
    ['Red Hat:rhel_eus:9.2', 'widget', 'binary', 'affected', [{ before: '1:1.2-2.el9_2' }]],
    ['Red Hat:8', 'nodejs', 'binary', 'affected', [{ before: '1:18.19.1-1.module+el8' }]],
  ])
  assert.deepEqual([read.statement('CVE-2099-0002').rating, read.unused], ['important', {}])
})

test('XML that wants to grow, to reach out or to nest is refused', async () => {
  const xml = (head: string, body: string): string => `<?xml version="1.0"?>${head}<oval_definitions><definitions><definition class="patch" id="x"><metadata><title>${body}</title></metadata></definition></definitions></oval_definitions>`
  for (const text of [
    xml('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>', '&b;'),
    xml('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '&a;'),
    xml('', '&unknown;'),
    '<a>'.repeat(100_000),
    '<html><body>not found</body></html>',
    'no XML at all',
  ]) await assert.rejects(readAll(redhat, feedOf('rhel-9.oval.xml', { 'rhel-9.oval.xml': text })), { code: /^feed\.(format|truncated)$/ })
})

test('a poisoned record is unused and the feed goes on', async () => {
  const read = await readAll(redhat, feedOf('redhat', {
    'a.xml': `<oval_definitions><definitions><definition class="patch" id="d1"><metadata><reference source="CVE" ref_id="CVE-2099-0001"/></metadata>${'<criteria operator="AND">'.repeat(50)}<criterion test_ref="t" comment="${'x'.repeat(5000)}"/>${'</criteria>'.repeat(50)}</definition><definition/></definitions><tests><rpminfo_test id="__proto__"><object object_ref="constructor"/></rpminfo_test></tests></oval_definitions>`,
    'b.json': '{"document":{"csaf_version":"2.0"}}',
    'c.json': '[]',
    'd.json': JSON.stringify({ id: 'RHSA-2099:0009', modified: '2099-01-01T00:00:00Z', related: ['CVE-2099-0009'], affected: [{ package: { ecosystem: 'Red Hat:enterprise_linux:9::appstream', name: 'w' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '0:1-1.el9' }] }] }] }),
  }))
  assert.deepEqual(read.unused, { 'too-deep': 1, 'csaf-format': 1, 'osv-format': 1 })
  assert.deepEqual(read.affected('CVE-2099-0009').map((one) => one.product.ecosystem), ['Red Hat:9'])
  assert.deepEqual(read.affected('CVE-2099-0001'), [])
})

test('knows its feeds by name', () => {
  for (const path of ['redhat/vex', 'rhel-9.oval.xml', 'com.redhat.rhsa-RHEL8.xml', 'red-hat/csaf/x.json']) assert.ok(redhat.recognises(path), path)
  assert.ok(!redhat.recognises('csaf/cisa-csaf-2024-10-24.tar.gz'))
})
