import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { BlobMissing, type BlobStore } from './blob-store.ts'
import { folderBlobs } from './folder.ts'
import { s3Blobs } from './s3.ts'
import { startTestBucket, testKeys } from './testing-s3.ts'

/** One contract, every end. `leftovers` counts what a failed put left behind. */
type Ends = Readonly<Record<string, (context: TestContext) => Promise<Readonly<{ blobs: BlobStore; leftovers: () => Promise<number> }>>>>

const ends: Ends = {
  async folder(context) {
    const root = await mkdtemp(join(tmpdir(), 'vigil-blobs-'))
    context.after(() => rm(root, { recursive: true }))
    return { blobs: folderBlobs(root), leftovers: async () => (await readdir(join(root, '.drafts')).catch(() => [])).length }
  },
  async s3(context) {
    const bucket = await startTestBucket()
    context.after(() => bucket.close())
    return { blobs: s3Blobs({ bucket: bucket.url, ...testKeys }), leftovers: async () => bucket.pending() }
  },
}

async function* body(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part as string)
}

async function read(blobs: BlobStore, key: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of blobs.get(key)) parts.push(part)
  return Buffer.concat(parts)
}

for (const [name, open] of Object.entries(ends)) {
  describe(`blobs in ${name}`, () => {
    test('what is put is got, of any size', async (context) => {
      const { blobs } = await open(context)
      const large = randomBytes(20 * 1024 * 1024 + 7)
      await blobs.put('t1/report/a', body('hello ', 'world'))
      await blobs.put('t1/report/empty', body())
      await blobs.put('t1/report/large', body(large.subarray(0, 9_000_000), large.subarray(9_000_000)))
      assert.equal((await read(blobs, 't1/report/a')).toString(), 'hello world')
      assert.equal((await read(blobs, 't1/report/empty')).length, 0)
      assert.ok((await read(blobs, 't1/report/large')).equals(large))
      await blobs.put('t1/report/a', body('again'))
      assert.equal((await read(blobs, 't1/report/a')).toString(), 'again')
    })

    test('a body that fails leaves what was there before, and nothing else', async (context) => {
      const { blobs, leftovers } = await open(context)
      await blobs.put('t1/report/a', body('before'))
      await assert.rejects(blobs.put('t1/report/a', (async function* () {
        yield randomBytes(9 * 1024 * 1024)
        yield randomBytes(9 * 1024 * 1024)
        throw new Error('cut off')
      })()), /cut off/)
      assert.equal((await read(blobs, 't1/report/a')).toString(), 'before')
      assert.equal(await leftovers(), 0)
    })

    test('a missing blob says so', async (context) => {
      const { blobs } = await open(context)
      await assert.rejects(read(blobs, 't1/report/none'), BlobMissing)
    })

    test('a prefix drops its own and no other', async (context) => {
      const { blobs } = await open(context)
      for (const key of ['t1/report/a', 't1/report/b', 't1/report/c', 't1/evidence/a', 't10/report/a']) await blobs.put(key, body('x'))
      assert.equal(await blobs.drop('t1/report/'), 3)
      assert.equal(await blobs.drop('t1/evidence/a'), 1)
      assert.equal(await blobs.drop('t1/evidence/a'), 0)
      await assert.rejects(read(blobs, 't1/report/b'), BlobMissing)
      assert.equal((await read(blobs, 't10/report/a')).toString(), 'x')
    })

    test('no key climbs out', async (context) => {
      const { blobs } = await open(context)
      for (const key of ['../x/y', 't1/../../etc/passwd', '/etc/passwd', 't1', 't1//x', 't1/./x', 't1/.hidden', 't1/a\0b', 't1/a?x=1', '']) {
        await assert.rejects(blobs.put(key, body('x')), /is not a blob key/, key)
      }
    })
  })
}
