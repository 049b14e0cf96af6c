import type { KeyObject } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sync } from '../folder.ts'
import type { ReleaseFacts } from '../knowledge-base.ts'
import { writeHeader } from './header.ts'
import { chunkBytes, contentOf, type Chunk, type Manifest } from './manifest.ts'
import { eachPart, hashesOf, hashOf, openParts, packPart, writeAt, type PartFile } from './part.ts'

export type PackOptions = Readonly<{
  /** The file of the release, and what it says of itself. */
  file: string
  facts: ReleaseFacts
  /** The release that the receivers have: only what differs is carried. */
  base?: Readonly<{ file: string; number: number }>
  key: KeyObject
  made: Date
  out: string
}>

export type Packed = Readonly<{ bytes: number; manifest: Manifest }>

/**
 * Writes a release as one signed file, whole or not at all. With a base, parts that are the same there are left out, and others are packed by what the base has around
 * the same place.
 */
export async function packBundle(options: PackOptions): Promise<Packed> {
  const [file, base] = [await openParts(options.file), options.base === undefined ? null : await openParts(options.base.file)]
  const unfinished = `${options.out}.${process.pid}.part`
  try {
    const baseHashes = base === null ? [] : await hashesOf(base)
    const spool = await open(`${unfinished}s`, 'w+', 0o600)
    try {
      const parts = await packParts(file, base, baseHashes, async (bytes, at) => writeAt(spool, bytes, at))
      const manifest: Manifest = {
        format: 1, release: options.facts, base: options.base === undefined ? null : { number: options.base.number, content: contentOf(baseHashes) },
        size: file.size, content: contentOf(parts.map(({ chunk }) => chunk[0])), made: options.made.toISOString(), chunks: parts.map(({ chunk }) => chunk),
      }
      const bytes = await write(options, unfinished, writeHeader(manifest, options.key), parts, spool)
      return { bytes, manifest }
    } finally {
      await spool.close()
    }
  } finally {
    await Promise.all([file.close(), base?.close(), rm(unfinished, { force: true }), rm(`${unfinished}s`, { force: true })])
  }
}

type Part = Readonly<{ chunk: Chunk; at: number }>

/** Parts are packed as they come and put down where there is room; their order in the bundle is that of the file. */
export async function packParts(file: PartFile, base: PartFile | null, baseHashes: readonly string[], put: (bytes: Uint8Array, at: number, chunk: Chunk) => Promise<void>): Promise<readonly Part[]> {
  const count = Math.ceil(file.size / chunkBytes)
  const parts: Part[] = Array.from({ length: count })
  let end = 0
  await eachPart(count, async (index) => {
    const bytes = await file.part(index)
    const own = hashOf(bytes)
    if (own === baseHashes[index]) {
      parts[index] = { chunk: [own, 'base', '', 0], at: 0 }
      return
    }
    const around = base === null ? null : await base.around(index)
    const [alone, beside] = await Promise.all([packPart(bytes), around === null || around.length === 0 ? null : packPart(bytes, around)])
    const packed = beside !== null && beside.length < alone.length ? beside : alone
    const chunk: Chunk = [own, packed === alone ? 'zstd' : 'delta', hashOf(packed), packed.length]
    const at = end
    end += packed.length
    await put(packed, at, chunk)
    parts[index] = { chunk, at }
  })
  return parts
}

async function write({ out }: PackOptions, unfinished: string, header: Uint8Array, parts: readonly Part[], spool: Awaited<ReturnType<typeof open>>): Promise<number> {
  const target = await open(unfinished, 'w', 0o644)
  let at = header.length
  try {
    await writeAt(target, header, 0)
    for (const { chunk, at: from } of parts) {
      const bytes = Buffer.allocUnsafe(chunk[3])
      if (chunk[3] > 0) await spool.read(bytes, 0, bytes.length, from)
      await writeAt(target, bytes, at)
      at += bytes.length
    }
    await target.sync()
  } finally {
    await target.close()
  }
  await rename(unfinished, out)
  sync(dirname(out))
  return at
}
