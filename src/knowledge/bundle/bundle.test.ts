import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { VigilError } from '#core/errors.ts'
import { pointTo, readCurrent } from '../folder.ts'
import { isBundle } from './bundle-file.ts'
import { writeHeader } from './header.ts'
import { importBundle, verifyBundle } from './install.ts'
import { distrustKey, newKey, openKey, publicOf, readPublicKey, sameFingerprint, trustedKeys, trustKey } from './key.ts'
import { contentOf, type Manifest } from './manifest.ts'
import { packBundle, type Packed } from './pack.ts'
import { hashOf, packPart } from './part.ts'
import { factsFor, makeRelease, numbers, temporary } from './testing.ts'

const made = new Date('2026-11-24T12:00:00.000Z')
const secret = 'a passphrase of the tests'

type World = Readonly<{ root: string; maker: string; taker: string; files: readonly string[]; key: ReturnType<typeof openKey>; whole: string; packed: Packed }>

/** One who makes releases 1 and 2, and one who trusts them and has nothing yet. */
async function world(t: TestContext, rows = 6000): Promise<World> {
  const root = temporary(t)
  const [maker, taker] = [join(root, 'maker'), join(root, 'taker')]
  const first = makeRelease(maker, factsFor(1), rows)
  const second = makeRelease(maker, factsFor(2), 5, first)
  const made1 = newKey(maker, secret, 'maker')
  trustKey(taker, made1, 'the maker')
  const key = openKey(maker, secret)
  const whole = join(root, 'whole.vkb')
  const packed = await packBundle({ file: first, facts: factsFor(1), key, made, out: whole })
  return { root, maker, taker, files: [first, second], key, whole, packed }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof VigilError) return error.code
    throw error
  }
  return 'taken'
}

/** Nothing is in force and nothing is left half-done. */
function hasNothing(folder: string): void {
  assert.equal(readCurrent(folder), null)
  assert.deepEqual(readdirSync(folder).filter((name) => name !== 'lock.sqlite'), ['trusted'])
}

test('a whole bundle carries the release file byte for byte, and the same again changes nothing', async (t) => {
  const { taker, files, whole, packed } = await world(t)
  assert.ok(packed.manifest.chunks.length > 4)
  assert.equal(statSync(whole).size, packed.bytes)
  assert.ok(await isBundle(whole))
  assert.ok(!(await isBundle(files[0]!)))
  const taken = await importBundle(whole, { folder: taker })
  assert.equal(taken.isNew, true)
  assert.deepEqual(readCurrent(taker), { ...factsFor(1), file: 'release-1.sqlite' })
  assert.ok(readFileSync(join(taker, 'release-1.sqlite')).equals(readFileSync(files[0]!)))
  assert.equal((await importBundle(whole, { folder: taker })).isNew, false)
})

test('a bundle of changes is small and leads to the same bytes as the whole one', async (t) => {
  const { root, taker, files, key, whole, packed } = await world(t)
  const out = join(root, 'change.vkb')
  const change = await packBundle({ file: files[1]!, facts: factsFor(2), base: { file: files[0]!, number: 1 }, key, made, out })
  assert.ok(change.bytes < packed.bytes / 5, `${change.bytes} of ${packed.bytes} bytes`)
  assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.base')
  await importBundle(whole, { folder: taker })
  assert.equal((await verifyBundle(out, taker)).whole, true)
  await importBundle(out, { folder: taker })
  assert.equal(readCurrent(taker)?.root, factsFor(2).root)
  assert.ok(readFileSync(join(taker, 'release-2.sqlite')).equals(readFileSync(files[1]!)))
})

test('changes for another base than the one that is here are refused', async (t) => {
  const { root, taker, files, key } = await world(t)
  const out = join(root, 'change.vkb')
  await packBundle({ file: files[1]!, facts: factsFor(2), base: { file: files[0]!, number: 1 }, key, made, out })
  makeRelease(taker, factsFor(1), 5000)
  assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.base')
  assert.equal(readCurrent(taker)?.number, 1)
  assert.equal((await verifyBundle(out, taker)).whole, false)
})

