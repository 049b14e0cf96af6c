import type { Plan } from '#core/template/plan.ts'
import { fillText } from './fill.ts'
import type { Names, Scoping, Value } from './names.ts'

/**
 * The template's own variables. Each is worked out once, so that what chance chose stays, unless it hangs on something that steps extract: then it follows. One that cannot be worked out yet is unknown.
 */
export interface Variables {
  /** `moving`: what steps extract and scripts set. */
  over(fixed: Names, moving: Names): Names
  /** Those worked out for good. */
  readonly settled: ReadonlyMap<string, Value>
}

export function variablesOf(plan: Plan, scope: Scoping): Variables {
  const settled = new Map<string, Value>()
  return {
    settled,
    over(fixed, moving) {
      const worked = new Map<string, Value>()
      const moved = new Set<string>()
      let touched = false
      const names: Names = {
        get(name) {
          const own = worked.get(name)
          if (own !== undefined) {
            if (moved.has(name)) touched = true
            return own
          }
          const outside = moving.get(name)
          if (outside !== undefined) {
            touched = true
            return outside
          }
          return fixed.get(name)
        },
      }
      for (const [name, text] of plan.variables) {
        const given = moving.get(name) ?? fixed.get(name) ?? settled.get(name)
        if (given !== undefined) {
          worked.set(name, given)
          if (moving.get(name) !== undefined) moved.add(name)
          continue
        }
        touched = false
        const unknown: string[] = []
        const value = fillText(text, scope(names), unknown)
        if (unknown.length > 0) continue
        worked.set(name, value)
        if (touched) moved.add(name)
        else settled.set(name, value)
      }
      return worked
    },
  }
}
