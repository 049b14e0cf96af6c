import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadContent } from '#formats/content.ts'
import { packBody } from '../body.ts'
import type { SpoolWriter } from '../spool.ts'
import type { FeedTotals } from './record-rows.ts'

/** Our own signatures, from a folder that holds `signatures/…yaml`. They have their numbers and versions already. */
export async function spoolSignatures(folder: string, spool: SpoolWriter, totals: FeedTotals): Promise<void> {
  const { release, signatures, problems } = await loadContent(folder)
  const news = await newsOf(folder)
  totals.version = release
  for (const problem of problems) {
    const unused = (totals.unused['malformed'] ??= { count: 0, examples: [] })
    unused.count++
    unused.examples.push([problem.file, `${problem.signature ?? ''} ${problem.field} ${problem.text}`.trim().slice(0, 300)])
  }
  for (const one of signatures) {
    const body = packBody(JSON.stringify(one))
    spool.add(['c', `signature:${one.id}`, 'signature', one.title, one.category, one.severity, one.type, one.published, one.changed, one.cve, null, body.length, one.id, one.version, news[one.id] ?? ''], body)
    totals.records++
    totals.rows++
    if (totals.snapshot === null || one.changed > totals.snapshot) totals.snapshot = one.changed
  }
}

/** What those who published a check here wrote of it, by its number: `change-log.json` in the folder (src/platform/kb/content-folder.ts). */
async function newsOf(folder: string): Promise<Readonly<Record<number, string>>> {
  try {
    const said = JSON.parse(await readFile(join(folder, 'change-log.json'), 'utf8')) as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(said).filter((one): one is [string, string] => typeof one[1] === 'string').map(([id, text]) => [Number(id), text.slice(0, 2000)]))
  } catch {
    return {}
  }
}
