import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'
import { affected, cvss, statement } from '#knowledge/testing-records.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

async function kb(...words: readonly string[]): Promise<Readonly<{ code: number; out: string; err: string }>> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'kb', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, err }
}

const kev = (count: number) => JSON.stringify({
  title: 'CISA Catalog of Known Exploited Vulnerabilities', catalogVersion: '2026.01.02', dateReleased: '2026-01-02T00:00:00Z', count,
  vulnerabilities: [{ cveID: 'CVE-2024-0001', vendorProject: 'Acme', product: 'Parser', vulnerabilityName: 'Acme Parser Overflow', dateAdded: '2026-01-01', shortDescription: 'It overflows.',
    requiredAction: 'Update.', dueDate: '2026-01-22', knownRansomwareCampaignUse: 'Unknown', notes: 'https://example.org/1', cwes: ['CWE-787'] }],
})

test('the KnowledgeBase from the command line: synced from a folder and a web server, searched, shown, checked, put back', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vigil-kb-command-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const [mirror, data] = [join(root, 'mirror'), ['--data', join(root, 'data')]] as const
  const files: Record<string, string> = {
    'kev/known_exploited_vulnerabilities.json': kev(1),
    'cve.vigil.jsonl': [{ record: 'head', whole: true }, statement('CVE-2024-0001', { title: 'Parser overflow', cvss: [cvss(9.8)] }), affected('CVE-2024-0001', 'npm', 'parser', '2.0'), { record: 'counted', records: 1 }, { record: 'end' }]
      .map((line) => JSON.stringify(line)).join('\n'),
  }
  const write = (): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(mirror, name)), { recursive: true })
      writeFileSync(join(mirror, name), text)
    }
    writeFileSync(join(mirror, 'manifest.json'), JSON.stringify({ files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') })) }))
  }
  write()

  const nothing = await kb('search', 'parser', ...data)
  assert.deepEqual([nothing.code, /There is no KnowledgeBase/.test(nothing.err)], [2, true])
  const first = await kb('sync', '--from', mirror, ...data)
  assert.equal(first.code, 0, first.err)
  assert.match(first.out, /^Release \d{4}\.\d\d\.\d\d-1 is in force: /)
  assert.deepEqual(await kb('sync', '--from', mirror, ...data).then(({ code, out }) => [code, out]), [0, 'Nothing changed.\n'])

  const found = await kb('search', 'parser', 'exploited:true', ...data)
  assert.deepEqual([found.code, found.out], [0, 'CVE-2024-0001  5  CVSS 9.8  EXPLOITED  package\n    Acme Parser Overflow\n'])
  assert.deepEqual(await kb('search', 'nonsense-of-nobody', ...data).then(({ code }) => code), 1)
  const shown = await kb('show', 'cve-2024-0001', ...data)
  assert.match(shown.out, /cve says: Parser overflow/)
  assert.match(shown.out, /cve {2}npm parser {2}≥ 0 < 2\.0/)
  const stats = JSON.parse((await kb('stats', '--json', ...data)).out) as { exploited: { known: number; detected: number }; sources: { name: string; records: number }[] }
  assert.deepEqual([stats.exploited.known, stats.exploited.detected, stats.sources.find((one) => one.name === 'kev')?.records], [1, 1, 1])

  // The server hands out a list that says it is longer than it is.
  const server = createServer((request, response) => {
    const path = join(mirror, request.url!.slice(1))
    if (existsSync(path)) response.end(readFileSync(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())))
  files['kev/known_exploited_vulnerabilities.json'] = kev(7)
  files['cve.vigil.jsonl'] = files['cve.vigil.jsonl']!.replace('Parser overflow', 'Parser overflow, told anew')
  write()
  const second = await kb('sync', '--from', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ...data)
  assert.deepEqual([second.code, /kev: failed\..*says that it holds 7 records and holds 1/.test(second.err), /-2 is in force/.test(second.out)], [1, true, true], second.err)
  assert.match((await kb('show', 'CVE-2024-0001', ...data)).out, /told anew/)
  const sources = await kb('sources', ...data)
  assert.deepEqual([sources.code, /^kev +failed /m.test(sources.out)], [1, true])
  assert.deepEqual(await kb('verify', ...data).then(({ code }) => code), 0)
  assert.match((await kb('rollback', ...data)).out, /-1 is in force/)
  assert.doesNotMatch((await kb('show', 'CVE-2024-0001', ...data)).out, /told anew/)

  for (const words of [['import', join(root, 'nothing')], ['import', join(mirror, 'manifest.json')], ['sync', 'here'], ['search', 'colour:red']]) {
    const refused = await kb(...words, ...data)
    assert.equal(refused.code, 2, `${words.join(' ')}: ${refused.out}${refused.err}`)
  }
})

test('names of files in a folder of feeds move no terminal', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vigil-kb-names-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'feeds'))
  writeFileSync(join(root, 'feeds', 'a\u001b]0;b.txt'), '')
  for (const words of [['sync', '--from'], ['import']]) {
    const { err } = await kb(...words, join(root, 'feeds'), '--data', join(root, 'data'))
    assert.match(err, /no feed that Vigil knows/)
    assert.ok(!err.includes('\u001b'), words[0])
  }
})
