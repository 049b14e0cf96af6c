import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const severity = Type.Integer({ minimum: 1, maximum: 5 })

export const FindingParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const FindingStatus = Type.Enum(['new', 'active', 'fixed', 'reopened'])
export const FindingType = Type.Enum(['confirmed', 'potential', 'information'])
export const IgnoreReason = Type.Enum(['falsePositive', 'acceptedRisk', 'compensated', 'notApplicable', 'later'])

export const Finding = Type.Object({
  id: uuid,
  signature: Type.Integer(),
  title: Type.String(),
  category: Type.String(),
  severity,
  type: FindingType,
  status: FindingStatus,
  ignored: Type.Boolean(),
  /** Hidden because the organisation disabled its check; `ignored` is true then, too. */
  disabled: Type.Boolean(),
  /** What the check says, where the organisation has a severity of its own. */
  originalSeverity: orNull(severity),
  asset: Type.Object({ id: uuid, address: orNull(Type.String()), name: orNull(Type.String()), impact: Type.Integer() }),
  port: orNull(Type.Integer()),
  proto: orNull(Type.Enum(['tcp', 'udp'])),
  /** Which resource or virtual host below the port; empty for the service itself. */
  instance: Type.String(),
  /** 0–100: docs/user/scores.md. */
  score: Type.Integer({ minimum: 0, maximum: 100 }),
  cve: Type.Array(Type.String()),
  /** What was seen, in one line. */
  result: Type.String(),
  firstFoundAt: time,
  lastFoundAt: time,
  fixedAt: orNull(time),
  /** When a changed or withdrawn check ended it: its status is `fixed` then, but nobody tested that. Null otherwise. */
  retractedAt: orNull(time),
  timesFound: count,
  /** Judged over what was stored, not yet seen by a test since: when that was observed, and in words. Null once it was tested. */
  via: orNull(Type.Object({ observedAt: time, text: Type.String() })),
})

/**
 * GET /findings. `q`: the query language (docs/user/findings.md): `severity:>=4 status:new port:22 host:10.0.0.0/24 cve:CVE-2024-6387
 * "openssh" ignored:false`. Without a `status` or `ignored` term, open and not ignored ones are listed; without `type`, no information.
 */
export const FindingQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 2000 })),
  sort: Type.Optional(Type.Enum(['score', '-score', 'severity', '-severity', 'firstFound', '-firstFound', 'lastFound', '-lastFound'], { description: 'A leading minus is descending. Default -score.' })),
})
export const FindingPage = pageOf(Finding)
export const FindingFacetQuery = Type.Object({ q: Type.Optional(Type.String({ maxLength: 2000 })) })
export const FindingFacets = Type.Object({
  total: count,
  facets: Type.Array(Type.Object({
    field: Type.String(),
    label: Type.String(),
    values: Type.Array(Type.Object({ value: Type.String(), label: Type.String(), term: Type.String(), count })),
  })),
})

export const Evidence = Type.Object({
  /** Bytes outside printable ASCII as \xNN; hostile text: show as text only. */
  sent: Type.String(),
  received: Type.String(),
  note: orNull(Type.String()),
  at: time,
  probe: Type.String(),
  signatureVersion: Type.Integer(),
  scanId: orNull(uuid),
  scanner: orNull(Type.Object({ id: uuid, name: Type.String() })),
})

export const FindingDetail = Type.Object({
  ...Finding.properties,
  /** Why the type is weaker than the check's, e.g. a distribution's back-ports. */
  note: orNull(Type.String()),
  threat: Type.String(),
  impact: Type.String(),
  solution: Type.String(),
  references: Type.Array(Type.String()),
  cwe: Type.Array(Type.String()),
  cvss: orNull(Type.String()),
  cvssScore: orNull(Type.Number()),
  pci: orNull(Type.String()),
  /** Each part of the score, adding up to it; `source`: whose word it is, with its day. */
  scoreFactors: Type.Array(Type.Object({ name: Type.String(), value: Type.String(), points: Type.Number(), source: orNull(Type.String()) })),
  /** What the organisation itself says of the check, beside its texts. */
  comments: Type.Array(Type.Object({ field: Type.Enum(['severity', 'disabled', 'threat', 'impact', 'solution']), text: Type.String(), by: Type.String(), at: time })),
  evidence: orNull(Evidence),
  /** Whether the bytes themselves are kept: GET /findings/:id/proof. */
  hasProof: Type.Boolean(),
  ignore: orNull(Type.Object({ reason: IgnoreReason, comment: Type.String(), until: orNull(time), by: Type.String(), at: time })),
  timesReopened: count,
  reopenedAt: orNull(time),
  /** Last completed test of the host; whether it looked at this finding's place with this check. */
  lastTest: orNull(Type.Object({ at: time, scanId: uuid, tested: Type.Boolean(), text: Type.String() })),
  /** Whether it was seen with a login, so that only a test with a login can close it. */
  login: Type.Boolean(),
  elsewhere: count,
  verification: orNull(Type.Object({ scanId: uuid, state: Type.Enum(['running', 'found', 'fixed', 'notTested']), startedAt: time, text: Type.String() })),
})

