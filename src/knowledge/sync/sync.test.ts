import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { VigilError } from '#core/errors.ts'
import type { Source } from '#core/knowledge/record.ts'
import { fetchFile } from './fetch.ts'
import { fetchMirror } from './mirror.ts'
import { recogniseFolder, recognisePath } from './recognise.ts'
import { fetchUpstream } from './upstream.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-sync-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function serve(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const quick = { backOff: 1, idle: 5000 }
const sum = (text: string): string => createHash('sha256').update(text).digest('hex')
const refusedFor = (reason: RegExp) => (error: unknown): boolean => error instanceof VigilError && error.code === 'feed.fetch' && reason.test(error.message)

test('a download that breaks off is continued where it broke, and asked anew only for changes', async (t) => {
  const body = 'x'.repeat(100_000)
  const ranges: (string | undefined)[] = []
  const path = join(folderOf(t), 'deep/feed.json')
  const url = await serve(t, (request, response) => {
    if (request.headers['if-none-match'] === '"one"') {
      response.writeHead(304).end()
      return
    }
    ranges.push(request.headers.range)
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, etag: '"one"', ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}) })
    if (ranges.length === 1) {
      response.write(body.slice(0, 40_000))
      // Once a part has arrived.
      const cut = (): void => void (statSync(`${path}.part`, { throwIfNoEntry: false })?.size ? response.destroy() : setImmediate(cut))
      cut()
    }
    else response.end(body.slice(from))
  })
  const got = await fetchFile(`${url}feed.json`, path, quick)
  assert.deepEqual(got, { state: 'fetched', bytes: 100_000, validators: { etag: '"one"' } })
  assert.equal(readFileSync(path, 'utf8'), body)
  assert.equal(ranges.length, 2)
  assert.match(ranges[1]!, /^bytes=\d+-$/)
  assert.deepEqual(await fetchFile(`${url}feed.json`, path, { ...quick, validators: { etag: '"one"' } }), { state: 'same' })
})

test('the rest of another day is never joined to a part of the day before', async (t) => {
  const asked: (string | undefined)[] = []
  const path = join(folderOf(t), 'feed.csv')
  const url = await serve(t, (request, response) => {
    asked.push(request.headers['if-range'] as string | undefined)
    const day = asked.length === 1 ? 'monday' : 'tuesday'
    const body = (day === 'monday' ? 'm' : 't').repeat(100_000)
    const from = request.headers.range !== undefined && (request.headers['if-range'] ?? `"${day}"`) === `"${day}"` ? Number(/\d+/.exec(request.headers.range)![0]) : 0
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, etag: `"${day}"`, ...(from > 0 ? { 'content-range': `bytes ${from}-99999/100000` } : {}) })
    if (asked.length > 1) {
      response.end(body.slice(from))
      return
    }
    response.write(body.slice(0, 40_000))
    const cut = (): void => void (statSync(`${path}.part`, { throwIfNoEntry: false })?.size ? response.destroy() : setImmediate(cut))
    cut()
  })
  await fetchFile(`${url}feed.csv`, path, quick)
  assert.equal(readFileSync(path, 'utf8'), 't'.repeat(100_000))
  assert.deepEqual([asked, readdirSync(dirname(path))], [[undefined, '"monday"'], ['feed.csv']])
})

test('what cannot be had is told with its reason: refused, missing, failing, stalled, too large, changed on the way', async (t) => {
  let asked = 0
  const url = await serve(t, (request, response) => {
    asked++
    if (request.url === '/missing') response.writeHead(404).end()
    else if (request.url === '/failing') response.writeHead(503).end()
    else if (request.url === '/stalled') response.writeHead(200, { 'content-length': 10 }).write('abc')
    else if (request.url === '/dripping') {
      const drip = setInterval(() => response.write('d'), 20)
      response.writeHead(200).on('close', () => clearInterval(drip))
    } else if (request.url === '/endless') {
      response.writeHead(200)
      const more = (): void => void response.write('y'.repeat(65_536), (error) => (error ? undefined : more()))
      more()
    } else response.end('changed')
  })
  const folder = folderOf(t)
  const fetchOf = (name: string, options = {}) => fetchFile(`${url}${name}`, join(folder, name), { ...quick, attempts: 3, ...options })
  await assert.rejects(fetchOf('missing'), refusedFor(/404/))
  assert.equal(asked, 1)
  await assert.rejects(fetchOf('failing'), refusedFor(/503/))
  assert.equal(asked, 4)
  await assert.rejects(fetchOf('stalled', { idle: 200, attempts: 1 }), refusedFor(/no byte came/))
  await assert.rejects(fetchOf('dripping', { idle: 200, attempts: 1 }), refusedFor(/fewer than \d+ bytes came/))
  await assert.rejects(fetchOf('endless', { most: 1_000_000 }), refusedFor(/larger than/))
  await assert.rejects(fetchOf('changed', { sha256: sum('as it was') }), refusedFor(/not what the manifest says/))
  await assert.rejects(fetchFile('http://127.0.0.1:9/x', join(folder, 'x'), { ...quick, attempts: 2 }), refusedFor(/refused|bad port/))
  assert.deepEqual(readdirSync(folder).filter((name) => !/^(stalled|dripping)/.test(name)), [])
})

