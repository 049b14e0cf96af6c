import type { Observation } from '#core/observation.ts'
import type { Detection, Signature } from '#core/signature.ts'
import { threadedJudge } from './threaded-judge.ts'

/** The checks of one KnowledgeBase release, ready to judge. */
export type Knowledge = Readonly<{
  release: string
  signatures: ReadonlyMap<number, Signature>
  judge(seen: readonly Observation[]): readonly Detection[] | Promise<readonly Detection[]>
}>

export function knowledgeOf(release: string, signatures: readonly Signature[]): Knowledge {
  const byId = new Map(signatures.map((signature) => [signature.id, signature]))
  return {
    release,
    signatures: byId,
    judge: threadedJudge(signatures),
  }
}
