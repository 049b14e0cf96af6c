import { createHash } from 'node:crypto'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'

/** What a release knows of how software names itself, as scanners are given it. `version` changes when the patterns do. */
export type FingerprintSet = Readonly<{ version: string; list: readonly Fingerprint[] }>

/** The patterns of a release without their examples, which are for tests; null when it has none. */
export async function fingerprintsOf(base: KnowledgeBase): Promise<FingerprintSet | null> {
  const list = (await base.fingerprints()).map((one) => ({ ...one, examples: [] }))
  if (list.length === 0) return null
  return { version: createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 12), list }
}