test('a mirror behind a web server is brought over, then only what changed; its paths stay below the folder', async (t) => {
  const files: Record<string, string> = { 'kev/known_exploited_vulnerabilities.json': '{"a":1}', 'epss/epss_scores-2026-01-02.csv': 'one', 'other/readme.txt': 'not a feed' }
  let extra: unknown[] = []
  const asked: string[] = []
  const url = await serve(t, (request, response) => {
    asked.push(request.url!)
    const name = decodeURIComponent(request.url!.slice(1))
    if (name === 'manifest.json') response.end(JSON.stringify({ files: [...Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, sha256: sum(text) })), ...extra] }))
    else if (files[name] === undefined) response.writeHead(404).end()
    else response.end(files[name])
  })
  const into = join(folderOf(t), 'mirror')
  const first = await fetchMirror(url, into, quick)
  assert.deepEqual([first.fetched, first.failed, first.imports.map((one) => one.source).sort()], [3, [], ['epss', 'kev']])
  asked.length = 0
  files['epss/epss_scores-2026-01-02.csv'] = 'two'
  const second = await fetchMirror(url, into, quick)
  assert.deepEqual([second.fetched, asked], [1, ['/manifest.json', '/epss/epss_scores-2026-01-02.csv']])
  extra = [{ path: 'gone.json', bytes: 3, sha256: sum('abc') }]
  assert.deepEqual((await fetchMirror(url, into, { ...quick, attempts: 1 })).failed.map((one) => one.path), ['gone.json'])
  for (const path of ['../outside', '/etc/passwd', 'a/../../b', 'a//b', 'a\\b', '']) {
    extra = [{ path, bytes: 3, sha256: sum('abc') }]
    await assert.rejects(fetchMirror(url, into, quick), (error: unknown) => error instanceof VigilError && error.code === 'feed.format', path)
  }
  assert.equal(existsSync(join(into, '../outside')), false)
})

test('sources are pulled from where they are published, each for itself; only what was taken is asked for changes alone', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url!.startsWith('/down')) response.writeHead(500).end()
    else if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end()
    else response.writeHead(200, { etag: '"v1"' }).end(`data of ${request.url}`)
  })
  const folder = join(folderOf(t), 'incoming')
  const source = (name: Source['name'], ...upstream: string[]): Source => ({ name, title: name, licence: '', attribution: '', homepage: '', upstream })
  const sources = [source('kev', `${url}kev.json`), source('oui', `${url}oui/oui.csv`, `${url}mam/mam.csv`), source('epss', `${url}down.csv.gz`), source('retirejs', `${url}by/hand/`)]
  const pull = () => fetchUpstream(sources, folder, new Date('2026-01-01'), { ...quick, attempts: 2 })
  const first = await pull()
  assert.deepEqual(first.reports.map((one) => [one.source, one.state]), [['kev', 'fetched'], ['oui', 'fetched'], ['epss', 'failed'], ['retirejs', 'byHand']])
  assert.match(first.reports[2]!.problem!, /500/)
  assert.deepEqual(first.imports.map((one) => [one.source, one.paths.length]), [['kev', 1], ['oui', 2]])
  assert.equal(readFileSync(first.imports[0]!.paths[0]!, 'utf8'), 'data of /kev.json')
  // The import of oui failed: it is fetched again.
  await first.settle(new Set(['kev']))
  const second = await pull()
  assert.deepEqual(second.reports.map((one) => one.state), ['same', 'fetched', 'failed', 'byHand'])
  await second.settle(new Set(['oui']))
  assert.deepEqual((await pull()).reports.map((one) => one.state), ['same', 'same', 'failed', 'byHand'])
})

test('feeds are told from their names and the folders they lie in, of several days the newest', async (t) => {
  const root = folderOf(t)
  const put = (name: string, text = name): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  for (const name of ['kev/known_exploited_vulnerabilities.json', 'nuclei-templates/nuclei-templates-2026-02-03.tar.gz', 'nuclei-templates/nuclei-templates-2026-03-01.tar.gz', 'osv/Go/all.zip', 'osv/PyPI/all.zip',
    'ids/oui.csv.gz', 'ids/mam.csv.gz', 'README.md', 'manifest.json', 'notes/of-mine.txt', 'ghsa-mine.vigil.jsonl']) put(name)
  const { imports, others } = await recogniseFolder(root)
  const found = Object.fromEntries(imports.map((one) => [one.source, one.paths.map((path) => path.slice(root.length + 1)).sort()]))
  assert.deepEqual(found, {
    kev: ['kev/known_exploited_vulnerabilities.json'], nuclei: ['nuclei-templates/nuclei-templates-2026-03-01.tar.gz'], osv: ['osv/Go/all.zip', 'osv/PyPI/all.zip'], oui: ['ids/mam.csv.gz', 'ids/oui.csv.gz'],
    ghsa: ['ghsa-mine.vigil.jsonl'],
  })
  assert.deepEqual(others, ['notes/of-mine.txt'])
  assert.deepEqual((await recognisePath(join(root, 'osv/Go/all.zip'))).imports.map((one) => one.source), ['osv'])
  assert.deepEqual((await recognisePath(join(root, 'notes/of-mine.txt'))).imports, [])
  await assert.rejects(recognisePath(join(root, 'nothing')), (error: unknown) => error instanceof VigilError && error.code === 'feed.missing')
})
