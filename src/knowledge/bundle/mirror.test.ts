import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readCurrent } from '../folder.ts'
import { newKey, openKey, trustKey } from './key.ts'
import { isMirror, syncMirror, writeMirror } from './mirror.ts'
import { factsFor, makeRelease, temporary } from './testing.ts'

const made = new Date('2026-11-24T12:00:00.000Z')

/** Serves a folder as any web server does; `spoil` may answer first. */
async function serve(t: TestContext, folder: string, spoil: (url: string, answer: ServerResponse) => boolean = () => false): Promise<Readonly<{ url: string; asked: string[] }>> {
  const asked: string[] = []
  const server = createServer((request, answer) => {
    asked.push(request.url!)
    if (spoil(request.url!, answer)) return
    try {
      answer.end(readFileSync(join(folder, request.url!)))
    } catch {
      answer.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  }))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function world(t: TestContext) {
  const root = temporary(t)
  const [maker, taker, out] = [join(root, 'maker'), join(root, 'taker'), join(root, 'kb-mirror')]
  trustKey(taker, newKey(maker, 'secret', 'maker'), 'the maker')
  const key = openKey(maker, 'secret')
  return { root, maker, taker, out, key, mirror: (file: string, number: number) => writeMirror({ file, facts: factsFor(number), key, made, out }) }
}

test('a mirror hands out a release, then only the parts that changed', async (t) => {
  const { maker, taker, out, mirror } = world(t)
  const first = makeRelease(maker, factsFor(1), 6000)
  const written = await mirror(first, 1)
  assert.equal(written.written, written.parts)
  const { url, asked } = await serve(t, out)
  assert.ok(await isMirror(url))
  assert.ok(await isMirror(out))
  assert.ok(!(await isMirror(`${url}/elsewhere`)))
  const taken = await syncMirror(url, { folder: taker })
  assert.deepEqual([taken.isNew, taken.fetched], [true, written.parts])
  assert.ok(readFileSync(join(taker, 'release-1.sqlite')).equals(readFileSync(first)))
  assert.deepEqual([(await syncMirror(url, { folder: taker })).isNew, asked.filter((one) => one.startsWith('/parts/')).length], [false, written.parts])

  const second = makeRelease(maker, factsFor(2), 3, first)
  const change = await mirror(second, 2)
  assert.ok(change.written < written.parts / 2)
  asked.length = 0
  const next = await syncMirror(`${url}/`, { folder: taker })
  assert.deepEqual([next.fetched, asked.filter((one) => one.startsWith('/parts/')).length], [change.written, change.written])
  assert.ok(readFileSync(join(taker, 'release-2.sqlite')).equals(readFileSync(second)))
})

test('what lies in the folder and is none of a mirror stays', async (t) => {
  const { maker, out, mirror } = world(t)
  const others = ['heads/of-state.txt', 'parts/list.txt', 'parts/ab/spare.txt'].map((name) => join(out, name))
  for (const path of others) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'mine')
  }
  await mirror(makeRelease(maker, factsFor(1), 3), 1)
  assert.deepEqual(others.map((path) => readFileSync(path, 'utf8')), ['mine', 'mine', 'mine'])
})

test('a mirror as a folder, carried by hand, serves as well; parts of old releases go in time', async (t) => {
  const { maker, taker, out, mirror } = world(t)
  let file = makeRelease(maker, factsFor(1), 3000)
  await mirror(file, 1)
  const parts = (): number => readdirSync(join(out, 'parts'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
  const before = parts()
  for (let number = 2; number < 9; number++) await mirror((file = makeRelease(maker, factsFor(number), 3000, file)), number)
  assert.ok(parts() <= before * 3 + 3, `${parts()} of ${before}`)
  assert.equal(readdirSync(join(out, 'heads')).length, 3)
  await syncMirror(out, { folder: taker })
  assert.equal(readCurrent(taker)?.number, 8)
})

test('a mirror that lies, sends too much, breaks off or leads elsewhere changes nothing', async (t) => {
  const { maker, taker, out, mirror } = world(t)
  await mirror(makeRelease(maker, factsFor(1), 3000), 1)
  const { head } = JSON.parse(readFileSync(join(out, 'latest.json'), 'utf8')) as { head: string }
  let parts = 0
  const spoilt: readonly (readonly [string, RegExp, (answer: ServerResponse, url: string) => void])[] = [
    ['another part', /^bundle\.tampered$/, (answer, url) => void (url.startsWith('/parts/') && answer.end(Buffer.alloc(readFileSync(join(out, url)).length)))],
    ['an endless part', /^feed\.fetch$/, (answer, url) => void (url.startsWith('/parts/') && answer.end(Buffer.alloc(400_000)))],
    ['a part cut off', /^(feed\.fetch|bundle\.tampered)$/, (answer, url) => void (url.startsWith('/parts/') && ++parts === 3 && answer.writeHead(200, { 'content-length': '100000' }).write('x') && answer.destroy())],
    ['a part that is gone', /^feed\.fetch$/, (answer, url) => void (url.startsWith('/parts/') && answer.writeHead(404).end())],
    ['a way elsewhere', /^feed\.fetch$/, (answer, url) => void (url.startsWith('/heads/') && answer.writeHead(302, { location: 'http://127.0.0.1:9/' }).end())],
    ['another head', /^bundle\.tampered$/, (answer, url) => void (url.startsWith('/heads/') && answer.end(Buffer.concat([readFileSync(join(out, url)), Buffer.from('x')])))],
    ['a path for a head', /^bundle\.format$/, (answer, url) => void (url === '/latest.json' && answer.end(JSON.stringify({ format: 1, number: 1, name: 'x', head: '../../signing.key' })))],
    ['an endless hint', /^feed\.fetch$/, (answer, url) => void (url === '/latest.json' && answer.end(Buffer.alloc(100_000, 32)))],
    ['no hint', /^bundle\.format$/, (answer, url) => void (url === '/latest.json' && answer.end('null'))],
  ]
  assert.match(head, /^[0-9a-f]{64}$/)
  for (const [name, code, spoil] of spoilt) {
    const { url } = await serve(t, out, (path, answer) => {
      spoil(answer, path)
      return answer.writableEnded || answer.destroyed
    })
    await assert.rejects(syncMirror(url, { folder: taker }), (error: Error & { code: string }) => code.test(error.code), name)
    assert.equal(readCurrent(taker), null)
    assert.deepEqual(readdirSync(taker).filter((name) => name !== 'lock.sqlite'), ['trusted'], name)
  }
  writeFileSync(join(out, 'latest.json'), '{')
  await assert.rejects(syncMirror(out, { folder: taker }), { code: 'bundle.format' })
  await assert.rejects(syncMirror('http://127.0.0.1:1', { folder: taker }), { code: 'feed.fetch' })
})
