import { Type, type Static } from 'typebox'
import { nullable } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

const Counts = Type.Object({
  /** Releases that changed something: what "updates a week" counts. */
  updates: count,
  checksAdded: count, checksChanged: count, checksWithdrawn: count,
  vulnerabilitiesAdded: count, vulnerabilitiesChanged: count, vulnerabilitiesWithdrawn: count,
  newlyExploited: count,
})
const Week = Type.Object({
  /** ISO 8601 week: `2026-W48`; Monday to Sunday, UTC. */
  week: shown(8),
  from: Type.String({ format: 'date' }),
  to: Type.String({ format: 'date' }),
  counts: Counts,
})
const Entry = Type.Object({
  at: shown(40),
  release: Type.Integer(),
  /** What it is about: a CVE, or the number of a check. */
  subject: shown(200),
  title: shown(400),
  text: shown(2000),
  /** Number of the check, for /kb/{id}; null when the subject is not known here. */
  check: nullable(Type.Integer()),
  severity: nullable(Type.Integer({ minimum: 0, maximum: 5 })),
  source: nullable(shown(40)),
})

/** GET /kb/updates: the last weeks, newest first. Also as /kb/updates.rss (RSS 2.0) and /kb/updates.json (JSON Feed 1.1), one item a week. */
export const UpdatesQuery = Type.Object({ weeks: Type.Optional(Type.Integer({ minimum: 1, maximum: 53, default: 12 })) })
export const Updates = Type.Object({
  weeks: Type.Array(Week),
  /** Mean of the whole weeks shown; null: there is no whole week yet. */
  updatesAWeek: nullable(Type.Number()),
})

/** GET /kb/updates/:week: of each list the first 200. */
export const WeekParams = Type.Object({ week: Type.String({ pattern: '^\\d{4}-W\\d{2}$', maxLength: 8 }) })
export const WeekDigest = Type.Object({
  ...Week.properties,
  /** Our own checks, with the entries their authors wrote. */
  added: Type.Array(Entry), changed: Type.Array(Entry), withdrawn: Type.Array(Entry),
  exploited: Type.Array(Entry),
  /** Vulnerabilities of that week that matter most: exploited, then by score. */
  notable: Type.Array(Entry),
})

/** GET and PUT /kb/updates/mail: about whoever asks. */
export const DigestMail = Type.Object({
  /** The operator set a mail server. */
  possible: Type.Boolean(),
  subscribed: Type.Boolean(),
  to: shown(254),
  /** What the mail server said when the last one could not be delivered. */
  failure: nullable(shown(300)),
})
export const DigestMailChange = Type.Object({ subscribed: Type.Boolean() })

export type DigestMail = Static<typeof DigestMail>
export type Week = Static<typeof Week>
export type UpdateEntry = Static<typeof Entry>
export type Updates = Static<typeof Updates>
export type WeekDigest = Static<typeof WeekDigest>
