import { createHash } from 'node:crypto'
import { packFile, type TemplatePack } from '#core/template/pack.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'

/** The compiled templates of a release, as scanners are given them; null when it has none. */
export async function templatesOf(base: KnowledgeBase): Promise<TemplatePack | null> {
  const bytes = await base.file(packFile)
  return bytes === null ? null : { digest: createHash('sha256').update(bytes).digest('hex'), bytes }
}
