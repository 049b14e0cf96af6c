import { Type, type Static } from 'typebox'
import { nullable, oneOf, Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

/**
 * GET /kb/applied: how far the release in force is applied to what is already known of this organisation's hosts, without a scan.
 * Live topic: `kb.applied` {state, hosts, done, new, retracted}, when it begins, while it goes on and when it is through.
 */
export const Applied = Type.Object({
  /** What judges now: the release of the KnowledgeBase (null: none was built yet) and the hash of all signatures in force for this organisation. */
  release: nullable(Type.Object({ number: Type.Integer(), name: shown(40), root: shown(64), at: shown(40) })),
  content: shown(80),
  /** Whether this organisation tries staged checks that others do not have yet. */
  canary: Type.Boolean(),
  /** `none`: nothing had to be judged again yet. */
  state: oneOf(['none', 'waiting', 'running', 'done', 'failed']),
  startedAt: nullable(Time),
  finishedAt: nullable(Time),
  /** Hosts with stored observations or inventories, and how many of them are through. Null, as `findings`, for who does not see all of the organisation's findings. */
  hosts: nullable(count),
  done: nullable(count),
  /** What changed: signatures added, changed or withdrawn; vulnerabilities whose ranges changed; null: everything is judged. */
  signatures: count,
  vulnerabilities: nullable(count),
  findings: nullable(Type.Object({ new: count, reopened: count, retracted: count })),
  problem: nullable(shown(400)),
})
export type Applied = Static<typeof Applied>