test('an older release is refused, unless the operator insists', async (t) => {
  const { taker, whole, files } = await world(t)
  copyFileSync(files[1]!, join(taker, 'release-2.sqlite'))
  pointTo(taker, { ...factsFor(2), file: 'release-2.sqlite' })
  assert.equal(await codeOf(importBundle(whole, { folder: taker })), 'bundle.downgrade')
  assert.equal(readCurrent(taker)?.number, 2)
  await importBundle(whole, { folder: taker, force: true })
  assert.equal(readCurrent(taker)?.number, 1)
})

test('another release under the same number is refused', async (t) => {
  const { root, maker, taker, whole, key } = await world(t)
  await importBundle(whole, { folder: taker })
  const other = factsFor(1, 'ab'.repeat(32))
  const out = join(root, 'other.vkb')
  await packBundle({ file: makeRelease(maker, other, 10), facts: other, key, made, out })
  assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.downgrade')
})

test('a key nobody trusts, and one that is trusted no more', async (t) => {
  const { root, taker, files, whole, key } = await world(t)
  const stranger = join(root, 'stranger')
  newKey(stranger, secret, 'stranger')
  const out = join(root, 'stranger.vkb')
  await packBundle({ file: files[0]!, facts: factsFor(1), key: openKey(stranger, secret), made, out })
  assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.signature')
  distrustKey(taker, publicOf(key).fingerprint)
  assert.equal(await codeOf(importBundle(whole, { folder: taker })), 'bundle.signature')
  hasNothing(taker)
  // The stranger's key beside the signature of the trusted one.
  trustKey(taker, publicOf(key), 'again')
  const bytes = readFileSync(whole)
  Buffer.from(publicOf(openKey(stranger, secret)).bytes).copy(bytes, 12)
  writeFileSync(whole, bytes)
  assert.equal(await codeOf(importBundle(whole, { folder: taker })), 'bundle.signature')
  hasNothing(taker)
})

test('the signing key is its owner’s alone, does not open with another passphrase, and is not replaced', async (t) => {
  const folder = temporary(t)
  const made1 = newKey(folder, secret, 'me')
  assert.equal(statSync(join(folder, 'signing.key')).mode & 0o777, 0o600)
  assert.match(readFileSync(join(folder, 'signing.key'), 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY/)
  assert.throws(() => openKey(folder, 'another'), { code: 'bundle.key_sealed' })
  assert.throws(() => newKey(folder, secret, 'me'), { code: 'bundle.key_exists' })
  assert.throws(() => openKey(join(folder, 'none'), secret), { code: 'bundle.no_key' })
  assert.deepEqual(trustedKeys(folder).map(({ text, name }) => [text, name]), [[made1.text, 'me']])
  assert.equal(publicOf(openKey(folder, secret)).text, made1.text)
})

test('keys are read strictly, and a fingerprint counts as a whole', (t) => {
  const folder = temporary(t)
  const { text, fingerprint } = newKey(folder, secret, 'me')
  assert.equal(readPublicKey(` ${text}\n`).fingerprint, fingerprint)
  for (const wrong of ['', text.slice(0, -1), `${text}A`, text.replace('vigil-kb-', 'vigil-'), `${text} x`, `vigil-kb-${'*'.repeat(43)}`]) assert.throws(() => readPublicKey(wrong), { code: 'bundle.key' })
  assert.ok(sameFingerprint(fingerprint, `SHA256:${fingerprint.toUpperCase().replaceAll('-', ' ')}`))
  assert.ok(!sameFingerprint(fingerprint, fingerprint.slice(0, 8)))
  assert.ok(!sameFingerprint('', ''))
  // A file of another name, or with another key than its name says, is trusted for nothing.
  copyFileSync(join(folder, 'trusted', `${fingerprint}.pub`), join(folder, 'trusted', `${fingerprint.replace(/^./, 'x')}.pub`))
  writeFileSync(join(folder, 'trusted', 'notes.txt'), 'not a key\n')
  assert.equal(trustedKeys(folder).length, 1)
})

test('none of 1,000 spoilt bundles is taken, none leaves anything, and the sound one is taken after them', async (t) => {
  const { root, taker, whole, packed, files, key } = await world(t, 2500)
  const other = readFileSync((await packed2()).out)
  const sound = readFileSync(whole)
  const pick = numbers(20261124)
  const path = join(root, 'spoilt.vkb')
  const codes = new Map<string, number>()
  const header = sound.length - packed.manifest.chunks.reduce((sum, chunk) => sum + chunk[3], 0)
  for (let round = 0; round < 1000; round++) {
    // What file it is, and whose, for certain: chance seldom hits the few bytes that say so.
    const spoilt = round === 0 ? flip(0) : round === 1 ? flip(20) : spoil(round % 8)
    if (spoilt.equals(sound)) continue
    writeFileSync(path, spoilt)
    const code = await codeOf(importBundle(path, { folder: taker }))
    assert.match(code, /^bundle\.(tampered|signature|format)$/, `round ${round}`)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    hasNothing(taker)
  }
  assert.ok([...codes.values()].reduce((sum, count) => sum + count, 0) >= 990)
  assert.equal(codes.size, 3)
  assert.equal((await importBundle(whole, { folder: taker })).isNew, true)

  /** Another bundle by the same trusted key, to splice from. */
  async function packed2(): Promise<Readonly<{ out: string }>> {
    const out = join(root, 'other.vkb')
    await packBundle({ file: files[1]!, facts: factsFor(2), key, made, out })
    return { out }
  }

  function flip(at: number): Buffer {
    const copy = Buffer.from(sound)
    copy[at]! ^= 1
    return copy
  }

  function spoil(how: number): Buffer {
    const copy = Buffer.from(sound)
    const at = pick(copy.length)
    if (how === 0) copy[at]! ^= 1 << pick(8)
    else if (how === 1) copy[pick(header)]! ^= 1 << pick(8)
    else if (how === 2) return copy.subarray(0, at)
    else if (how === 3) return Buffer.concat([copy, copy.subarray(0, 1 + pick(4096))])
    else if (how === 4) other.copy(copy, at, at, at + 1 + pick(100_000))
    else if (how === 5) return Buffer.concat([other.subarray(0, header), copy.subarray(header)])
    else if (how === 6) return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + pick(5000)))])
    else {
      const length = 1 + pick(2000)
      const from = header + pick(copy.length - header - length)
      copy.copyWithin(header + pick(copy.length - header - length), from, from + length)
    }
    return copy
  }
})

