import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Source, SourceName } from '#core/knowledge/record.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { packedBy } from '#formats/archive/packing/testing-packed.ts'
import { tarOf, zipOf } from '#formats/archive/testing-archive.ts'
import { readers } from '#formats/feed/readers.ts'
import { fetchUpstream, type UpstreamFetch } from './upstream.ts'

const slice = (name: string): Buffer => readFileSync(new URL(`../../../test/feeds/${name}`, import.meta.url))

/** What publishers lay out, byte for byte in form, with our own made-up records in it. */
async function publisher(t: TestContext, files: Map<string, Uint8Array>): Promise<Readonly<{ url: string; asked: string[] }>> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    const body = files.get(request.url!)
    if (body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { etag: `"${body.length}"` }).end(request.headers['if-none-match'] === `"${body.length}"` ? undefined : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  }))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function pullFrom(t: TestContext, sources: readonly (readonly [SourceName, string])[]): () => Promise<UpstreamFetch> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-listing-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const all = sources.map(([name, url]): Source => ({ name, title: name, licence: '', attribution: '', homepage: '', upstream: [url] }))
  return () => fetchUpstream(all, folder, new Date('2026-05-05'), { backOff: 1, attempts: 2 })
}

async function ranges(source: SourceName, paths: readonly string[]): Promise<number> {
  let count = 0
  for (const path of paths) for await (const record of readers.find((one) => one.source.name === source)!.read(await openFeedInput(path))) if (record.record === 'affected' || record.record === 'rule') count++
  return count
}

const page = (...names: string[]): Buffer => Buffer.from(`<html><body><table><tr><td><a href="/oval/">Parent Directory</a></td></tr>${names.map((name) => `<tr><td><a href="${name}">${name}</a></td></tr>`).join('\n')}</table>`)

test('sources that publish a folder or a release are pulled by what their index names, and what comes is read', async (t) => {
  const advisories = [{ name: '2099/cve-2099-0002.json', text: slice('redhat/vex/2099/cve-2099-0002.json') }]
  const files = new Map<string, Uint8Array>()
  const { url, asked } = await publisher(t, files)
  files.set('/vex/archive_latest.txt', Buffer.from('csaf_vex_2026-05-04.tar.zst\n')).set('/vex/csaf_vex_2026-05-04.tar.zst', packedBy('zstd', tarOf(advisories)))
  files.set('/oval/', page('?C=N;O=D', 'com.ubuntu.jammy.cve.oval.xml.bz2', 'com.ubuntu.jammy.usn.oval.xml.bz2', 'oci.com.ubuntu.jammy.cve.oval.xml.bz2', '../../etc/passwd'))
  files.set('/oval/com.ubuntu.jammy.cve.oval.xml.bz2', packedBy('bzip2', slice('ubuntu/com.ubuntu.jammy.cve.oval.xml')))
  files.set('/scap/releases/latest', Buffer.from(JSON.stringify({ assets: ['scap-security-guide-0.1.99-oval-5.10.zip', 'scap-security-guide-0.1.99.zip', 'scap-security-guide-0.1.99.tar.bz2'].map((name) => ({ name, browser_download_url: `${url}/download/${name}` })) })))
  files.set('/download/scap-security-guide-0.1.99.zip', zipOf([{ name: 'scap-security-guide-0.1.99/ssg-example-ds.xml', text: slice('scap/ssg-example-ds.xml') }, { name: 'scap-security-guide-0.1.99/README.md', text: 'x' }]))
  const pull = pullFrom(t, [['redhat', `${url}/vex/`], ['ubuntu', `${url}/oval/`], ['scap', `${url}/scap/releases/latest`]])
  const first = await pull()
  assert.deepEqual(first.reports.map((one) => [one.source, one.state, one.problem]), [['redhat', 'fetched', null], ['ubuntu', 'fetched', null], ['scap', 'fetched', null]])
  for (const { source, paths } of first.imports) assert.ok((await ranges(source, paths)) > 0, source)
  assert.ok(!asked.some((one) => /usn|oci|passwd|5\.10|tar\.bz2/.test(one)), asked.join(' '))
  await first.settle(new Set(['redhat', 'ubuntu', 'scap']))
  // A new day's archive has a new name; the others did not change.
  files.set('/vex/archive_latest.txt', Buffer.from('csaf_vex_2026-05-05.tar.zst')).set('/vex/csaf_vex_2026-05-05.tar.zst', packedBy('zstd', tarOf(advisories)))
  assert.equal((await pull()).imports.find((one) => one.source === 'redhat')?.paths.length, 1)
})

test('an index that names nothing, another server or more than there can be is told, and nothing is taken', async (t) => {
  const files = new Map<string, Uint8Array>()
  const { url, asked } = await publisher(t, files)
  const state = async (source: SourceName, place: string): Promise<string> => {
    const { reports, imports } = await pullFrom(t, [[source, `${url}${place}`]])()
    assert.deepEqual(imports, [])
    return `${reports[0]!.state} ${reports[0]!.problem}`
  }
  for (const text of ['', '<html>Please wait</html>', '../../secret.tar.zst', 'https://elsewhere.example/csaf_vex_1.tar.zst', 'csaf_vex_1.tar.zst\ncsaf_vex_2.tar.zst']) {
    files.set('/vex/archive_latest.txt', Buffer.from(text))
    assert.match(await state('redhat', '/vex/'), /^failed .*names none/)
  }
  files.set('/scap/releases/latest', Buffer.from(JSON.stringify({ assets: [{ name: 'scap-security-guide-0.1.99.zip', browser_download_url: 'http://127.0.0.1:9/x.zip' }] })))
  assert.match(await state('scap', '/scap/releases/latest'), /^failed .*another server/)
  files.set('/oval/', page(...Array.from({ length: 600 }, (_, at) => `com.ubuntu.${'abcdefghijklmnopqrstuvwxyz'[at % 26]}${'abcdefghijklmnopqrstuvwxyz'[Math.floor(at / 26)]}.cve.oval.xml.bz2`)))
  assert.match(await state('ubuntu', '/oval/'), /^failed .*too many/)
  assert.ok(asked.every((one) => !one.endsWith('.zst')))
})
