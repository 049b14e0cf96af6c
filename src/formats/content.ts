import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
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

/** Reads every `.yaml` file below `DIR/signatures`. Never throws over what a file holds: what is wrong is listed with file and field. */
export async function loadContent(dir: string): Promise<Content> {
  const { release, entries, problems } = await loadEntries(dir)
  return { release, signatures: entries.map((entry) => entry.signature), problems }
}

export type Entries = Readonly<{ release: string; entries: readonly SignatureEntry[]; problems: readonly Problem[] }>

/** As `loadContent`, with each signature's file and fixtures. */
export async function loadEntries(dir: string): Promise<Entries> {
  const root = join(dir, 'signatures')
  const listed = await readdir(root, { recursive: true, withFileTypes: true })
  const files = listed.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml')).map((entry) => join(entry.parentPath, entry.name)).sort()
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const hash = createHash('sha256')
  const entries: SignatureEntry[] = []
  const problems: Problem[] = []
  const owners = new Map<number, string>()
  for (const [index, text] of texts.entries()) {
    const name = files[index]!.slice(root.length + 1)
    hash.update(`${name}\0${text.length}\0`).update(text)
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
  return { release: hash.digest('hex').slice(0, 16), entries, problems }
}