test('none of 300 spoilt bundles of changes is taken, and what is in force stays as it was', async (t) => {
  const { root, taker, files, key, whole } = await world(t, 2500)
  const path = join(root, 'change.vkb')
  await packBundle({ file: files[1]!, facts: factsFor(2), base: { file: files[0]!, number: 1 }, key, made, out: path })
  await importBundle(whole, { folder: taker })
  const sound = readFileSync(path)
  const pick = numbers(2026)
  for (let round = 0; round < 300; round++) {
    const copy = Buffer.from(sound)
    copy[pick(copy.length)]! ^= 1 << pick(8)
    writeFileSync(path, round % 3 === 2 ? copy.subarray(0, pick(copy.length)) : copy)
    assert.match(await codeOf(importBundle(path, { folder: taker })), /^bundle\.(tampered|signature|format)$/, `round ${round}`)
    assert.equal(readCurrent(taker)?.number, 1)
  }
  assert.ok(readFileSync(join(taker, 'release-1.sqlite')).equals(readFileSync(files[0]!)))
  writeFileSync(path, sound)
  assert.equal((await importBundle(path, { folder: taker })).current.number, 2)
})

test('a signed bundle that lies about sizes, holds a bomb, or is no release is refused all the same', async (t) => {
  const { root, taker, packed, key, whole } = await world(t, 2500)
  const sound = readFileSync(whole)
  const parts: Buffer[] = []
  let at = sound.length - packed.manifest.chunks.reduce((sum, chunk) => sum + chunk[3], 0)
  for (const [, , , size] of packed.manifest.chunks) parts.push(sound.subarray(at, (at += size)))
  const path = join(root, 'lie.vkb')
  const lie = async (change: (manifest: Manifest) => unknown, bytes: readonly Uint8Array[] = parts): Promise<string> => {
    writeFileSync(path, Buffer.concat([writeHeader(change(packed.manifest) as Manifest, key), ...bytes]))
    return codeOf(importBundle(path, { folder: taker }))
  }
  const first = packed.manifest.chunks[0]!
  const rest = packed.manifest.chunks.slice(1)
  const bomb = Buffer.from(await packPart(Buffer.alloc(64 * 1024 * 1024)))
  assert.ok(bomb.length < 65_536)
  const withBomb = [[hashOf(Buffer.alloc(262_144)), 'zstd', hashOf(bomb), bomb.length], ...rest] as const
  const cases: readonly (readonly [string, () => Promise<string>, string])[] = [
    ['a bomb', () => lie((one) => ({ ...one, chunks: withBomb, content: contentOf(withBomb.map((chunk) => chunk[0])) }), [bomb, ...parts.slice(1)]), 'bundle.tampered'],
    ['a part that is no zstd', () => lie((one) => ({ ...one, chunks: [[first[0], 'zstd', hashOf(Buffer.alloc(9)), 9], ...rest] }), [Buffer.alloc(9), ...parts.slice(1)]), 'bundle.tampered'],
    ['a part of 4 GB', () => lie((one) => ({ ...one, chunks: [[first[0], 'zstd', first[2], 4_294_967_296], ...rest] })), 'bundle.format'],
    ['a file of 1 TB', () => lie((one) => ({ ...one, size: 1024 ** 4 })), 'bundle.format'],
    ['a part too few', () => lie((one) => ({ ...one, chunks: rest })), 'bundle.format'],
    ['a field too many', () => lie((one) => ({ ...one, also: 1 })), 'bundle.format'],
    ['a path for a name', () => lie((one) => ({ ...one, release: { ...one.release, name: '../../etc' } })), 'bundle.format'],
    ['a path for a part', () => lie((one) => ({ ...one, chunks: [['../'.repeat(21) + 'x', 'zstd', first[2], first[3]], ...rest] })), 'bundle.format'],
    ['a base part without a base', () => lie((one) => ({ ...one, chunks: [[first[0], 'base', '', 0], ...rest] }), parts.slice(1)), 'bundle.format'],
    ['another content', () => lie((one) => ({ ...one, content: 'ab'.repeat(32) })), 'bundle.format'],
    ['another number', () => lie((one) => ({ ...one, release: { ...one.release, number: 9 } })), 'bundle.format'],
    ['another root', () => lie((one) => ({ ...one, release: { ...one.release, root: 'ab'.repeat(32) } })), 'bundle.format'],
    ['negative counts', () => lie((one) => ({ ...one, release: { ...one.release, counts: { ...one.release.counts, checks: -1 } } })), 'bundle.format'],
  ]
  for (const [name, run, code] of cases) {
    assert.equal(await run(), code, name)
    hasNothing(taker)
  }
})

