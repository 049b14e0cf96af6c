import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { VigilError } from '#core/errors.ts'
import { feedLimits, type FeedLimits } from '../feed-input.ts'
import { openFeedInput } from '../open.ts'
import { tarOf, withPath } from '../testing-archive.ts'
import { packedBy } from './testing-packed.ts'

const packings = ['bzip2', 'xz', 'zstd'] as const
const endings = { bzip2: 'bz2', xz: 'xz', zstd: 'zst' } as const

/** Text that repeats near and far, with what no packer can shorten in between. */
function textOf(length: number, seed = 1): Buffer {
  const text = Buffer.alloc(length, '<definition id="oval:com.example:def:1" class="vulnerability"/>\n')
  let state = seed
  for (let at = 0; at < length; at += 1 + (state >>> 26)) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text[at] = state >>> 24
  }
  return text
}

async function read(path: string, limits: FeedLimits = feedLimits): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  for await (const entry of (await openFeedInput(path, limits)).entries()) found[entry.name] = Buffer.from(await entry.bytes())
  return found
}

const readOf = (name: string, bytes: Uint8Array, limits?: FeedLimits): Promise<Record<string, Buffer>> => withPath(name, bytes, (path) => read(path, limits))

test('what bzip2, xz and zstd pack comes out as it went in, whatever they were told and however many streams it is', async () => {
  const options = {
    bzip2: [['-1'], ['-9']],
    xz: [['-0', '--check=crc32'], ['-6'], ['-9e', '--check=sha256'], ['--check=none'], ['--block-size=300000'], ['--lzma2=preset=1,dict=4KiB,lc=0,lp=4,pb=4'], ['--lzma2=preset=1,lc=4,lp=0,pb=0']],
    zstd: [['-1'], ['--no-check'], ['-12', '--long=27']],
  } as const
  const random = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 15) & 0xff))
  // Runs of each length about where bzip2 begins to count them, and the end of a block of 100,000.
  const runs = Buffer.concat([...Array.from({ length: 300 }, (_, length) => Buffer.alloc(length, length)), Buffer.alloc(99_980, 'a'), textOf(1000)])
  for (const packing of packings) {
    for (const option of options[packing]) {
      for (const text of [Buffer.from('x'), textOf(1_300_000), random, runs, Buffer.alloc(0)]) {
        const found = await readOf(`feed.json.${endings[packing]}`, packedBy(packing, text, ...option))
        assert.ok(found['feed.json']?.equals(text), `${packing} ${option.join(' ')} of ${text.length}`)
      }
    }
    const parts = [textOf(400_000), textOf(10, 7), textOf(250_000, 9)]
    const many = await readOf(`feed.json.${endings[packing]}`, Buffer.concat(parts.map((part) => packedBy(packing, part))))
    assert.ok(many['feed.json']?.equals(Buffer.concat(parts)), `${packing} in several streams`)
    assert.deepEqual(Object.keys(await readOf('no-ending', packedBy(packing, Buffer.from('{}')))), ['no-ending'])
  }
})

test('a tar, and entries in an archive, are read from any packing; only .gz stays in a name', async () => {
  for (const packing of packings) {
    const inner = packedBy(packing, Buffer.from('inside'))
    const tar = tarOf([{ name: 'a/one.json', text: '1' }, { name: `a/two.xml.${endings[packing]}`, text: inner }])
    const found = await readOf(`x.tar.${endings[packing]}`, packedBy(packing, tar))
    assert.deepEqual(Object.entries(found).map(([name, bytes]) => [name, bytes.toString()]), [['a/one.json', '1'], ['a/two.xml', 'inside']], packing)
    await assert.rejects(readOf(`x.tar.${endings[packing]}`, packedBy(packing, Buffer.from('no tar'))), { code: 'feed.not_archive' })
    await assert.rejects(readOf(`x.json.${endings[packing]}`, Buffer.from('{"not": "packed"}')), { code: 'feed.not_archive' })
  }
})

test('bombs are refused before they burst, and so is a window that would take our memory', async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  for (const packing of packings) {
    const bomb = packedBy(packing, zeros)
    assert.ok(bomb.length < 20_000)
    await assert.rejects(readOf(`bomb.${endings[packing]}`, bomb), { code: 'feed.too_large' }, packing)
    await assert.rejects(readOf('bomb.tar', tarOf([{ name: `a.${endings[packing]}`, text: bomb }])), { code: 'feed.too_large' }, packing)
    await assert.rejects(readOf(`x.${endings[packing]}`, packedBy(packing, textOf(3000)), { ...feedLimits, entry: 2999 }), { code: 'feed.too_large' }, packing)
  }
  await assert.rejects(readOf('x.zst', packedBy('zstd', textOf(1000), '--ultra', '--long=30')), { code: 'feed.too_large' })
  await assert.rejects(readOf('x.xz', packedBy('xz', textOf(1000), '--lzma2=dict=128MiB')), { code: 'feed.too_large' })
  await assert.rejects(readOf('x.xz', packedBy('xz', textOf(1000), '--x86', '--lzma2')), { code: 'feed.not_archive' })
})

test('1,000 damaged files of each packing: each is refused by a catalogue error, or reads as if nothing had happened', { timeout: 300_000 }, async () => {
  const text = textOf(20_000)
  for (const packing of packings) {
    const sound = packing === 'zstd' ? packedBy(packing, text, '--check') : packedBy(packing, text)
    let refused = 0
    let state = 17
    const pick = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    await withPath(`x.${endings[packing]}`, sound, async (path) => {
      for (let mutant = 0; mutant < 1000; mutant++) {
        const bytes = Buffer.from(sound)
        const kind = mutant % 4
        if (kind < 2) for (let flips = 1 + kind * 5; flips > 0; flips--) bytes[pick(bytes.length)]! ^= 1 << pick(8)
        else if (kind === 2) bytes.fill(pick(256), pick(bytes.length), pick(bytes.length))
        const cut = kind === 3 ? bytes.subarray(0, pick(bytes.length)) : bytes
        await writeFile(path, cut)
        const outcome = await read(path).catch((error: unknown) => error)
        if (outcome instanceof VigilError) {
          assert.match(outcome.code, /^feed\.(truncated|not_archive|too_large)$/)
          refused++
        } else assert.ok(!(outcome instanceof Error) && Object.values(outcome as Record<string, Buffer>)[0]?.equals(text), `${packing} mutant ${mutant}: ${String(outcome)}`)
      }
    })
    assert.ok(refused > 800, `${packing}: ${refused}`)
  }
})
