import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { feedOf } from '../archive/testing-archive.ts'
import { endoflife } from './endoflife/endoflife.ts'
import { epss } from './epss.ts'
import { kev } from './kev.ts'
import { oui } from './oui.ts'
import { publicSuffix } from './public-suffix.ts'
import { readerFor, readers } from './readers.ts'
import { retirejs } from './retirejs.ts'
import { readAll, slice } from './testing-feed.ts'

test('kev: an overlay for each CVE, and a count that is believed only if it is true', async () => {
  const read = await readAll(kev, slice('kev/known_exploited_vulnerabilities.json'))
  assert.deepEqual([read.records, read.unused], [2, { 'no-cve': 1 }])
  const { overlay, products, references, solution } = read.statement('CVE-2099-0001')
  assert.deepEqual(overlay?.exploited, {
    since: '2099-01-01', due: '2099-01-15', ransomware: true, action: 'Apply updates.', name: 'Example Gadget Path Traversal', note: 'https://gadget.example/advisory ; https://nvd.nist.gov/vuln/detail/CVE-2099-0001',
  })
  assert.deepEqual([products, references.length, solution], [['example:gadget_pro'], 2, 'Apply updates.'])
  assert.deepEqual(read.of('head'), [{ record: 'head', whole: true, snapshot: '2099-01-02', version: '2099.01.02' }])
  const text = await readFile(new URL('../../../test/feeds/kev/known_exploited_vulnerabilities.json', import.meta.url), 'utf8')
  await assert.rejects(readAll(kev, feedOf('kev.json', { 'kev.json': text.replace('"count": 2', '"count": 3') })), { code: 'feed.count' })
  await assert.rejects(readAll(kev, feedOf('kev.json', { 'kev.json': text.slice(0, 500) })), { code: 'feed.format' })
  await assert.rejects(readAll(kev, feedOf('kev.json', { 'kev.json': '{"count":1,"vulnerabilities":{"length":1}}' })), { code: 'feed.format' })
})

test('epss: scores as a stream; bad rows are counted, a cut file is refused', async () => {
  const read = await readAll(epss, slice('epss/epss_scores-current.csv'))
  assert.deepEqual([read.records, read.unused], [4, { 'bad-row': 2 }])
  assert.deepEqual(read.of('probability')[0], { record: 'probability', vulnerability: 'CVE-2099-0001', probability: 0.9435, percentile: 0.9996 })
  assert.deepEqual(read.of('head'), [{ record: 'head', whole: true, snapshot: '2099-01-02', version: 'v2099.03.14' }])
  const rows = ['#score_date:2099-01-02', 'cve,epss,percentile', ...Array.from({ length: 3000 }, (_, index) => `CVE-2098-${10000 + index},0.1,0.2`), ''].join('\r\n')
  assert.equal((await readAll(epss, feedOf('epss_scores-2099-01-02.csv.gz', { 'epss_scores-2099-01-02.csv.gz': gzipSync(rows) }))).of('probability').length, 3000)
  await assert.rejects(readAll(epss, feedOf('epss.csv', { 'epss.csv': rows.slice(0, -10) })), { code: 'feed.truncated' })
  await assert.rejects(readAll(epss, feedOf('epss.csv', { 'epss.csv': 'a,b\n1,2\n' })), { code: 'feed.format' })
  await assert.rejects(readAll(epss, feedOf('epss.csv', { 'epss.csv': `cve,epss,percentile\n${'x\n'.repeat(2000)}` })), { code: 'feed.format' })
  await assert.rejects(readAll(epss, feedOf('epss.csv', { 'epss.csv': `cve,epss,percentile\n${'x'.repeat(100_000)}` })), { code: 'feed.format' })
  assert.deepEqual(epss.choose!(['a/epss_scores-2099-01-01.csv.gz', 'a/epss_scores-current.csv.gz']), ['a/epss_scores-current.csv.gz'])
})

