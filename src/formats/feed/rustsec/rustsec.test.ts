import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedOf } from '../../archive/testing-archive.ts'
import { readAll, slice } from '../testing-feed.ts'
import { readRequirement } from './requirement.ts'
import { rustsec } from './rustsec.ts'
import { readToml } from './toml.ts'

test('what is neither patched nor unaffected is affected', async () => {
  const read = await readAll(rustsec, slice('rustsec'))
  assert.equal(read.records, 4)
  const [widget] = read.affected('CVE-2099-0001')
  assert.deepEqual(widget?.product, { ecosystem: 'crates.io', name: 'widget' })
  assert.deepEqual(widget.intervals, [
    { from: '0.5.0', before: '0.7.1' }, { from: '0.7.1', fromExclusive: true, before: '1.2.4' }, { from: '2.1.0', before: '3.0.0' },
  ])
  assert.deepEqual([widget.scheme, widget.fixed, widget.rating], ['semver', ['1.2.4', '2.0.0-rc.1', '3.0.0'], undefined])
  const said = read.statement('CVE-2099-0001')
  assert.deepEqual([said.title, said.details, said.aliases], ['Widget reads past its buffer', 'It *really* does.', ['RUSTSEC-2099-0001', 'GHSA-2222-3333-4444']])
  assert.deepEqual(said.cvss.map((one) => one.score), [9.8])
  assert.deepEqual(said.references.map((one) => one.url), ['https://rustsec.org/advisories/RUSTSEC-2099-0001.html', 'https://example.org/widget', 'https://example.org/one', 'https://example.org/two'])
})

test('what only informs is rated so, what is withdrawn closes, the library is no crate', async () => {
  const read = await readAll(rustsec, slice('rustsec'))
  assert.equal(read.statement('RUSTSEC-2099-0002').rating, 'info')
  assert.deepEqual(read.affected('RUSTSEC-2099-0002').map((one) => [one.intervals, one.rating]), [[[{}], 'info']])
  assert.equal(read.statement('RUSTSEC-2099-0003').withdrawn, '2099-01-05T00:00:00Z')
  assert.deepEqual(read.affected('RUSTSEC-2099-0003'), [])
  assert.deepEqual(read.affected('CVE-2099-0002').map((one) => [one.product, one.intervals]), [[{ ecosystem: 'Rust', name: 'std' }, [{ before: '1.28.0' }]]])
})

test('reads requirements as Cargo does', () => {
  const expected: readonly (readonly [string, unknown])[] = [
    ['>= 1.2.3', { from: '1.2.3' }], ['> 1.2.3', { from: '1.2.3', fromExclusive: true }], ['> 1.2', { from: '1.3.0' }], ['< 1.2', { before: '1.2.0' }], ['<= 1.2', { before: '1.3.0' }],
    ['<= 1.2.3', { upTo: '1.2.3' }], ['=1.2', { from: '1.2.0', before: '1.3.0' }], ['1.2.3', { from: '1.2.3', before: '2.0.0' }], ['^0.2.3', { from: '0.2.3', before: '0.3.0' }],
    ['^0.0.3', { from: '0.0.3', before: '0.0.4' }], ['^0.0', { from: '0.0.0', before: '0.1.0' }], ['~1.2.3', { from: '1.2.3', before: '1.3.0' }], ['~1', { from: '1.0.0', before: '2.0.0' }],
    ['1.*', { from: '1.0.0', before: '2.0.0' }], ['*', {}], ['< 1.0.0-alpha.1, >= 0.5', { before: '1.0.0-alpha.1', from: '0.5.0' }], ['latest', null], ['>= 1.2.3 < 2', null], ['1.2.3.4', null],
  ]
  for (const [text, interval] of expected) assert.deepEqual(readRequirement(text), interval, text)
})

test('reads the TOML of advisories and nothing it cannot', () => {
  assert.deepEqual([...readToml('[a]\nb = "x\\u0041\\n"\n"c.d" = [\n "1", # one\n \'2\',\n]\ne = 5\n[[f]]\ng = """\nlong\n"""')!], [['a.b', 'xA\n'], ['a.c.d', ['1', '2']], ['a.e', '5'], ['f.g', 'long\n']])
  for (const bad of ['a = "', 'a = ["x"', 'a = "x\ny"', `a = "${'x'.repeat(10_000)}"`, 'a = """x', 'a = ["x" ;]', 'a = "\\q"']) assert.equal(readToml(bad), null, bad.slice(0, 20))
})

test('a poisoned record is unused and the feed goes on', async () => {
  const advisory = (id: string, rest = ''): string => `\`\`\`toml\n[advisory]\nid = "${id}"\npackage = "x"\ndate = "2099-01-01"\n${rest}\n\`\`\`\n\n# T\n`
  const read = await readAll(rustsec, feedOf('advisory-db', {
    'RUSTSEC-2099-0001.md': advisory('RUSTSEC-2099-0001', '[versions]\npatched = [">= one"]'),
    'RUSTSEC-2099-0002.md': advisory('../etc/passwd'),
    'RUSTSEC-2099-0003.md': 'no block',
    'RUSTSEC-2099-0004.md': `\`\`\`toml\n${'[a]\n'.repeat(50_000)}a = [\n\`\`\`\n`,
    'RUSTSEC-2099-0005.md': new Uint8Array([0xff, 0xfe, 0x00]),
    'RUSTSEC-2099-0006.md': advisory('RUSTSEC-2099-0006', '__proto__ = "x"\n[__proto__]\npolluted = "1"'),
    'RUSTSEC-2099-0007.md': 'x'.repeat(600_000),
  }))
  assert.deepEqual(read.unused, { 'bad-requirement': 1, 'bad-advisory': 1, 'bad-toml': 2, 'not-text': 1, 'too-large': 1 })
  assert.deepEqual(read.of('affected').map((one) => one.vulnerability), ['RUSTSEC-2099-0006'], 'of unreadable versions nothing is said')
})

test('what holds no advisory is not that feed', async () => {
  await assert.rejects(readAll(rustsec, feedOf('advisory-db', { 'README.md': 'hello' })), { code: 'feed.format' })
  assert.ok(rustsec.recognises('rustsec/advisory-db-2025-02-24.tar.gz'))
})
