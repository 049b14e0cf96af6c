import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { languageVersion } from '#core/template/compile.ts'

/** Raised when a change in a reader or here reads the same feeds differently, so that they are read again. */
const revision = 2

/** sha256 over what will be read: the same again is no work. Templates also go by the language that compiles them. */
export async function fingerprintOf(paths: readonly string[], source: SourceName): Promise<string> {
  const sum = createHash('sha256').update(`revision ${revision}\0`)
  if (source === 'nuclei') sum.update(`language ${languageVersion}\0`)
  for (const path of paths) await addTo(sum, path, '')
  return sum.digest('hex')
}

async function addTo(sum: ReturnType<typeof createHash>, path: string, name: string): Promise<void> {
  const found = await stat(path).catch(() => fail('feed.missing', { path }))
  if (found.isDirectory()) {
    for (const entry of (await readdir(path)).sort()) if (!entry.startsWith('.git')) await addTo(sum, join(path, entry), `${name}/${entry}`)
    return
  }
  if (!found.isFile()) return
  sum.update(`${name}\0${found.size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) sum.update(chunk as Uint8Array)
}
