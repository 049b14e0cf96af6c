import { Type, type Static } from 'typebox'
import { Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const points = Type.Number({ description: 'Points of asset risk, summed over hosts.' })

/** GET /dashboard/fix-plan?steps=20 */
export const FixPlanQuery = Type.Object({ steps: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 20 })) })

/**
 * "Fix these and risk falls by": in the order that takes most risk soonest. Each step's effect is exact, given the steps before it: what is left on each
 * host is scored anew.
 */
export const FixPlan = Type.Object({
  at: Time,
  /** Risk of all hosts that the reader sees, summed; how many have any; and their mean. */
  risk: points,
  hosts: count,
  mean: Type.Number(),
  steps: Type.Array(Type.Object({
    /** `package`: upgrade it wherever it is; `check`: what the check's solution says. */
    kind: Type.Enum(['package', 'check']),
    /** Package or product name, or the check's title. */
    title: Type.String(),
    /** What to do, in words. */
    solution: Type.String(),
    /** Checks that it settles, the worst first, at most 20 of `checksTotal`. */
    checks: Type.Array(Type.Object({ id: Type.Integer(), title: Type.String(), severity: Type.Integer({ minimum: 1, maximum: 5 }), exploited: Type.Boolean() })),
    checksTotal: count,
    findings: count,
    hosts: count,
    /** Summed risk before and after this step, and what it takes away of the risk at the start, 0–1. */
    before: points,
    after: points,
    share: Type.Number(),
    /** Query of the findings it settles. */
    q: Type.String(),
  })),
  /** Summed risk when all steps shown are done. */
  left: points,
  /** Other fixes than those shown. */
  more: count,
})
export type FixPlan = Static<typeof FixPlan>
