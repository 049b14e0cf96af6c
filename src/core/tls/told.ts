import { compileExpr } from '../match/compile.ts'
import type { Expr } from '../match/expr.ts'
import { viewOf, type View } from '../match/view.ts'
import type { Observation, Shapes } from '../observation.ts'

/** True and false: the look tells. Null: the server gave no answer that would. */
type Answer = boolean | null
type Question = (view: View, data: Shapes['tls']) => Answer

/** What some servers never let be asked, say because they want a certificate of the client: null is not known there. Elsewhere null also stands for "there is no such thing". */
const unknownIfNull: ReadonlySet<string> = new Set(['clientRenegotiation', 'earlyData'])

/**
 * Whether a look at TLS tells if the rule holds; null for rules of which every look that came to its end does. A flaw that was neither shown nor looked for with a sure
 * answer is not known to be gone, though all else of the look is. Throws `BadExpr` as compileExpr does.
 */
export function toldOf(when: Expr): ((seen: Observation<'tls'>) => boolean) | null {
  let hangs = false
  const asking = (expr: Expr): Question => {
    if ('all' in expr) return all(expr.all.map(asking))
    if ('any' in expr) return not(all(expr.any.map(asking).map(not)))
    if ('none' in expr) return all(expr.none.map(asking).map(not))
    const rule = compileExpr(expr)
    const holds: Question = (view) => rule.holds(view)
    const { field } = expr
    if (field === 'flaws' && 'is' in expr && typeof expr.is === 'string' && expr.is !== 'drown') {
      hangs = true
      const flaw = expr.is
      // A scanner that tells of no tests is older than they are, and its look counted as whole.
      return (view, data) => rule.holds(view) || (data.tested === undefined || data.tested.includes(flaw) ? false : null)
    }
    if (!unknownIfNull.has(field)) return holds
    hangs = true
    return (view, data) => (data[field as 'earlyData' | 'clientRenegotiation'] === null ? null : rule.holds(view))
  }
  const question = asking(when)
  return hangs ? (seen) => question(viewOf(seen), seen.data) !== null : null
}

function all(parts: readonly Question[]): Question {
  return (view, data) => {
    const answers = parts.map((part) => part(view, data))
    return answers.includes(false) ? false : answers.includes(null) ? null : true
  }
}

function not(part: Question): Question {
  return (view, data) => {
    const answer = part(view, data)
    return answer === null ? null : !answer
  }
}
