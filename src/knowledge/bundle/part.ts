import { hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { readAt } from './header.ts'
import { chunkBytes, contentOf, lengthOf } from './manifest.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Parts in work at once: enough for both cores and the disk, a few MB of memory. */
const atOnce = 8

/** Runs `work` for 0 … count-1, a few at once, beginning in order. The first failure ends it. */
export async function eachPart(count: number, work: (index: number) => Promise<void>, signal?: AbortSignal): Promise<void> {
  let next = 0
  let failed = false
  const run = async (): Promise<void> => {
    while (next < count && !failed) {
      signal?.throwIfAborted()
      try {
        await work(next++)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const runs = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, run))
  const problem = runs.find((one) => one.status === 'rejected')
  if (problem !== undefined) throw problem.reason
}

/** A release file that parts are read from. */
export type PartFile = Readonly<{ size: number; part(index: number): Promise<Buffer>; around(index: number): Promise<Buffer>; close(): Promise<void> }>

export async function openParts(path: string): Promise<PartFile> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  return {
    size,
    part: (index) => readAt(file, index * chunkBytes, Math.max(0, lengthOf(size, index))),
    // What lies around the same place: rows that moved a little are found again.
    around(index) {
      const [from, to] = [Math.max(0, (index - 1) * chunkBytes), Math.min(size, (index + 2) * chunkBytes)]
      return readAt(file, from, Math.max(0, to - from))
    },
    close: () => file.close(),
  }
}

export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes)

export async function hashesOf(file: PartFile): Promise<readonly string[]> {
  const hashes = Array.from({ length: Math.ceil(file.size / chunkBytes) }, () => '')
  await eachPart(hashes.length, async (index) => {
    hashes[index] = hashOf(await file.part(index))
  })
  return hashes
}

export async function fileContent(file: PartFile): Promise<string> {
  return contentOf(await hashesOf(file))
}

export function packPart(bytes: Uint8Array, dictionary?: Uint8Array): Promise<Uint8Array> {
  return compress(bytes, {
    ...(dictionary === undefined ? {} : { dictionary }),
    params: { [constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_windowLog]: 20 },
  })
}

/** At most `length` bytes come out; more is an error, as is anything that is not zstd. */
export function unpackPart(packed: Uint8Array, length: number, dictionary?: Uint8Array): Promise<Uint8Array> {
  return decompress(packed, {
    ...(dictionary === undefined ? {} : { dictionary }),
    chunkSize: chunkBytes, maxOutputLength: length, params: { [constants.ZSTD_d_windowLogMax]: 21 },
  })
}

export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let at = 0
  while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}
