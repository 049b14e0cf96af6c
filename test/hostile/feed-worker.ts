import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { VigilError } from '../../src/core/errors.ts'
import type { FeedRecord } from '../../src/core/knowledge/record.ts'
import { openFeedInput } from '../../src/formats/archive/open.ts'
import { readerFor } from '../../src/formats/feed/readers.ts'
import { chance, damage, pack, packedFeeds, poison } from './feed-mutants.ts'

export type Job = Readonly<{ kind: 'damage' | 'poison'; from: number; to: number }>
/** `kept`: read as if nothing had been done to it. `changed`: accepted with other content. */
export type Outcome = Readonly<{ mutant: number; feed: string; sums: boolean; outcome: 'refused' | 'kept' | 'changed' | 'broke'; text: string }>

/** Reads one mutant after the other, and tells each outcome; before each it tells that it begins, so that a hang has a name. */
async function run({ kind, from, to }: Job, folder: string): Promise<void> {
  const feeds = packedFeeds()
  const whole = new Map<string, string>()
  for (let mutant = from; mutant < to; mutant++) {
    const pick = chance(mutant)
    const feed = feeds[mutant % feeds.length]!
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort!.postMessage({ begins: `${kind} ${mutant} of ${feed.name}` })
    const expected = whole.get(feed.name) ?? (await readAt(folder, feed.name, pack(feed.form, feed.files)))
    whole.set(feed.name, expected)
    const target = pick(feed.files.length)
    const bytes = kind === 'damage' ? damage(pack(feed.form, feed.files), pick)
      : pack(feed.form, feed.files.map((file, index) => (index === target ? { ...file, text: poison(Buffer.from(file.text ?? '').toString(), pick) } : file)))
    const outcome = await outcomeOf(folder, feed.name, bytes, expected)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort!.postMessage({ mutant, feed: feed.name, sums: feed.sums, ...outcome })
  }
}

async function outcomeOf(folder: string, name: string, bytes: Uint8Array, expected: string): Promise<Pick<Outcome, 'outcome' | 'text'>> {
  try {
    const found = await readAt(folder, name, bytes)
    return { outcome: found === expected ? 'kept' : 'changed', text: '' }
  } catch (error) {
    if (error instanceof VigilError && error.code.startsWith('feed.')) return { outcome: 'refused', text: error.code }
    return { outcome: 'broke', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** All that its reader says, as text. Throws what the reader throws, and what is wrong with a record. */
async function readAt(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  const reader = readerFor(name)
  if (reader === null) throw new Error(`no reader for ${name}`)
  const lines: string[] = []
  for await (const record of reader.read(await openFeedInput(path))) lines.push(checked(record))
  return lines.join('\n')
}

const longest = 1_000_000

function checked(record: FeedRecord): string {
  // A file is kept as it is packed, and a header of gzip may say another time.
  const text = JSON.stringify(record.record === 'file' ? { ...record, bytes: 0 } : record)
  if (text.length > longest) throw new Error(`a ${record.record} of ${text.length} characters`)
  if (record.record === 'statement' || record.record === 'affected') {
    if (!/^[\w][\w.:+~@/-]{0,119}$/.test(record.vulnerability)) throw new Error(`the name ${record.vulnerability.slice(0, 200)}`)
    if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) throw new Error('a NUL in text')
  }
  if (record.record === 'affected' && record.status === 'affected' && record.intervals.length + record.versions.length === 0) throw new Error('affected, and no version is')
  if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('the prototype of all objects was changed')
  return text
}

const folder = await mkdtemp(join(tmpdir(), 'vigil-mutants-'))
try {
  await run(workerData as Job, folder)
} finally {
  await rm(folder, { recursive: true, force: true })
}
