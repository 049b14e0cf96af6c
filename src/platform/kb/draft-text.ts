import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSignatureFile, type SignatureEntry } from '#formats/signature-file.ts'

/** Where the signatures lie that Vigil is shipped with. */
export const shipped = fileURLToPath(new URL('../../../content', import.meta.url))

export type DraftText = Readonly<{
  /** Null while there is a fault. */
  entry: SignatureEntry | null
  /** Of the check; 0 while the text says none. */
  check: number
  title: string
  problems: readonly Readonly<{ field: string; text: string }>[]
}>

/** Reads what an author wrote: YAML, a list of exactly one signature with its fixtures. */
export function readDraftText(text: string): DraftText {
  const { entries, problems } = readSignatureFile('draft', text)
  const found = problems.map((one) => ({ field: one.field, text: one.text }))
  const [entry] = entries
  if (found.length === 0 && entries.length !== 1) found.push({ field: '', text: `must be a list of one signature, not of ${entries.length}` })
  const said = /^[ -]{0,4}title:\s*(\S.*)$/m.exec(text)?.[1]?.replace(/^["']|["']\s*$/g, '')
  return {
    entry: found.length === 0 && entry !== undefined ? entry : null,
    check: numberOf(entry?.signature.id ?? problems.find((one) => one.signature !== 0)?.signature),
    title: (entry?.signature.title ?? said ?? '').slice(0, 140), problems: found,
  }
}

function numberOf(said: number | undefined): number {
  return said !== undefined && Number.isSafeInteger(said) && said > 0 && said <= 9_999_999 ? said : 0
}

export type TextFile = Readonly<{ name: string; head: string; blocks: readonly Readonly<{ id: number; text: string }>[] }>

/** The files of signatures in a content folder, each signature with its own lines. */
export async function textFiles(content = shipped): Promise<readonly TextFile[]> {
  const root = join(content, 'signatures')
  const names = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile() && one.name.endsWith('.yaml')).map((one) => join(one.parentPath, one.name)).sort()
  return Promise.all(names.map(async (name) => {
    const [head = '', ...blocks] = `\n${await readFile(name, 'utf8')}`.split(/\n(?=- )/)
    return { name: name.slice(root.length + 1), head, blocks: blocks.map((text) => ({ id: Number(/^- id: (\d+)\s*$/m.exec(text)?.[1] ?? 0), text: `${text.trimEnd()}\n` })) }
  }))
}

/** The lines of a shipped signature, or null when none has that number. */
export async function shippedText(id: number, content = shipped): Promise<string | null> {
  for (const file of await textFiles(content)) {
    const block = file.blocks.find((one) => one.id === id)
    if (block !== undefined) return block.text
  }
  return null
}
