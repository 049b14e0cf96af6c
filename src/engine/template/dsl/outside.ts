import { Asked, keyOf, type Question, type Scope, type Value } from './scope.ts'

/**
 * What the runtime answers for an expression: `jarm` (`host:port`), `resolve` (name and record type), `publicip`, `waitfor` (seconds). Null: there is no answer. It keeps to the target and to
 * the deadline as everything else does.
 */
export type Outside = (question: Question) => Promise<Value | null>

const most = 20

/** Works something out that may ask outside: each question once, and chance falls the same way each time. */
export async function settle<T>(work: (scope: Scope) => T, scope: Scope, outside: Outside): Promise<T> {
  const answers = new Map(scope.answers)
  const drawn: number[] = []
  for (let asked = 0; ; asked++) {
    let next = 0
    const chance = (): number => (drawn[next] === undefined ? (drawn[next++] = scope.chance()) : drawn[next++]!)
    try {
      return work({ ...scope, chance, answers })
    } catch (error) {
      if (!(error instanceof Asked) || asked >= most) throw error
      answers.set(keyOf(error.question), await outside(error.question))
    }
  }
}
