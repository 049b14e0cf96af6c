import { fail } from '#core/errors.ts'
import type { Signature } from '#core/signature.ts'
import { newId } from '#store/id.ts'
import type { PlatformTx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { patternOf } from '../query/where.ts'
import { inTenant } from '../tenant/tenant.ts'
import { isOfTeam, mustBe, teamPlace, type TeamPlace } from './draft-team.ts'
import { readDraftText, shippedText } from './draft-text.ts'
import type { RegressionResult } from './regress.ts'

export type DraftState = 'draft' | 'review' | 'approved' | 'tested' | 'staged' | 'published' | 'abandoned'
export type Intent = 'add' | 'change' | 'withdraw'
export type DraftEventAct = 'created' | 'changed' | 'submitted' | 'approved' | 'rejected' | 'regressed' | 'staged' | 'published' | 'reopened' | 'abandoned'

export type DraftRow = Readonly<{
  id: string; check: number; intent: Intent; title: string; state: DraftState; revision: number; body: string; signature: Signature | null; change_log: string
  author_id: string; author_name: string; writers: readonly string[]; reviewer_id: string | null; reviewer_name: string | null
  regression: (RegressionResult & Readonly<{ revision: number; at: string; ms: number }>) | null; passed: boolean | null; release: number | null; created_at: Date; changed_at: Date
}>
export type DraftEvent = Readonly<{ at: Date; userId: string; userName: string; act: DraftEventAct; revision: number; comment: string }>

const most = 500

export const draftColumns = ({ sql }: Pick<PlatformTx, 'sql'>) => sql`
  d.id, d.signature_id as "check", d.intent, d.title, d.state, d.revision, d.body, d.signature, d.change_log, d.author_id, d.author_name, d.writers, d.reviewer_id, d.reviewer_name,
  d.regression, d.passed, d.release, d.created_at, d.changed_at`

/** Newest change first; nothing at all for who is not of the team. */
export async function listDrafts(tx: PlatformTx, actor: Actor, filter: Readonly<{ state?: DraftState; q?: string }>, after: readonly [at: Date, id: string] | null, limit: number): Promise<Readonly<{ rows: readonly DraftRow[]; me: TeamPlace }>> {
  const { sql } = tx
  const me = await teamPlace(tx, actor.user.id)
  if (!isOfTeam(me)) return { rows: [], me }
  const number = /^\d{1,7}$/.test(filter.q ?? '') ? Number(filter.q) : -1
  const rows = await sql<DraftRow[]>`
    select ${draftColumns(tx)} from kb_draft d where true
      ${filter.state === undefined ? sql`` : sql`and d.state = ${filter.state}`}
      ${filter.q === undefined || filter.q === '' ? sql`` : sql`and (d.title ilike ${patternOf(filter.q)} or d.signature_id = ${number})`}
      ${after === null ? sql`` : sql`and (d.changed_at, d.id) < (${after[0]}, ${after[1]})`}
    order by d.changed_at desc, d.id desc limit ${limit}`
  return { rows, me }
}

/** One of any, locked for a step when `lock`. Who is not of the team does not learn whether it is there. */
export async function readDraft(tx: PlatformTx, actor: Actor, id: string, lock = false): Promise<DraftRow> {
  if (!isOfTeam(await teamPlace(tx, actor.user.id))) fail('not_found', { what: 'draft', id })
  const [row] = await tx.sql<DraftRow[]>`select ${draftColumns(tx)} from kb_draft d where d.id = ${id} ${lock ? tx.sql`for update` : tx.sql``}`
  return row ?? fail('not_found', { what: 'draft', id })
}

export type DraftExtras = Readonly<{ before: string | null; writers: readonly Readonly<{ id: string; name: string }>[]; events: readonly DraftEvent[] }>

export async function readExtras(tx: PlatformTx, row: DraftRow): Promise<DraftExtras> {
  const { sql } = tx
  const events = await sql<DraftEvent[]>`
    select at, user_id as "userId", user_name as "userName", act, revision, comment from kb_draft_event where draft_id = ${row.id} order by seq limit 1000`
  const writers = await sql<{ id: string; name: string }[]>`select id, name from app_user where id = any(${[...row.writers]}) order by name, id`
  return { before: row.check === 0 ? null : await textInForce(tx, row.check), writers, events }
}

/** The text of a check that is in force: published here, or shipped. */
export async function textInForce({ sql }: Pick<PlatformTx, 'sql'>, check: number): Promise<string | null> {
  const [own] = await sql<{ body: string | null }[]>`select case when signature is null then null else body end as body from kb_published where signature_id = ${check}`
  return own === undefined ? shippedText(check) : own.body
}

export type NewDraft = Readonly<{ intent: Intent; check?: number; text?: string; changeLog?: string }>

/** A draft of the author's, faults and all: it need be right only when it is submitted. */
export async function createDraft(tx: PlatformTx, actor: Actor, wanted: NewDraft, now: Date): Promise<string> {
  await mustBe(tx, actor, ['author'])
  const { sql } = tx
  const [open] = await sql<{ n: number }[]>`select count(*)::int as n from kb_draft where state not in ('published', 'abandoned')`
  if (open!.n >= most) fail('draft.too_many', { most })
  const { intent, check } = wanted
  if (intent !== 'add' && check === undefined) return fail('draft.check', { intent })
  const before = check === undefined || intent === 'add' ? null : await textInForce(tx, check)
  if (intent !== 'add' && before === null) fail('draft.unknown_check', { check: check!, intent })
  const body = intent === 'withdraw' ? '' : (wanted.text ?? before ?? '')
  const read = readDraftText(intent === 'withdraw' ? before! : body)
  const id = newId(now.getTime())
  await sql`
    insert into kb_draft (id, signature_id, intent, title, state, revision, body, signature, change_log, author_id, author_name, writers, created_at, changed_at)
    values (${id}, ${intent === 'add' ? read.check : check!}, ${intent}, ${read.title}, 'draft', 1, ${body}, ${jsonOf(tx, intent === 'withdraw' ? null : read.entry?.signature ?? null)},
      ${wanted.changeLog ?? ''}, ${actor.user.id}, ${actor.user.name}, ${[actor.user.id]}, ${now}, ${now})`
  await recordEvent(tx, actor, { id, revision: 1, check: intent === 'add' ? read.check : check!, title: read.title }, 'created', '', now)
  return id
}

/** A change of the text makes a new revision, which must be read and tried anew. */
export async function changeDraft(tx: PlatformTx, actor: Actor, id: string, change: Readonly<{ revision: number; text?: string; changeLog?: string }>, now: Date): Promise<void> {
  const row = await readDraft(tx, actor, id, true)
  await mustBe(tx, actor, ['author'])
  if (row.revision !== change.revision) fail('draft.revision', { now: row.revision, seen: change.revision })
  if (row.state !== 'draft') fail('draft.state', { state: row.state, act: 'changed; reopen it first' })
  const body = row.intent === 'withdraw' ? '' : (change.text ?? row.body)
  const read = readDraftText(body)
  const isText = body !== row.body
  const revision = row.revision + 1
  const check = row.intent === 'add' ? read.check : row.check
  const title = row.intent === 'withdraw' ? row.title : read.title
  await tx.sql`
    update kb_draft set signature_id = ${check}, title = ${title}, revision = ${revision}, body = ${body}, signature = ${jsonOf(tx, row.intent === 'withdraw' ? null : read.entry?.signature ?? null)},
      change_log = ${change.changeLog ?? row.change_log}, writers = ${row.writers.includes(actor.user.id) ? [...row.writers] : [...row.writers, actor.user.id]},
      regression = ${isText ? null : jsonOf(tx, row.regression)}, passed = ${isText ? null : row.passed}, changed_at = ${now}
    where id = ${id}`
  await recordEvent(tx, actor, { id, revision, check, title }, 'changed', '', now)
}

export function jsonOf({ sql }: Pick<PlatformTx, 'sql'>, value: unknown) {
  return value === null ? null : sql.json(value as never)
}

type Subject = Readonly<{ id: string; revision: number; check: number; title: string }>

/** In the history of the draft, and in the audit log of the organisation the person acts in. */
export async function recordEvent(tx: PlatformTx, actor: Actor, subject: Subject, act: DraftEventAct, comment: string, now: Date): Promise<void> {
  const { sql } = tx
  await sql`
    insert into kb_draft_event (draft_id, seq, at, user_id, user_name, act, revision, comment)
    select ${subject.id}, coalesce(max(seq), 0) + 1, ${now}, ${actor.user.id}, ${actor.user.name}, ${act}, ${subject.revision}, ${comment} from kb_draft_event where draft_id = ${subject.id}`
  await audit(inTenant(tx, actor.tenant), {
    actor, action: `kb.draft_${act}`, object: { kind: 'draft', id: subject.id, name: subject.title }, details: { check: subject.check, revision: subject.revision, comment },
  }, now)
}
