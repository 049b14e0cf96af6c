import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Signature } from '#core/signature.ts'
import { readSignatureFile, type Problem, type SignatureEntry } from './signature-file.ts'

export type Content = Readonly<{
  /** Hash of every file's name and bytes: two machines with the same release judge alike. */
  release: string
  /** Sorted by id. A broken signature is left out and named in `problems`. */
  signatures: readonly Signature[]
  problems: readonly Problem[]
}>

/** Raised when a change here reads the same files differently, so that what was cached before is not used. */
const reader = 1

/**
 * Reads every `.yaml` file below `DIR/signatures`. Never throws over what a file holds: what is wrong is listed with file and
 * field. With `cache`, a folder, the answer is kept there as JSON by release, which a later start reads in a tenth of the time.
 */
export async function loadContent(dir: string, cache?: string): Promise<Content> {
  const files = await readFiles(dir)
  const release = releaseOf(files)
  const kept = cache === undefined ? null : join(cache, `content-${reader}-${release}.json`)
  const known = kept === null ? null : await recall(kept)
  if (known !== null) return { release, ...known }
  const { entries, problems } = readEntries(files)
  const content = { signatures: entries.map((entry) => entry.signature), problems }
  if (kept !== null && cache !== undefined) await keep(cache, kept, content)
  return { release, ...content }
}

export type Entries = Readonly<{ release: string; entries: readonly SignatureEntry[]; problems: readonly Problem[] }>

/** As `loadContent`, with each signature's file and fixtures. */
export async function loadEntries(dir: string): Promise<Entries> {
  const files = await readFiles(dir)
  return { release: releaseOf(files), ...readEntries(files) }
}

type File = Readonly<{ name: string; text: string }>

async function readFiles(dir: string): Promise<readonly File[]> {
  const root = join(dir, 'signatures')
  const listed = await readdir(root, { recursive: true, withFileTypes: true })
  const names = listed
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Promise.all(names.map(async (name) => ({ name: name.slice(root.length + 1), text: await readFile(name, 'utf8') })))
}

function releaseOf(files: readonly File[]): string {
  const hash = createHash('sha256')
  for (const { name, text } of files) hash.update(`${name}\0${text.length}\0`).update(text)
  return hash.digest('hex').slice(0, 16)
}

function readEntries(files: readonly File[]): Readonly<{ entries: readonly SignatureEntry[]; problems: readonly Problem[] }> {
  const entries: SignatureEntry[] = []
  const problems: Problem[] = []
  const owners = new Map<number, string>()
  for (const { name, text } of files) {
    const file = readSignatureFile(name, text)
    problems.push(...file.problems)
    for (const entry of file.entries) {
      const owner = owners.get(entry.signature.id)
      if (owner === undefined) {
        owners.set(entry.signature.id, name)
        entries.push(entry)
      } else problems.push({ file: name, signature: entry.signature.id, field: 'id', text: `is taken by ${owner}` })
    }
  }
  entries.sort((a, b) => a.signature.id - b.signature.id)
  return { entries, problems }
}

async function recall(path: string): Promise<Omit<Content, 'release'> | null> {
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Omit<Content, 'release'>
    return Array.isArray(found.signatures) && Array.isArray(found.problems) ? found : null
  } catch {
    return null
  }
}

/** A cache that cannot be written is no reason to fail: the content is read again next time. */
async function keep(cache: string, path: string, content: Omit<Content, 'release'>): Promise<void> {
  const unfinished = `${path}.${process.pid}`
  try {
    await mkdir(cache, { recursive: true })
    await writeFile(unfinished, JSON.stringify(content), { mode: 0o600 })
    await rename(unfinished, path)
    const old = (await readdir(cache)).filter((name) => /^content-\d+-[0-9a-f]+\.json$/.test(name) && join(cache, name) !== path)
    await Promise.all(old.map((name) => rm(join(cache, name), { force: true })))
  } catch {
    await rm(unfinished, { force: true }).catch(() => undefined)
  }
}