test('retire.js: libraries, ranges in both ecosystems, versions that are excepted, no fix where there is none', async () => {
  const read = await readAll(retirejs, slice('retirejs/jsrepository-master.json'))
  assert.deepEqual([read.records, read.unused], [2, { example: 1, 'bad-pattern': 1, 'no-range': 1 }])
  const [library] = read.of('library')
  assert.deepEqual(library!.uri, ['/([0-9][0-9.a-z_\\-]+)/gadget(\\.min)?\\.js'])
  assert.deepEqual([library!.npm, library!.skipped, Object.keys(library!.hashes)], ['gadget-js', ['func'], ['07f8b94c8d601a24a1914a1a92bec0e4fafda964']])
  const [own, npm] = read.affected('CVE-2099-0003')
  assert.deepEqual([own!.product, own!.scheme, npm!.product, npm!.scheme], [{ ecosystem: 'retire.js', name: 'gadget' }, 'generic', { ecosystem: 'npm', name: 'gadget-js' }, 'semver'])
  assert.deepEqual([own!.intervals, own!.fixed], [[{ before: '1.2.3' }, { from: '2.0.0', before: '2.0.5' }], ['1.2.3', '2.0.5']])
  const old = read.affected('retire.js:gadget:retid-7', 'gadget')
  assert.deepEqual(old.map(({ status, versions, fixed }) => [status, versions, fixed]), [['unfixed', [], []], ['notAffected', ['1.9.9-patched'], []]])
  assert.deepEqual(read.statement('CVE-2099-0003').aliases, ['GHSA-aaaa-bbbb-cccc'])
  await assert.rejects(readAll(retirejs, feedOf('x', { 'jsrepository.json': '{"a":1}' })), { code: 'feed.format' })
})

test('retire.js: the published form, one entry a range, says the same', async () => {
  const entry = { severity: 'medium', cwe: ['CWE-79'], identifiers: { CVE: ['CVE-2099-0003'], githubID: 'GHSA-aaaa-bbbb-cccc', summary: 'Cross-site scripting' }, info: [] }
  const published = { gadget: { vulnerabilities: [{ below: '1.2.3', ...entry }, { atOrAbove: '2.0.0', below: '2.0.5', ...entry }], extractors: {} } }
  const read = await readAll(retirejs, feedOf('x', { 'jsrepository-v5.json': JSON.stringify(published) }))
  assert.deepEqual(read.affected('CVE-2099-0003')[0]!.intervals, [{ before: '1.2.3' }, { from: '2.0.0', before: '2.0.5' }])
  assert.equal(read.statement('CVE-2099-0003').title, 'Cross-site scripting')
})

test('endoflife: list, source files and the new API say the same of a cycle', async () => {
  const list = await readAll(endoflife, slice('endoflife/products.json'))
  assert.deepEqual([list.records, list.unused], [2, { 'no-cycles': 1 }])
  const [gadget] = list.of('lifecycle')
  assert.deepEqual([gadget!.key, gadget!.cpe, gadget!.purl], ['gadget', ['cpe:2.3:a:example:gadget:*:*:*:*:*:*:*:*'], ['pkg:npm/gadget']])
  assert.deepEqual(gadget!.cycles[0], {
    cycle: '2', codename: 'Second', released: '2098-01-01', latest: '2.1.0', latestReleased: '2098-06-01', lts: true, endOfLife: false, endOfSupport: '2099-12-31',
  })
  assert.deepEqual([gadget!.cycles[1]!.endOfLife, gadget!.cycles[1]!.endOfSupport], ['2095-01-01', true])
  const source = await readFile(new URL('../../../test/feeds/endoflife/products/widget.md', import.meta.url), 'utf8')
  const cycle = { cycle: '3.1', released: '2098-05-05', latest: '3.1.4', endOfLife: '2099-06-01', endOfSupport: '2099-01-01', endOfExtendedSupport: false }
  const fromSource = await readAll(endoflife, feedOf('endoflife.tar.gz', { 'endoflife.date/products/widget.md': source, 'endoflife.date/products/odd.md': 'no yaml' }))
  assert.deepEqual(fromSource.of('lifecycle').map(({ key, cpe, cycles }) => [key, cpe, cycles]), [['widget', ['cpe:/a:example:widget'], [cycle]]])
  assert.deepEqual(fromSource.unused, { 'no-front-matter': 1 })
  const answer = {
    schema_version: '1.2.0', result: [{
      name: 'widget', label: 'Example Widget', category: 'lang', identifiers: [{ type: 'cpe', id: 'cpe:/a:example:widget' }], links: { releasePolicy: 'https://widget.example' },
      releases: [{ name: '3.1', releaseDate: '2098-05-05', isEol: false, eolFrom: '2099-06-01', isEoas: false, eoasFrom: '2099-01-01', isEoes: false, eoesFrom: null, latest: { name: '3.1.4', date: null, link: null } }],
    }],
  }
  const fromApi = await readAll(endoflife, feedOf('full.json', { 'full.json': JSON.stringify(answer) }))
  assert.deepEqual(fromApi.of('lifecycle')[0]!.cycles, [cycle])
  const old = await readAll(endoflife, feedOf('widget.json', { 'widget.json': JSON.stringify([{ cycle: '3.1', eol: '2099-06-01', support: true }]) }))
  assert.deepEqual(old.of('lifecycle').map(({ key, cycles }) => [key, cycles]), [['widget', [{ cycle: '3.1', endOfLife: '2099-06-01' }]]])
})

