import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from '#knowledge/build/build.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const content = fileURLToPath(new URL('../content', import.meta.url))

type Run = Readonly<{ code: number; out: string; err: string }>

/** `vigil kb` as a person runs it, in an environment without secrets of its own. */
async function kb(...words: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'kb', ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } })
  let [out, err] = ['', '']
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, err }
}

test('a release is made, carried by hand, refused until its key is trusted, and taken; then what changed, and a mirror', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vigil-bundle-command-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const [maker, taker, file] = [join(root, 'maker'), join(root, 'taker'), join(root, 'one.vkb')]
  await build(join(maker, 'knowledge'), [{ source: 'vigil', paths: [content] }])

  const early = await kb('bundle', '--out', file, '--data', maker)
  assert.deepEqual([early.code, /vigil kb key new/.test(early.err)], [2, true])
  const key = JSON.parse((await kb('key', 'new', '--data', maker, '--json')).out) as { key: string; fingerprint: string }
  assert.equal(statSync(join(maker, 'knowledge', 'signing.key')).mode & 0o777, 0o600)
  assert.equal(statSync(join(maker, 'secret.key')).mode & 0o777, 0o600)
  assert.equal((await kb('key', 'show', '--data', maker)).out, `${key.key}\n  fingerprint ${key.fingerprint}\n`)
  const made = await kb('bundle', '--out', file, '--data', maker, '--json')
  assert.equal(made.code, 0, made.err)
  const { bytes } = JSON.parse(made.out) as { bytes: number }
  assert.equal(statSync(file).size, bytes)

  const refused = await kb('import', file, '--data', taker)
  assert.deepEqual([refused.code, refused.err.includes(key.fingerprint)], [2, true])
  assert.match((await kb('key', 'list', '--data', taker)).out, /No key is trusted/)
  for (const wrong of [[], ['--fingerprint', key.fingerprint.slice(0, 8)], ['--fingerprint', key.fingerprint.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))]]) {
    assert.equal((await kb('key', 'trust', key.key, ...wrong, '--data', taker)).code, 2)
  }
  assert.equal((await kb('key', 'trust', key.key, '--fingerprint', key.fingerprint, '--name', 'head office', '--data', taker)).code, 0)
  assert.match((await kb('key', 'list', '--data', taker)).out, /head office/)
  assert.match((await kb('verify', file, '--data', taker)).out, /is whole: release/)
  const taken = await kb('import', file, '--data', taker)
  assert.deepEqual([taken.code, /is in force/.test(taken.out)], [0, true], taken.err)
  assert.match((await kb('import', file, '--data', taker)).out, /was in force already/)
  assert.equal((await kb('verify', '--data', taker)).code, 0)

  const kev = fileURLToPath(new URL('feeds', import.meta.url))
  const next = await kb('import', join(kev, 'kev'), '--as', 'kev', '--data', maker)
  assert.equal(next.code, 0, next.err)
  const change = join(root, 'two.vkb')
  assert.equal((await kb('bundle', '--out', change, '--since', '1', '--data', maker)).code, 0)
  assert.equal((await kb('bundle', '--out', change, '--since', '77', '--data', maker)).code, 2)
  assert.match((await kb('import', change, '--data', join(root, 'nobody'))).err, /not signed by a key that is trusted/)
  assert.equal((await kb('import', change, '--data', taker)).code, 0)
  const back = await kb('import', file, '--data', taker)
  assert.deepEqual([back.code, /older than release/.test(back.err)], [2, true])
  const release = JSON.parse((await kb('release', '--data', taker, '--json')).out) as { inForce: { number: number }; kept: number[] }
  assert.deepEqual([release.inForce.number, release.kept], [2, [2, 1]])

  const mirror = join(root, 'kb-mirror')
  assert.equal((await kb('bundle', '--mirror', mirror, '--data', maker)).code, 0)
  const third = join(root, 'third')
  assert.equal((await kb('key', 'trust', key.key, '--fingerprint', key.fingerprint, '--data', third)).code, 0)
  const synced = await kb('sync', '--from', mirror, '--data', third)
  assert.deepEqual([synced.code, /is in force/.test(synced.out)], [0, true], synced.err)
  assert.ok(readFileSync(join(third, 'knowledge', 'release-2.sqlite')).equals(readFileSync(join(maker, 'knowledge', 'release-2.sqlite'))))

  truncateSync(file, bytes - 1)
  const cut = await kb('verify', file, '--data', taker)
  assert.deepEqual([cut.code, /it ends after/.test(cut.err)], [2, true])
  assert.equal((await kb('key', 'distrust', '--fingerprint', key.fingerprint, '--data', taker)).code, 0)
  assert.equal((await kb('verify', change, '--data', taker)).code, 2)
})
