import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { VigilError } from '#core/errors.ts'
import type { FeedLimits } from './feed-input.ts'
import { feedLimits } from './feed-input.ts'
import { openFeedInput } from './open.ts'
import { tarOf, withPath, zipOf } from './testing-archive.ts'

const files = [{ name: 'feed/' , kind: '5' }, { name: 'feed/one.json', text: '{"one":1}' }, { name: 'feed/two.txt', text: 'two'.repeat(5000) }, { name: 'feed/empty', text: '' }]
const zipFiles = files.map(({ name, text }) => (text === undefined ? { name } : { name, text }))
const content = { 'feed/one.json': '{"one":1}', 'feed/two.txt': 'two'.repeat(5000), 'feed/empty': '' }

async function read(path: string, limits: FeedLimits = feedLimits, skip: (name: string) => boolean = () => false): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const entry of (await openFeedInput(path, limits)).entries()) {
    if (!skip(entry.name)) found[entry.name] = Buffer.from(await entry.bytes()).toString()
  }
  return found
}

async function refused(name: string, bytes: Uint8Array, code: string, limits?: FeedLimits): Promise<void> {
  await withPath(name, bytes, async (path) => {
    await assert.rejects(read(path, limits), (error) => error instanceof VigilError && (assert.equal(error.code, code, error.message), true))
  })
}

test('the same files come out of a folder, tar, tar.gz, zip and zip64', async () => {
  const forms: Readonly<Record<string, Uint8Array>> = {
    'x.tar': tarOf(files), 'x.tar.gz': gzipSync(tarOf(files)), 'x.tgz': gzipSync(tarOf(files)), 'x.zip': zipOf(zipFiles), 'wide.zip': zipOf(zipFiles, true),
    'stored.zip': zipOf(zipFiles.map((file) => ({ ...file, method: 0 }))), 'no-ending': gzipSync(tarOf(files)),
  }
  for (const [name, bytes] of Object.entries(forms)) await withPath(name, bytes, async (path) => assert.deepEqual(await read(path), content, name))
  await withPath('folder', content, async (path) => assert.deepEqual(await read(path), content))
  await withPath('x.tar', tarOf(files), async (path) => assert.deepEqual(Object.keys(await read(path, feedLimits, (name) => name.endsWith('txt'))), ['feed/one.json', 'feed/empty']))
})

test('one file, gzipped or not, is one entry of its own name; inside archives .gz is taken off too', async () => {
  await withPath('kev.json', Buffer.from('{}'), async (path) => assert.deepEqual(await read(path), { 'kev.json': '{}' }))
  await withPath('kev.json.gz', gzipSync('{}'), async (path) => assert.deepEqual(await read(path), { 'kev.json.gz': '{}' }))
  await withPath('x.tar', tarOf([{ name: 'a.gz', text: gzipSync('inside') }]), async (path) => assert.deepEqual(await read(path), { 'a.gz': 'inside' }))
  await withPath('folder', { 'a.gz': gzipSync('inside') }, async (path) => {
    for await (const entry of (await openFeedInput(path)).entries()) assert.deepEqual(Buffer.from(await entry.packed()), gzipSync('inside'))
  })
})

test('long names of pax and GNU tar are read, and large files come as streams', async () => {
  const long = `feed/${'a'.repeat(150)}`
  const record = `${String(` path=${long}\n`.length + 3)} path=${long}\n`
  const tar = tarOf([{ name: 'x', kind: 'x', text: record }, { name: 'cut', text: '1' }, { name: '././@LongLink', kind: 'L', text: `${long}b\0` }, { name: 'cut', text: '2' }])
  await withPath('x.tar', tar, async (path) => assert.deepEqual(await read(path), { [long]: '1', [`${long}b`]: '2' }))
  const large = Buffer.alloc(5 * 1024 * 1024, 'random enough not to be a bomb? '.repeat(3))
  for (let index = 0; index < large.length; index += 7) large[index] = (index * 2654435761) >>> 24
  for (const [name, bytes] of [['x.tar', tarOf([{ name: 'l', text: large }])], ['x.zip', zipOf([{ name: 'l', text: large }])]] as const) {
    await withPath(name, bytes, async (path) => {
      for await (const entry of (await openFeedInput(path)).entries()) {
        const pieces: Uint8Array[] = []
        for await (const piece of entry.stream()) pieces.push(piece)
        assert.ok(pieces.length > 1 && Buffer.concat(pieces).equals(large), name)
      }
    })
  }
})

test('what leads outside is refused', async () => {
  for (const name of ['../evil', 'a/../../evil', '/etc/passwd', 'C:\\evil', 'a\\..\\..\\evil']) {
    await refused('x.tar', tarOf([{ name, text: 'x' }]), 'feed.path')
    await refused('x.zip', zipOf([{ name, text: 'x' }]), 'feed.path')
  }
  for (const kind of ['1', '2', '3', '4', '6']) await refused('x.tar', tarOf([{ name: 'link', kind }]), 'feed.link')
  await refused('x.zip', zipOf([{ name: 'link', text: '/etc/passwd', mode: 0o120777 }]), 'feed.link')
  await withPath('folder', { 'a.json': '{}' }, async (path) => {
    await symlink('/etc/passwd', join(path, 'b'))
    await assert.rejects(read(path), { code: 'feed.link' })
  })
})

