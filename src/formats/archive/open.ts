import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { fail } from '#core/errors.ts'
import { boundOf } from './bound.ts'
import type { Bound } from './bound.ts'
import { entryOf } from './entry.ts'
import type { FeedEntry, FeedInput, FeedLimits } from './feed-input.ts'
import { feedLimits } from './feed-input.ts'
import { fileStream, folderEntries } from './folder.ts'
import { endingOf, packingOf, unpack, type Packing } from './packing/packing.ts'
import { pullOf } from './pull.ts'
import { isTarHeader, tarEntries } from './tar.ts'
import { zipEntries } from './zip.ts'

type Form = 'folder' | 'zip' | 'tar' | 'file' | Packing

/**
 * Opens a feed of any form: a folder, a zip, a tar, plain or packed by gzip, bzip2, xz or zstd, or a file, likewise; told by what is in it. A file is one entry of
 * its own name. Nothing is unpacked to disk. A tar, plain or packed, must be read to its end before anything in it is believed: only there it shows whether it is whole.
 * Throws `feed.missing`, `feed.not_archive` when the ending of the name promises another form; the rest comes from `entries()`.
 */
export async function openFeedInput(path: string, limits: FeedLimits = feedLimits): Promise<FeedInput> {
  const found = await stat(path).catch(() => fail('feed.missing', { path }))
  const name = basename(path)
  const form: Form = found.isDirectory() ? 'folder' : found.isFile() ? await formOf(path, name) : fail('feed.link', { path: name, entry: name })
  return { name, entries: () => entriesOf(path, name, form, boundOf(name, limits)) }
}

const endings: readonly (readonly [RegExp, readonly Form[]])[] = [
  [/\.zip$/i, ['zip']],
  [/\.(tgz|gz)$/i, ['gzip']],
  [/\.(tbz2?|bz2)$/i, ['bzip2']],
  [/\.(txz|xz)$/i, ['xz']],
  [/\.(tzst|zst)$/i, ['zstd']],
  [/\.tar$/i, ['tar']],
]

async function formOf(path: string, name: string): Promise<Form> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(512)
    const { bytesRead } = await file.read(head, 0, 512, 0)
    const start = bytesRead < 4 ? 0 : head.readUInt32BE(0)
    const form: Form = start === 0x504b0304 || start === 0x504b0506 ? 'zip' : (packingOf(head.subarray(0, bytesRead)) ?? (isTarHeader(head.subarray(0, bytesRead)) ? 'tar' : 'file'))
    const promised = endings.find(([ending]) => ending.test(name))?.[1]
    if (promised === undefined || promised.includes(form)) return form
    if (bytesRead < 4) fail('feed.truncated', { path: name, place: `${bytesRead} bytes` })
    // A tar of nothing is two blocks of zeros.
    if (promised[0] === 'tar' && bytesRead === 512 && head.every((byte) => byte === 0)) return 'tar'
    return fail('feed.not_archive', { path: name, format: promised[0]!, problem: 'it begins as something else' })
  } finally {
    await file.close()
  }
}

function entriesOf(path: string, name: string, form: Form, bound: Bound): AsyncIterable<FeedEntry> {
  if (form === 'folder') return folderEntries(name, path, bound)
  if (form === 'zip') return zipped(path, name, bound)
  return form === 'file' ? single(entryOf(name, name, bound, () => fileStream(path, true), false)) : unpacked(path, name, form === 'tar' ? null : form, bound)
}

async function* single(entry: FeedEntry): AsyncGenerator<FeedEntry> {
  yield entry
}

/** A tar, or one packed file, which only the first unpacked block tells. */
async function* unpacked(path: string, name: string, packing: Packing | null, bound: Bound): AsyncGenerator<FeedEntry> {
  const pull = pullOf(packing === null ? fileStream(path, true) : unpack(packing, name, name, fileStream(path, true), bound))
  let isTar = packing === null
  try {
    isTar ||= isTarHeader(await pull.peek(512))
    if (isTar) yield* tarEntries(name, pull, bound)
  } finally {
    await pull.close()
  }
  if (isTar) return
  if (/\.(tar\.(gz|bz2|xz|zst)|tgz|tbz2?|txz|tzst)$/i.test(name)) fail('feed.not_archive', { path: name, format: 'tar', problem: 'it begins as something else' })
  // Without the ending, the entry would not be known for packed.
  const ending = endingOf[packing!]
  yield entryOf(name, name.endsWith(ending) ? name : `${name}${ending}`, bound, () => fileStream(path, true), true)
}

async function* zipped(path: string, name: string, bound: Bound): AsyncGenerator<FeedEntry> {
  const file = await open(path)
  try {
    yield* zipEntries(name, file, (await file.stat()).size, bound)
  } finally {
    await file.close()
  }
}