test('oui: blocks of every size', async () => {
  const read = await readAll(oui, slice('ids'))
  assert.deepEqual(read.of('hardware').map(({ prefix, organization }) => `${prefix} ${organization}`).sort(),
    ['10E992 EXAMPLE SERVICES', '78F276 Example, Inc.', '8C1F64AFA EXAMPLE, INC', 'C85CE27 EXAMPLE SYSTEMS'])
  assert.deepEqual([read.records, read.unused], [5, { 'bad-row': 1 }])
  await assert.rejects(readAll(oui, feedOf('oui.csv', { 'oui.csv': 'Registry,Assignment,Organization Name,Organization Address\nMA-L,10E9' })), { code: 'feed.truncated' })
  await assert.rejects(readAll(oui, feedOf('oui.csv', { 'oui.csv': '<html>\n' })), { code: 'feed.format' })
})

test('public suffixes: kept whole if they are whole', async () => {
  const read = await readAll(publicSuffix, slice('ids/public_suffix_list.dat'))
  assert.deepEqual([read.records, read.of('file')[0]!.key, read.of('head')[0]!.snapshot], [5, 'public_suffix_list.dat', '2099-01-02'])
  await assert.rejects(readAll(publicSuffix, feedOf('x', { 'public_suffix_list.dat': '// ===BEGIN ICANN DOMAINS===\nexample\n' })), { code: 'feed.truncated' })
  await assert.rejects(readAll(publicSuffix, feedOf('x', { 'public_suffix_list.dat': 'hello' })), { code: 'feed.format' })
})

test('readers know their feeds by name', () => {
  const paths: Readonly<Record<string, string | null>> = {
    'kev/known_exploited_vulnerabilities.json': 'kev', 'kev/known_exploited_vulnerabilities_schema.json': null, 'epss/epss_scores-2026-08-16.csv.gz': 'epss',
    'nuclei-templates/nuclei-templates-2026-02-03.tar.gz': 'nuclei', 'recog/recog-2026-06-29.tar.gz': 'recog', 'retirejs/jsrepository-v6.json': 'retirejs', 'retirejs/testcases.json': null,
    'endoflife/products.json.gz': 'endoflife', 'endoflife/endoflife.date-products-2026-08-22.tar.gz': 'endoflife', 'ids/iab.csv.gz': 'oui', 'ids/public_suffix_list.dat.gz': 'publicsuffix',
    'scap/ssg-debian12-ds.xml.gz': 'scap', 'scap/oval-schemas-5.12.2.tar.gz': null,
  }
  for (const [path, name] of Object.entries(paths)) assert.equal(readerFor(path)?.source.name ?? null, name, path)
  assert.equal(new Set(readers.map(({ source }) => source.name)).size, readers.length)
})
