import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScanEvent } from '#core/event.ts'

/** Where batches wait on disk while the platform cannot be reached. */
export type Spool = Readonly<{
  of(slice: string): SliceSpool
  /** Slices with batches left by a process before this one. */
  left(): Promise<readonly string[]>
}>

export type SliceSpool = Readonly<{
  /** Writes and syncs; false, with nothing written, when the spool is full or the disk is. */
  append(seq: number, batch: readonly ScanEvent[]): Promise<boolean>
  read(): AsyncIterable<SpoolEntry>
  clear(): Promise<void>
}>

export type SpoolEntry = Readonly<{ seq: number; batch: readonly ScanEvent[] }>

/** A spool in a folder, bounded to `mostBytes` over all slices: one file a slice, one line a batch. */
export async function openSpool(folder: string, mostBytes = 268_435_456): Promise<Spool> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = (await readdir(folder)).filter((name) => /^[0-9a-f-]{36}\.ndjson$/.test(name))
  let used = 0
  for (const file of files) used += (await stat(join(folder, file))).size

  function of(slice: string): SliceSpool {
    const path = join(folder, `${slice}.ndjson`)
    return {
      async append(seq, batch) {
        const line = Buffer.from(`${JSON.stringify({ seq, batch })}\n`)
        if (used + line.length > mostBytes) return false
        let file: FileHandle | null = null
        let length = 0
        try {
          file = await open(path, 'a', 0o600)
          length = (await file.stat()).size
          await file.writeFile(line)
          await file.sync()
          used += line.length
          return true
        } catch {
          // A full disk: take back what was half written, so that a later batch does not follow a torn line.
          await file?.truncate(length).catch(() => {})
          return false
        } finally {
          await file?.close()
        }
      },
      async *read() {
        const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)))
        if (file === null) return
        try {
          for await (const line of file.readLines()) {
            const entry = entryOf(line)
            // Only the last line can be torn: a kill hit before its sync, so it was never counted as kept.
            if (entry === null) return
            yield entry
          }
        } finally {
          await file.close().catch(() => {})
        }
      },
      async clear() {
        const size = await stat(path).then((facts) => facts.size, () => 0)
        await rm(path, { force: true })
        used -= size
      },
    }
  }

  return { of, left: async () => files.map((name) => name.slice(0, 36)) }
}

function entryOf(line: string): SpoolEntry | null {
  try {
    const entry = JSON.parse(line) as SpoolEntry
    return Number.isInteger(entry.seq) && Array.isArray(entry.batch) ? entry : null
  } catch {
    return null
  }
}
