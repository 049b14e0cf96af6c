import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { newId } from '../id.ts'
import { BlobMissing, checkKey, type BlobStore } from './blob-store.ts'

/** Blobs as files below one folder: written beside, synced, then renamed, so that a kill leaves no half file under a real name. */
export function folderBlobs(root: string): BlobStore {
  const drafts = join(root, '.drafts')
  return {
    async put(key, body) {
      const path = join(root, checkKey(key))
      await mkdir(drafts, { recursive: true, mode: 0o700 })
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const draft = join(drafts, newId())
      const file = await open(draft, 'wx', 0o600)
      try {
        for await (const part of body) await file.write(part)
        await file.sync()
        await file.close()
        await rename(draft, path)
      } catch (error) {
        await file.close().catch(() => {})
        await rm(draft, { force: true })
        throw error
      }
    },
    async *get(key) {
      try {
        yield* createReadStream(join(root, checkKey(key))) as AsyncIterable<Uint8Array>
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BlobMissing(key)
        throw error
      }
    },
    async drop(prefix) {
      const path = join(root, checkKey(prefix))
      const count = await countFiles(path)
      await rm(path, { recursive: true, force: true })
      return count
    },
  }
}

async function countFiles(path: string): Promise<number> {
  const facts = await stat(path).catch(() => null)
  if (facts === null) return 0
  if (facts.isFile()) return 1
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}
