import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { openFeedInput } from '../../src/formats/archive/open.ts'
import { tarOf, withPath, zipOf } from '../../src/formats/archive/testing-archive.ts'
import { readerFor } from '../../src/formats/feed/readers.ts'
import { packedFeeds } from './feed-mutants.ts'
import type { Job, Outcome } from './feed-worker.ts'

/** How long one mutant of some kilobytes may be silent before it counts as hanging. */
const patience = 60_000
const memory = 400

/** Runs mutants in a thread that can be ended: a regular expression that never returns can't be interrupted otherwise. */
function outcomesOf(job: Job): Promise<readonly Outcome[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome[]>()
  const worker = new Worker(new URL('./feed-worker.ts', import.meta.url), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: memory } })
  const outcomes: Outcome[] = []
  let at = 'the start'
  const hang = (): void => {
    reject(new Error(`it hangs at ${at}`))
    void worker.terminate()
  }
  let timer = setTimeout(hang, patience)
  worker.on('message', (message: Outcome | { begins: string }) => {
    clearTimeout(timer)
    timer = setTimeout(hang, patience)
    if ('begins' in message) at = message.begins
    else outcomes.push(message)
  })
  worker.on('error', (error) => reject(new Error(`it broke at ${at}: ${String(error)}`)))
  worker.on('exit', () => {
    clearTimeout(timer)
    resolve(outcomes)
  })
  return promise
}

test('every feed has a slice here that its reader knows', () => {
  const names = new Set(packedFeeds().map(({ name }) => readerFor(name)?.source.name))
  assert.ok(!names.has(undefined), `no reader for ${packedFeeds().filter(({ name }) => readerFor(name) === null).map(({ name }) => name).join(', ')}`)
  assert.ok(names.size >= 20, `only ${[...names].join(', ')}`)
})

test('600 damaged feeds: each is refused, or reads as if nothing had happened', async () => {
  const outcomes = await outcomesOf({ kind: 'damage', from: 0, to: 600 })
  assert.equal(outcomes.length, 600)
  assert.deepEqual(outcomes.filter(({ outcome }) => outcome === 'broke'), [])
  assert.deepEqual(outcomes.filter(({ outcome, sums }) => sums && outcome === 'changed').map(({ mutant, feed }) => `${mutant} ${feed}`), [], 'accepted with other content, in spite of its checksums')
  assert.ok(outcomes.filter(({ outcome }) => outcome === 'refused').length > 450)
})

test('600 poisoned feeds in sound archives: each is refused or read, and nothing breaks', async () => {
  const outcomes = await outcomesOf({ kind: 'poison', from: 1000, to: 1600 })
  assert.equal(outcomes.length, 600)
  assert.deepEqual(outcomes.filter(({ outcome }) => outcome === 'broke'), [])
  assert.ok(outcomes.some(({ outcome }) => outcome === 'changed') && outcomes.some(({ outcome }) => outcome === 'refused'))
})

/** All that a feed of this name says; for those that are to be refused. */
async function read(name: string, bytes: Uint8Array): Promise<void> {
  await withPath(name, bytes, async (path) => {
    for await (const _ of readerFor(name)!.read(await openFeedInput(path)));
  })
}

const zeros = Buffer.alloc(64 * 1024 * 1024)
const cve = 'CVE-2099-0001.json'

test('archives that grow beyond measure are refused before they do', async () => {
  const before = process.resourceUsage().maxRSS
  await assert.rejects(read('vulnrichment-1.zip', zipOf([{ name: cve, text: zeros }])), { code: 'feed.too_large' })
  await assert.rejects(read('vulnrichment-1.tar.gz', gzipSync(tarOf([{ name: cve, text: zeros }]))), { code: 'feed.too_large' })
  await assert.rejects(read('debian.json.gz', gzipSync(zeros)), { code: 'feed.too_large' })
  await assert.rejects(read('rhel-9.oval.xml.gz', gzipSync(`<oval_definitions>${'<a>'.repeat(10_000_000)}`)), { code: /^feed\./ })
  // A gzip in a gzip is text to nobody.
  await assert.rejects(read('nvdcve-2.0-2099.json.gz', gzipSync(gzipSync(zeros))), { code: 'feed.format' })
  const grown = (process.resourceUsage().maxRSS - before) / 1024
  assert.ok(grown < 600, `grew by ${Math.round(grown)} MB`)
})

test('archives that point outside, link or lie about their entries are refused', async () => {
  for (const name of ['../CVE-2099-0001.json', '/etc/CVE-2099-0001.json', 'a/../../CVE-2099-0001.json', 'C:\\CVE-2099-0001.json', 'a\\..\\..\\CVE-2099-0001.json']) {
    await assert.rejects(read('vulnrichment-1.zip', zipOf([{ name, text: '{}' }])), { code: /^feed\.(path|not_archive)$/ }, name)
    await assert.rejects(read('vulnrichment-1.tar.gz', gzipSync(tarOf([{ name, text: '{}' }]))), { code: /^feed\.(path|not_archive)$/ }, name)
  }
  await assert.rejects(read('vulnrichment-1.tar.gz', gzipSync(tarOf([{ name: cve, kind: '2' }]))), { code: 'feed.link' })
  await assert.rejects(read('vulnrichment-1.tar.gz', gzipSync(tarOf([{ name: cve, kind: '1' }]))), { code: 'feed.link' })
  await assert.rejects(read('vulnrichment-1.zip', zipOf([{ name: cve, text: '/etc/passwd', mode: 0xa1ff }])), { code: 'feed.link' })
  await assert.rejects(read('vulnrichment-1.zip', zipOf([{ name: cve, text: '{}', localName: 'CVE-2099-0002.json' }])), { code: 'feed.not_archive' })
  await assert.rejects(read('vulnrichment-1.zip', zipOf([{ name: cve, text: '{}' }, { name: cve, text: '{}' }])), { code: 'feed.not_archive' })
  await assert.rejects(read('vulnrichment-1.tar.gz', gzipSync(tarOf([{ name: cve, text: '{}' }], false))), { code: /^feed\./ })
})

test('XML that grows by its own entities or reaches out is refused', async () => {
  const laughs = `<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, index) => `<!ENTITY a${index + 1} "&a${index};&a${index};">`).join('')}]>`
  const outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
  for (const head of [laughs, outside]) {
    for (const name of ['rhel-9.oval.xml', 'com.ubuntu.jammy.cve.oval.xml', 'ssg-example-ds.xml']) {
      await assert.rejects(read(name, Buffer.from(`<?xml version="1.0"?>${head}<x>&a30;&a;</x>`)), { code: 'feed.format' }, name)
    }
  }
})