/** GET /findings/:id/history */
export const HistoryEntry = Type.Object({
  id: uuid,
  at: time,
  kind: Type.Enum(['new', 'reopened', 'fixed', 'ignored', 'unignored', 'ignoreExpired', 'verified', 'retracted']),
  by: orNull(Type.String()),
  scanId: orNull(uuid),
  text: Type.String(),
})
export const FindingHistory = Type.Object({ items: Type.Array(HistoryEntry) })

/** GET /findings/:id/elsewhere: the same check on other places. */
export const ElsewhereQuery = Type.Object({ ...pageQuery })
export const ElsewherePage = FindingPage

/** POST /findings/ignore, POST /findings/unignore: by ids, or all that match `q` (at most 100,000). */
export const IgnoreFindings = Type.Object(
  {
    ids: Type.Optional(Type.Array(uuid, { minItems: 1, maxItems: 1000 })),
    q: Type.Optional(Type.String({ maxLength: 2000 })),
    reason: IgnoreReason,
    comment: Type.String({ minLength: 1, maxLength: 2000 }),
    /** When it opens again by itself; null is never. */
    until: Type.Optional(orNull(time)),
  },
  { additionalProperties: false },
)
export const UnignoreFindings = Type.Object(
  { ids: Type.Optional(Type.Array(uuid, { minItems: 1, maxItems: 1000 })), q: Type.Optional(Type.String({ maxLength: 2000 })), comment: Type.Optional(Type.String({ maxLength: 2000 })) },
  { additionalProperties: false },
)
export const Changed = Type.Object({ changed: count })

const Exchange = Type.Object({
  over: Type.Enum(['tcp', 'udp', 'tls', 'icmp']), to: Type.String(), serverName: Type.Optional(Type.String()), sent: Type.String({ description: 'Base64.' }), received: Type.String({ description: 'Base64.' }),
  cut: Type.Boolean(), turns: Type.Optional(Type.Array(count)), ended: Type.Optional(Type.Boolean()), at: Type.Number(), took: Type.Number(), note: Type.Optional(Type.String()),
})
/** GET /findings/:id/proof: as `ProofBundle` of src/core/proof.ts. */
export const ProofBundle = Type.Object({
  format: Type.Literal('vigil-proof/1'),
  finding: Type.Object({ id: uuid, title: Type.String(), at: Type.Unknown(), result: Type.String(), severity: count, type: Type.String(), seen: time }),
  check: Type.Object({ number: count, decidedBy: count, signature: Type.Optional(Type.Unknown()), plan: Type.Optional(Type.Unknown()) }),
  proof: Type.Object({
    check: Type.String(), exchanges: Type.Array(Exchange), control: Type.Array(Exchange), controlNote: Type.Optional(Type.String()), matched: Type.Array(Type.String()),
    variables: Type.Optional(Type.Record(Type.String(), Type.String())), trigger: Type.Optional(Type.Unknown()),
    callbacks: Type.Optional(Type.Array(Type.Object({ protocol: Type.Enum(['dns', 'http']), from: Type.String(), at: Type.Number(), request: Type.String() }))),
  }),
})

/** POST /findings/:id/verify: 202; the event stream says `finding.changed`, and `verification` of the detail tells the result. */
export const Verification = Type.Object({ scanId: uuid })

export type Finding = Static<typeof Finding>
export type FindingQuery = Static<typeof FindingQuery>
export type FindingPage = Static<typeof FindingPage>
export type FindingFacets = Static<typeof FindingFacets>
export type Evidence = Static<typeof Evidence>
export type FindingDetail = Static<typeof FindingDetail>
export type HistoryEntry = Static<typeof HistoryEntry>
export type FindingHistory = Static<typeof FindingHistory>
export type IgnoreFindings = Static<typeof IgnoreFindings>
export type UnignoreFindings = Static<typeof UnignoreFindings>
export type ProofBundle = Static<typeof ProofBundle>
export type Verification = Static<typeof Verification>
// Live topics: `finding.changed` {assets: uuid[], new, fixed, reopened}; fetch again what is shown.
