import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { packFile, type TemplatePack } from '#core/template/pack.ts'
import type { Effect } from '#core/template/plan.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'

const mostUnpacked = 268_435_456
const linesAtOnce = 500

/** A template that scanners run: the number of its check, and the most it does to a target. */
export type RunTemplate = Readonly<{ check: number; effect: Effect }>

/** The compiled templates of a release, as scanners are given them; null when it has none. */
export async function templatesOf(base: KnowledgeBase): Promise<TemplatePack | null> {
  const bytes = await base.file(packFile)
  return bytes === null ? null : { digest: createHash('sha256').update(bytes).digest('hex'), bytes }
}

/** What the pack holds, without reading the plans: a number and an effect a line. */
export async function listTemplates(base: KnowledgeBase): Promise<readonly RunTemplate[]> {
  const bytes = await base.file(packFile)
  if (bytes === null) return []
  const text = await promisify(zstdDecompress)(bytes, { maxOutputLength: mostUnpacked })
  const found: RunTemplate[] = []
  for (let at = 0, lines = 1; at < text.length; lines++) {
    const end = text.indexOf(10, at) < 0 ? text.length : text.indexOf(10, at)
    const check = /^\{"check":(\d+),/.exec(text.toString('latin1', at, Math.min(end, at + 40)))
    const effect = text.indexOf('"effect":"', at)
    if (check !== null) found.push({ check: Number(check[1]), effect: effect < 0 || effect > end ? 'harmless' : (/^[a-z]+/.exec(text.toString('latin1', effect + 10, effect + 30))![0] as Effect) })
    at = end + 1
    // Tens of megabytes: requests in between are not kept waiting.
    if (lines % linesAtOnce === 0) await setImmediate()
  }
  return found
}