test('a feed cut off anywhere is refused, whatever its form', async () => {
  const forms = { 'x.tar': tarOf(files), 'x.tar.gz': gzipSync(tarOf(files)), 'x.zip': zipOf(zipFiles), 'x.json.gz': gzipSync(content['feed/two.txt']) }
  for (const [name, bytes] of Object.entries(forms)) {
    for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 40))) {
      await withPath(name, bytes.subarray(0, length), async (path) => {
        await assert.rejects(read(path), (error) => error instanceof VigilError && /^feed\.(truncated|not_archive)$/.test(error.code), `${name} cut at ${length}`)
      })
    }
  }
  await refused('x.tar.gz', gzipSync(tarOf(files, false)), 'feed.truncated')
})

test('a flipped bit never passes unseen in gzip and zip, and never throws anything but a catalogue error', async () => {
  const forms = { 'x.tar.gz': gzipSync(tarOf(files)), 'x.zip': zipOf(zipFiles), 'x.tar': tarOf(files) }
  for (const [name, bytes] of Object.entries(forms)) {
    for (let bit = 0; bit < bytes.length * 8; bit += name === 'x.tar' ? 1009 : 7) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      await withPath(name, damaged, async (path) => {
        const outcome = await read(path).catch((error: unknown) => error)
        if (outcome instanceof VigilError) return
        assert.ok(!(outcome instanceof Error), `${name} bit ${bit}: ${String(outcome)}`)
        // A plain tar has no checksum over content, and times or modes in headers say nothing of it.
        if (name !== 'x.tar') assert.deepEqual(outcome, content, `${name} bit ${bit}`)
      })
    }
  }
})

test('bombs are refused before they burst', async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  await refused('bomb.gz', gzipSync(zeros), 'feed.too_large')
  await refused('bomb.tar.gz', gzipSync(tarOf([{ name: 'zeros', text: zeros }])), 'feed.too_large')
  await refused('bomb.zip', zipOf([{ name: 'zeros', text: zeros }]), 'feed.too_large')
  await refused('bomb.tar', tarOf([{ name: 'a.gz', text: gzipSync(zeros) }]), 'feed.too_large')
  await refused('liar.zip', zipOf([{ name: 'zeros', text: zeros, size: 1000 }]), 'feed.not_archive')
  const limits = { ...feedLimits, entry: 1000, total: 3000, entries: 4 }
  await refused('x.tar', tarOf([{ name: 'a', text: 'x'.repeat(1001) }]), 'feed.too_large', limits)
  await refused('x.tar', tarOf([1, 2, 3, 4].map((n) => ({ name: `${n}`, text: 'x'.repeat(900) }))), 'feed.too_large', limits)
  await refused('x.zip', zipOf([1, 2, 3, 4, 5].map((n) => ({ name: `${n}`, text: 'x' }))), 'feed.too_many', limits)
  await withPath('folder', { a: '1', b: '2', c: '3', d: '4', e: '5' }, async (path) => assert.rejects(read(path, limits), { code: 'feed.too_many' }))
})

test('a zip that contradicts itself is refused', async () => {
  await refused('x.zip', zipOf([{ name: 'same', text: '1' }, { name: 'same', text: '2' }]), 'feed.not_archive')
  await refused('x.zip', zipOf([{ name: 'shown', localName: 'other', text: '1' }]), 'feed.not_archive')
  await refused('x.zip', zipOf([{ name: 'secret', text: '1', flags: 1 }]), 'feed.not_archive')
  await refused('x.zip', zipOf([{ name: 'odd', text: '1', method: 12 }]), 'feed.not_archive')
  const overlapping = zipOf([{ name: 'a', text: 'x' }, { name: 'b', text: 'y' }])
  overlapping.writeUInt32LE(0, overlapping.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 42)
  await refused('x.zip', overlapping, 'feed.not_archive')
  await refused('x.zip', Buffer.concat([zipOf(zipFiles), deflateRawSync('x')]), 'feed.truncated')
})

test('what is named as an archive must be one', async () => {
  await refused('x.zip', Buffer.from('{"not": "a zip"}'), 'feed.not_archive')
  await refused('x.json.gz', Buffer.from('{"not": "gzip"}'), 'feed.not_archive')
  await refused('x.tar', Buffer.alloc(2048, 'x'), 'feed.not_archive')
  await refused('x.tar.gz', gzipSync('no tar'), 'feed.not_archive')
  await assert.rejects(openFeedInput(join(import.meta.dirname, 'is-not-there')), { code: 'feed.missing' })
})
