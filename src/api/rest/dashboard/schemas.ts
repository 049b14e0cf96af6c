import { Type, type Static } from 'typebox'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const severity = Type.Integer({ minimum: 1, maximum: 5 })
const five = Type.Array(count, { minItems: 5, maxItems: 5 })

/** GET /dashboard: the answer first. Every number has the query (`q`) of the list that makes it. */
export const Dashboard = Type.Object({
  at: time,
  /** `neverTested` counts registered addresses, which are no hosts of `total` yet; `tested` are hosts. */
  assets: Type.Object({ total: count, up: count, tested: count, neverTested: count, atRisk: count, risk: Type.Integer({ description: 'Mean risk of tested hosts, 0–1000.' }) }),
  /** Open findings (confirmed and potential, not ignored) by severity 1…5. */
  open: five,
  /** What changed since 24 hours ago. */
  since: Type.Object({
    from: time,
    new: count,
    reopened: count,
    fixed: count,
    /** The worst first, at most 8. */
    worst: Type.Array(Type.Object({
      id: uuid, kind: Type.Enum(['new', 'reopened']), at: time, signature: Type.Integer(), title: Type.String(), severity,
      asset: Type.Object({ id: uuid, address: orNull(Type.String()), name: orNull(Type.String()) }), port: orNull(Type.Integer()),
    })),
    hosts: count,
  }),
  /** Checks by the risk that fixing them everywhere removes, at most 10. */
  fixFirst: Type.Array(Type.Object({
    signature: Type.Integer(), title: Type.String(), severity, findings: count, hosts: count,
    /** Points of asset risk removed, summed over hosts; and that as a share of all. */
    relief: Type.Number(), share: Type.Number(), q: Type.String(),
  })),
  /** What was not looked at. */
  gaps: Type.Array(Type.Object({
    kind: Type.Enum(['neverTested', 'stale', 'partial', 'excluded', 'dead']),
    hosts: count,
    text: Type.String(),
    /** Query of the asset list; null where the list is elsewhere (exclusions). */
    q: orNull(Type.String()),
  })),
  /** One point a day, oldest first, at most 90; empty for people who see only some groups. */
  trend: Type.Array(Type.Object({ day: Type.String({ format: 'date' }), open: five, risk: Type.Integer(), hosts: count, tested: count })),
})

export const TopSignature = Type.Object({ signature: Type.Integer(), title: Type.String(), severity, findings: count, hosts: count })

export type Dashboard = Static<typeof Dashboard>
