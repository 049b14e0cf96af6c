import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, line, nullable, oneOf, prose, Time } from '../../schema.ts'

const strict = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

/**
 * draft → review → approved → tested → staged → published. `rejected` review, a reopened draft and any change of its text lead back to `draft`; `abandoned` is
 * the end of one that nobody wants.
 */
export const DraftState = oneOf(['draft', 'review', 'approved', 'tested', 'staged', 'published', 'abandoned'])
/** What may be done with it by the caller now, so that the console need not know the rules. */
export const DraftAct = oneOf(['change', 'submit', 'approve', 'reject', 'regress', 'stage', 'publish', 'reopen', 'abandon'])

const Who = Type.Object({ id: Id, name: shown(120) })

/** What the caller is in the team that writes checks; all false: not of it, and there is nothing to see. */
export const TeamPlace = Type.Object({ author: Type.Boolean(), reviewer: Type.Boolean(), publisher: Type.Boolean() })

export const Draft = Type.Object({
  id: Id,
  /** Number of the check it makes, changes or withdraws; 0 while its text says none. */
  check: count,
  intent: oneOf(['add', 'change', 'withdraw']),
  title: shown(140),
  state: DraftState,
  /** Rises with each change of the text. */
  revision: Type.Integer({ minimum: 1 }),
  author: Who,
  reviewer: nullable(Who),
  changeLog: shown(2000),
  /** Whether the last regression of this revision passed; null: not run. */
  passed: nullable(Type.Boolean()),
  /** Release of the KnowledgeBase that it came out in; null before that. */
  release: nullable(Type.Integer()),
  createdAt: Time,
  changedAt: Time,
})

/** One fixture that was judged. */
export const RegressionRow = Type.Object({
  /** `fires[0]`, `spares[2]`: of the draft itself; of another check: `340 spares[2]`. */
  fixture: shown(80),
  /** The check whose fixture it is. */
  check: count,
  file: nullable(shown(300)),
  expected: oneOf(['fires', 'silent']),
  got: oneOf(['fires', 'silent']),
  passed: Type.Boolean(),
  /** Result line when it fired, else what is wrong with it. */
  text: shown(600),
})
export const Regression = Type.Object({
  revision: Type.Integer(),
  at: Time,
  ms: count,
  passed: Type.Boolean(),
  /** Fixtures judged, of all checks. */
  fixtures: count,
  failures: count,
  /** All fixtures of the draft itself, and of other checks those that went wrong (the first 200). */
  rows: Type.Array(RegressionRow),
})

export const DraftEvent = Type.Object({
  at: Time,
  who: Who,
  act: oneOf(['created', 'changed', 'submitted', 'approved', 'rejected', 'regressed', 'staged', 'published', 'reopened', 'abandoned']),
  revision: Type.Integer(),
  comment: shown(2000),
})

export const DraftDetail = Type.Object({
  ...Draft.properties,
  /** One signature with its fixtures, YAML as in content/ (docs/new-signature.md). Empty for `withdraw`. */
  text: shown(65_536),
  /** What is in force of that check now, in the same form; null: nothing. */
  before: nullable(shown(65_536)),
  /** What must be put right before it can be submitted. */
  problems: Type.Array(Type.Object({ field: shown(200), text: shown(600) })),
  /** People who wrote text of it: none of them may approve. */
  writers: Type.Array(Who),
  regression: nullable(Regression),
  history: Type.Array(DraftEvent),
  may: Type.Array(DraftAct),
})

/** GET /kb/drafts */
export const DraftQuery = Type.Object({
  ...pageQuery,
  state: Type.Optional(DraftState),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the title, or the number of the check.' })),
})
export const DraftPage = Type.Object({ ...pageOf(Draft).properties, me: TeamPlace })

const DraftText = prose(65_536)
const ChangeLog = prose(2000)
/** POST /kb/drafts. `text` is left out for `withdraw`, which needs `check`; for `change` it may be: then it starts as what is in force. */
export const NewDraft = Type.Object({
  intent: oneOf(['add', 'change', 'withdraw']),
  check: Type.Optional(Type.Integer({ minimum: 1, maximum: 9_999_999 })),
  text: Type.Optional(DraftText),
  changeLog: Type.Optional(ChangeLog),
}, strict)
/** PATCH /kb/drafts/:id. `revision` is the one that was read: somebody else's change in between is not overwritten. */
export const DraftChange = Type.Object({ revision: Type.Integer({ minimum: 1 }), text: Type.Optional(DraftText), changeLog: Type.Optional(ChangeLog) }, strict)
/** POST /kb/drafts/:id/submit, /regress, /stage, /reopen, /abandon, /approve; of the revision that was read. */
export const DraftStep = Type.Object({ revision: Type.Integer({ minimum: 1 }), comment: Type.Optional(prose(2000)) }, strict)
/** POST /kb/drafts/:id/reject */
export const DraftRejection = Type.Object({ revision: Type.Integer({ minimum: 1 }), comment: line(2000) }, strict)
/** POST /kb/drafts/:id/publish. The entry of the change log that everybody reads; without it the draft's own, which then must not be empty. */
export const DraftPublication = Type.Object({ revision: Type.Integer({ minimum: 1 }), changeLog: Type.Optional(ChangeLog) }, strict)

/** GET /kb/canary, PUT /kb/canary: whether checks that are staged are tried in this organisation. */
export const Canary = Type.Object({ canary: Type.Boolean() }, strict)

export type Canary = Static<typeof Canary>
export type DraftState = Static<typeof DraftState>
export type DraftAct = Static<typeof DraftAct>
export type Draft = Static<typeof Draft>
export type DraftDetail = Static<typeof DraftDetail>
export type DraftPage = Static<typeof DraftPage>
export type DraftEvent = Static<typeof DraftEvent>
export type Regression = Static<typeof Regression>
export type RegressionRow = Static<typeof RegressionRow>
export type NewDraft = Static<typeof NewDraft>
export type DraftChange = Static<typeof DraftChange>
