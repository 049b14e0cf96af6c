import { Type, type Static } from 'typebox'
import { nullable } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

const Release = Type.Object({
  number: Type.Integer(),
  /** `2026.11.24-7` */
  name: shown(40),
  /** sha256 over the content of all sources: two machines with the same root judge alike. */
  root: shown(64),
  at: shown(40),
  counts: Type.Object({ vulnerabilities: count, checks: count, ranges: count, statements: count, fingerprints: count }),
  inForce: Type.Boolean(),
  /** What it changed against the one before, by kind: `added`, `changed`, `withdrawn`, `exploited`, `noLongerExploited`, `score`, `detection`. */
  changed: Type.Array(Type.Object({ kind: shown(40), count })),
  /** Whether its file is kept here, so that one can go back to it (`vigil kb rollback`). */
  kept: Type.Boolean(),
  /** Change-log entries of our own checks that came out with it. */
  notes: Type.Array(Type.Object({ check: Type.Integer(), title: shown(140), text: shown(2000) })),
})

/** GET /kb/releases: newest first. */
export const ReleaseQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) })
export const Releases = Type.Object({
  items: Type.Array(Release),
  /** Shown where the console offers to go back: the operator does it on the machine. */
  rollback: shown(200),
  /** Checks that were published and wait for the next release file; they are judged with already. */
  waiting: count,
})

/** GET /kb/releases/:number */
export const ReleaseParams = Type.Object({ number: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }) })
export const ReleaseDetail = Type.Object({
  ...Release.properties,
  /** The first 500 changes. */
  changes: Type.Array(Type.Object({ at: shown(40), subject: shown(200), kind: shown(40), text: shown(2000), source: nullable(shown(40)) })),
})

export type Release = Static<typeof Release>
export type Releases = Static<typeof Releases>
export type ReleaseDetail = Static<typeof ReleaseDetail>
