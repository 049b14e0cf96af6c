import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadContent } from './content.ts'
import { readSignatureFile } from './signature-file.ts'

const base = await mkdtemp(join(tmpdir(), 'vigil-content-'))
after(() => rm(base, { recursive: true, force: true }))

const sound = `- id: 1
  title: Redis open
  category: Databases and stores
  severity: 5
  type: confirmed
  on: service
  when: { field: facts.auth, is: false }
  result: auth {facts.auth}
  cve: [CVE-2022-0543]
  cwe: [CWE-306]
  cvss: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
  threat: t
  impact: i
  solution: s
  published: "2026-11-24"
  fires: [{ name: redis, facts: { auth: false } }]
  spares: [{ name: redis, facts: { auth: true } }]
`

test('a sound file is read, with the score computed and what is unsaid filled in', () => {
  const { entries, problems } = readSignatureFile('a.yaml', sound)
  assert.deepEqual(problems, [])
  const { signature, fires } = entries[0]!
  assert.equal(signature.score, 9.8)
  assert.equal(signature.version, 1)
  assert.equal(signature.changed, '2026-11-24')
  assert.deepEqual(fires[0]!.seen.data, { tls: false, name: 'redis', facts: { auth: false } })
  const four = readSignatureFile('a.yaml', sound.replace(/cvss: .*/, 'cvss: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'))
  assert.equal(four.entries[0]?.signature.score, 9.3)
})

test('each fault is named by file, signature and field', () => {
  const faults: readonly [string | RegExp, string, string, RegExp][] = [
    ['id: 1', 'id: 0', '[0].id', /whole number/],
    ['title: Redis open', 'title: ""', 'title', /must be a text/],
    ['  threat: t\n', '', 'threat', /is missing/],
    ['category: Databases and stores', 'category: Stuff', 'category', /one of Databases/],
    ['severity: 5', 'severity: 6', 'severity', /one of 1, 2/],
    ['type: confirmed', 'type: sure', 'type', /one of confirmed/],
    ['on: service', 'on: udp', 'on', /one of host/],
    ['is: false', 'isnt: false', 'when', /exactly one of/],
    ['{ field: facts.auth, is: false }', '{ field: version, version: "<2" }', 'versioned', /must be said/],
    ['CVE-2022-0543', 'CVE-22-1', 'cve', /like CVE/],
    ['CWE-306', 'CWE-x', 'cwe', /like CWE/],
    ['/A:H', '', 'cvss', /base metrics/],
    ['AV:N', 'AV:X', 'cvss', /base metrics/],
    ['"2026-11-24"', '"24.11.2026"', 'published', /a date/],
    ['  threat: t', '  treat: t\n  threat: t', 'treat', /not a field/],
    [/ {2}fires.*/, '  fires: []', 'fires', /at least one/],
    [/ {2}spares.*/, '  spares: [{ name: redis, color: red }]', 'spares[0]', /'color' is not a field/],
    ['  threat: t', '  ask: { path: /x }\n  threat: t', 'ask', /on http only/],
  ]
  for (const [from, to, field, text] of faults) {
    const { entries, problems } = readSignatureFile('a.yaml', sound.replace(from, to))
    assert.deepEqual(entries, [], to)
    assert.ok(problems.some((one) => one.file === 'a.yaml' && one.field === field && text.test(one.text)), `${to}: ${JSON.stringify(problems)}`)
  }
})

test('only harmless requests are taken', () => {
  const http = sound.replace('on: service', 'on: http').replace(/when: .*/, 'when: { field: body, has: x }').replace(/ {2}fires.*/, '  fires: [{ body: x }]').replace(/ {2}spares.*/, '  spares: [{ body: y }]')
  const problemsOf = (ask: string): string[] => readSignatureFile('a.yaml', http.replace('  threat: t', `  ask: ${ask}\n  threat: t`)).problems.map((one) => one.field)
  for (const ask of ['{ path: /x }', '{ path: /x, method: HEAD }', '{ path: /, method: TRACE }', '{ path: /, method: PROPFIND, headers: { Depth: "1" } }', '{ path: /x, only: [jenkins] }']) assert.deepEqual(problemsOf(ask), [], ask)
  for (const ask of ['{ path: /x, method: POST }', '{ path: /x, method: PUT }', '{ path: /x, method: DELETE }']) assert.deepEqual(problemsOf(ask), ['ask.method'], ask)
  for (const ask of ['{ path: x }', '{ path: "/a b" }', '{ path: "/a\\r\\nX: y" }', '{}']) assert.deepEqual(problemsOf(ask), ['ask.path'], ask)
  for (const ask of ['{ path: /x, headers: { Host: a } }', '{ path: /x, headers: { a: "b\\r\\nc" } }', '{ path: /x, headers: { Content-Length: "5" } }']) assert.deepEqual(problemsOf(ask), ['ask.headers'], ask)
  assert.deepEqual(problemsOf('{ path: /x, body: abc }'), ['ask.body'])
  assert.deepEqual(problemsOf('{ path: / }'), ['ask'])
})

test('hostile and broken files are named, never thrown over', () => {
  for (const text of ['{', 'a: 1', '', '- 5', '- [1]', '- &a [*a]', 'x'.repeat(300_000), '- !!js/function "x"', '- id: {}', '\u0000']) {
    const { entries, problems } = readSignatureFile('a.yaml', text)
    assert.deepEqual(entries, [])
    assert.ok(problems.length > 0, text.slice(0, 20))
  }
})

test('a folder: ids are unique, the release follows every byte, and the cache gives the same answer', async () => {
  const dir = join(base, 'content')
  const cache = join(base, 'cache')
  await mkdir(join(dir, 'signatures', 'deep'), { recursive: true })
  await writeFile(join(dir, 'signatures', 'a.yaml'), sound)
  await writeFile(join(dir, 'signatures', 'deep', 'b.yaml'), sound.replace('id: 1', 'id: 7'))
  const first = await loadContent(dir)
  assert.deepEqual(first.signatures.map((one) => one.id), [1, 7])
  assert.deepEqual(first.problems, [])
  assert.deepEqual(await loadContent(dir, cache), first)
  assert.deepEqual(await readdir(cache), [`content-1-${first.release}.json`])
  assert.deepEqual(await loadContent(dir, cache), first)

  await writeFile(join(cache, `content-1-${first.release}.json`), '{"signatures":')
  assert.deepEqual(await loadContent(dir, cache), first)

  await writeFile(join(dir, 'signatures', 'deep', 'b.yaml'), sound)
  const second = await loadContent(dir, cache)
  assert.notEqual(second.release, first.release)
  assert.deepEqual(second.problems, [{ file: 'deep/b.yaml', signature: 1, field: 'id', text: 'is taken by a.yaml' }])
  assert.deepEqual(await readdir(cache), [`content-1-${second.release}.json`])
  assert.deepEqual(await loadContent(dir, join(dir, 'signatures', 'a.yaml', 'no-folder')), second)
})
