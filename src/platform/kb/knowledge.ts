import type { Observation } from '#core/observation.ts'
import type { Detection, Signature } from '#core/signature.ts'
import type { Ranges } from './ranges.ts'
import type { TemplateChecks } from './template-checks.ts'
import { threadedJudge } from './threaded-judge.ts'

/** The checks of one KnowledgeBase release, ready to judge. */
export type Knowledge = Readonly<{
  /** Hash of all checks: two machines with the same release judge alike. */
  release: string
  signatures: ReadonlyMap<number, Signature>
  judge(seen: readonly Observation[]): readonly Detection[] | Promise<readonly Detection[]>
  /** Vulnerabilities by version, of the release in force; null: none was built yet. */
  ranges: Ranges | null
  /** What its templates are; null: no release is in force. */
  templates: TemplateChecks | null
  /** The signatures that name a CVE: over a range they have the word. */
  naming(cve: string): readonly Signature[]
  /** Those that say what is not supported any more: over a life cycle they have the word. */
  unsupported: readonly Signature[]
}>

export function knowledgeOf(
  release: string, signatures: readonly Signature[], ranges: Ranges | null = null, judge = threadedJudge(signatures), templates: TemplateChecks | null = null,
): Knowledge {
  const byId = new Map(signatures.map((signature) => [signature.id, signature]))
  const byCve = new Map<string, Signature[]>()
  for (const signature of signatures) {
    for (const cve of signature.cve) {
      const list = byCve.get(cve) ?? []
      byCve.set(cve, list)
      list.push(signature)
    }
  }
  return {
    release,
    signatures: byId,
    judge,
    ranges,
    templates,
    naming: (cve) => byCve.get(cve) ?? [],
    unsupported: signatures.filter((one) => one.category === 'Unsupported software' && one.type !== 'information'),
  }
}
