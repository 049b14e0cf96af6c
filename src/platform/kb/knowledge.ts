import type { Observation } from '#core/observation.ts'
import { findingScore } from '#core/score.ts'
import type { Detection, FindingType, Severity, Signature } from '#core/signature.ts'
import { threadedJudge } from './threaded-judge.ts'

/** The checks of one KnowledgeBase release, ready to judge. */
export type Knowledge = Readonly<{
  release: string
  signatures: ReadonlyMap<number, Signature>
  judge(seen: readonly Observation[]): readonly Detection[] | Promise<readonly Detection[]>
  /** Score of a detection: its severity and type may be weaker than the signature's. */
  scoreOf(signature: number, severity: Severity, type: FindingType): number
}>

export function knowledgeOf(release: string, signatures: readonly Signature[]): Knowledge {
  const byId = new Map(signatures.map((signature) => [signature.id, signature]))
  return {
    release,
    signatures: byId,
    judge: threadedJudge(signatures),
    scoreOf: (id, severity, type) => findingScore({ severity, type, cvss: byId.get(id)?.score ?? null }).score,
  }
}