test('a database that is no release, or acts by itself, is not taken although it was signed', async (t) => {
  const { root, maker, taker, key, files } = await world(t, 50)
  const { DatabaseSync } = await import('node:sqlite')
  const out = join(root, 'odd.vkb')
  for (const [name, sql] of [['trigger', 'create trigger odd after insert on fact begin delete from fact; end'], ['view', 'create view odd as select 1'], ['facts', 'delete from fact']] as const) {
    const file = join(maker, `${name}.sqlite`)
    copyFileSync(files[0]!, file)
    const db = new DatabaseSync(file)
    db.exec(sql)
    db.close()
    await packBundle({ file, facts: factsFor(1), key, made, out })
    assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.format', name)
  }
  writeFileSync(join(maker, 'text'), 'no database at all '.repeat(100))
  await packBundle({ file: join(maker, 'text'), facts: factsFor(1), key, made, out })
  assert.equal(await codeOf(importBundle(out, { folder: taker })), 'bundle.format')
  hasNothing(taker)
})

test('what is no file, no bundle or not there is told so', async (t) => {
  const folder = temporary(t)
  mkdirSync(join(folder, 'taker'))
  assert.equal(await codeOf(importBundle(join(folder, 'none.vkb'), { folder: join(folder, 'taker') })), 'feed.missing')
  assert.equal(await codeOf(importBundle(folder, { folder: join(folder, 'taker') })), 'bundle.format')
  writeFileSync(join(folder, 'short'), 'VIGIL')
  symlinkSync('/dev/zero', join(folder, 'endless.vkb'))
  execFileSync('mkfifo', [join(folder, 'pipe.vkb')])
  for (const name of ['short', 'endless.vkb', 'pipe.vkb']) {
    assert.ok(!(await isBundle(join(folder, name))))
    assert.equal(await codeOf(importBundle(join(folder, name), { folder: join(folder, 'taker') })), 'bundle.format')
  }
  assert.ok(!existsSync(join(folder, 'taker', 'lock')))
})
