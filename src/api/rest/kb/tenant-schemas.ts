import { Type, type Static } from 'typebox'
import { pageQuery } from '../../paging.ts'
import { nullable, prose, Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const severity = Type.Integer({ minimum: 1, maximum: 5 })
const day = Type.String({ description: 'YYYY-MM-DD' })

// ---- What the organisation says of a check. GET, PATCH /kb/:id/edit. Only who manages the whole organisation may change it (`kb.edit`).

const said = { comment: Type.String(), by: Type.String(), at: Time }
const Said = Type.Object({ text: Type.String(), by: Type.String(), at: Time })

/** Everything null: nobody changed anything. */
export const CheckEdit = Type.Object({
  check: Type.Integer(),
  /** The organisation's own severity, in place of the check's (`original`, null when the check has no findings yet and is no signature of ours). */
  severity: nullable(Type.Object({ value: severity, original: nullable(severity), ...said })),
  /** Its findings leave lists, counts, reports and risk; they are tested and merged on, and come back when it is enabled. */
  disabled: nullable(Type.Object(said)),
  threat: nullable(Said),
  impact: nullable(Said),
  solution: nullable(Said),
  /** Findings of it that are hidden now because it is disabled. */
  hidden: count,
})

/** What is left out stays; null takes it back. A `comment` says why severity or disabling was changed. */
export const ChangeCheckEdit = Type.Object(
  {
    severity: Type.Optional(nullable(severity)),
    disabled: Type.Optional(Type.Boolean()),
    comment: Type.Optional(prose(2000)),
    threat: Type.Optional(nullable(prose(4000))),
    impact: Type.Optional(nullable(prose(4000))),
    solution: Type.Optional(nullable(prose(4000))),
  },
  { additionalProperties: false },
)

/** GET /kb/edits: all checks that the organisation changed, by number. */
export const CheckEdits = Type.Object({ items: Type.Array(Type.Object({ ...CheckEdit.properties, title: Type.String() })) })

// ---- GET /kb/top10

export const TopQuery = Type.Object({ of: Type.Optional(Type.Enum(['organisation', 'platform'], { description: 'Default: the organisation.' })) })
const TopCheck = Type.Object({
  rank: Type.Integer({ minimum: 1, maximum: 10 }),
  check: Type.Integer(),
  title: Type.String(),
  severity,
  cve: Type.Array(Type.String()),
  exploited: Type.Boolean(),
  /** Hosts with it, of those that answered a test in the last 90 days (`scanned` of the list), and that as a share. */
  hosts: count,
  prevalence: Type.Number(),
  /** prevalence × severity weight × (2 when exploited). */
  score: Type.Number(),
  /** Query of the findings list; of the platform's: what the organisation itself has of it. */
  q: Type.String(),
})
const TopList = Type.Object({ scanned: count, items: Type.Array(TopCheck, { maxItems: 10 }) })
/** `of=platform`: worked out each hour over all organisations; a check that fewer than five of them have is left out, and with fewer than five nothing is told. */
export const TopTen = Type.Object({
  of: Type.Enum(['organisation', 'platform']),
  at: Time,
  days: Type.Integer(),
  /** Hosts with private addresses. */
  internal: TopList,
  /** Hosts with public addresses, or tested by an external scanner. */
  external: TopList,
  /** Why there is nothing, in words; null when there is something. */
  why: nullable(Type.String()),
})

// ---- GET /kb/threats

/** `kind` absent: all of them, newest first. */
export const ThreatQuery = Type.Object({
  limit: pageQuery.limit,
  kind: Type.Optional(Type.Enum(['exploited', 'weaponised', 'likely'])),
  affects: Type.Optional(Type.Enum(['me'], { description: 'Only what is open on hosts that you see.' })),
})
export const ThreatItem = Type.Object({
  /** CVE, to be read at /kb/vulnerabilities/{name}. */
  name: Type.String(),
  /** Number of its check. */
  check: Type.Integer(),
  title: Type.String(),
  severity: Type.Integer({ minimum: 0, maximum: 5 }),
  cvssScore: nullable(Type.Number()),
  /** Why it is here: known exploited, a weaponised exploit is public, or EPSS says at least 50 %. */
  kinds: Type.Array(Type.Enum(['exploited', 'weaponised', 'likely'])),
  exploitedSince: nullable(day),
  ransomware: Type.Boolean(),
  exploit: nullable(Type.Enum(['poc', 'weaponised'])),
  ssvc: nullable(Type.Enum(['none', 'poc', 'active'])),
  epss: nullable(Type.Number()),
  /** What it is sorted by: when it was exploited first, else when it was published. */
  at: nullable(Type.String()),
  products: Type.Array(Type.String()),
  /** How it can be detected; empty: not by anything yet, so that `hosts: 0` says nothing. */
  detection: Type.Array(Type.String()),
  /** Open findings of it that the reader may see. */
  hosts: count,
  findings: count,
  q: Type.String(),
})
export const Threats = Type.Object({
  release: nullable(Type.String()),
  items: Type.Array(ThreatItem),
  /** Over all, not only those shown: how many known exploited ones the reader has open, and on how many hosts. */
  mine: Type.Object({ threats: count, hosts: count, findings: count }),
})


export type CheckEdit = Static<typeof CheckEdit>
export type ChangeCheckEdit = Static<typeof ChangeCheckEdit>
export type CheckEdits = Static<typeof CheckEdits>
export type TopTen = Static<typeof TopTen>
export type Threats = Static<typeof Threats>
export type ThreatItem = Static<typeof ThreatItem>
