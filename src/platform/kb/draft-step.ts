import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { jsonOf, readDraft, recordEvent, textInForce, type DraftEventAct, type DraftRow, type DraftState } from './draft.ts'
import { publishedTexts } from './content-folder.ts'
import { tellOwnChecks } from './draft-source.ts'
import { mustBe, type TeamPlace } from './draft-team.ts'
import { readDraftText, shipped } from './draft-text.ts'
import { runRegression } from './regression.ts'
import { storePublished, storeStaged } from './release.ts'

export type Act = 'change' | 'submit' | 'approve' | 'reject' | 'regress' | 'stage' | 'publish' | 'reopen' | 'abandon'

type Step = Readonly<{ from: readonly DraftState[]; to: DraftState | null; by: readonly (keyof TeamPlace)[]; done: DraftEventAct; words: string }>

/** The whole way of a draft. `to` null: the state stays, or the outcome decides. */
const steps: Readonly<Record<Act, Step>> = {
  change: { from: ['draft'], to: null, by: ['author'], done: 'changed', words: 'changed' },
  submit: { from: ['draft'], to: 'review', by: ['author'], done: 'submitted', words: 'submitted' },
  approve: { from: ['review'], to: 'approved', by: ['reviewer'], done: 'approved', words: 'approved' },
  reject: { from: ['review'], to: 'draft', by: ['reviewer'], done: 'rejected', words: 'rejected' },
  regress: { from: ['draft', 'review', 'approved', 'tested'], to: null, by: ['author', 'reviewer', 'publisher'], done: 'regressed', words: 'tried on the fixtures' },
  stage: { from: ['tested'], to: 'staged', by: ['publisher'], done: 'staged', words: 'staged' },
  publish: { from: ['staged'], to: 'published', by: ['publisher'], done: 'published', words: 'published' },
  reopen: { from: ['review', 'approved', 'tested', 'staged'], to: 'draft', by: ['author', 'reviewer', 'publisher'], done: 'reopened', words: 'reopened' },
  abandon: { from: ['draft', 'review', 'approved', 'tested', 'staged'], to: 'abandoned', by: ['author', 'publisher'], done: 'abandoned', words: 'abandoned' },
}

/** What this person may do with the draft now. */
export function mayDo(row: Pick<DraftRow, 'state' | 'writers'>, user: string, place: TeamPlace): Act[] {
  return (Object.keys(steps) as Act[]).filter((act) =>
    steps[act].from.includes(row.state) && steps[act].by.some((one) => place[one]) && !(act === 'approve' && row.writers.includes(user)))
}

export type StepChoice = Readonly<{ revision: number; comment?: string; changeLog?: string }>

/**
 * Takes a draft one step further. Throws `not_found`, `draft.team`, `draft.state`, `draft.revision`, and what the step itself asks: `draft.own`, `draft.problems`,
 * `draft.change_log`, `draft.regression`, `draft.under_way`.
 */
export async function takeStep(store: Store, actor: Actor, id: string, act: Exclude<Act, 'change' | 'regress'>, choice: StepChoice, now: Date): Promise<void> {
  await store.platform(async (tx) => {
    const row = await begin(tx, actor, id, act, choice.revision)
    if (act === 'submit') await mustBeReady(tx, row)
    if (act === 'approve' && row.writers.includes(actor.user.id)) fail('draft.own')
    if (act === 'stage' || act === 'publish') await mustHavePassed(tx, row)
    const comment = act === 'publish' ? await publish(tx, row, choice.changeLog, now) : (choice.comment ?? '')
    const reviewer = act === 'approve' ? actor.user : steps[act].to === 'draft' || act === 'submit' ? null : undefined
    await tx.sql`
      update kb_draft set state = ${steps[act].to}, changed_at = ${now} ${reviewer === undefined ? tx.sql`` : tx.sql`, reviewer_id = ${reviewer?.id ?? null}, reviewer_name = ${reviewer?.name ?? null}`}
      where id = ${id}`
    if (act === 'stage' && row.signature !== null) {
      await storeStaged(tx, [row.signature])
      await tx.sql`update kb_draft set staged_as = ${row.check} where id = ${id}`
    }
    if (act === 'stage' || act === 'publish' || row.state === 'staged') await tellOwnChecks(tx)
    await recordEvent(tx, actor, row, steps[act].done, comment, now)
  })
}

async function begin(tx: PlatformTx, actor: Actor, id: string, act: Act, revision: number): Promise<DraftRow> {
  const row = await readDraft(tx, actor, id, true)
  const { by, from, words } = steps[act]
  await mustBe(tx, actor, by)
  if (row.revision !== revision) fail('draft.revision', { now: row.revision, seen: revision })
  if (!from.includes(row.state)) fail('draft.state', { state: row.state, act: words })
  return row
}

/** From here on Vigil is shipped with no check, ever. */
const firstOwnCheck = 9_000_000

/** What is wrong with a draft beyond its text: its number and version against what is in force. */
export async function problemsOf(tx: PlatformTx, row: DraftRow): Promise<readonly Readonly<{ field: string; text: string }>[]> {
  if (row.intent === 'withdraw') return []
  const { entry, problems } = readDraftText(row.body)
  if (entry === null) return problems
  const { id, version } = entry.signature
  if (row.intent === 'change' && id !== row.check) return [{ field: 'id', text: `must stay ${row.check}` }]
  const before = await textInForce(tx, id)
  if (row.intent === 'add') {
    if (id < firstOwnCheck) return [{ field: 'id', text: `must be ${firstOwnCheck} or more: an update of Vigil may bring a check ${id}` }]
    const [known] = await tx.sql`select id from signature where id = ${id} and not exists (select from kb_draft d where d.id = ${row.id} and d.staged_as = ${id})`
    return before === null && known === undefined ? [] : [{ field: 'id', text: `${id} is taken; numbers are never used twice` }]
  }
  const now = before === null ? 0 : (readDraftText(before).entry?.signature.version ?? 1)
  return version > now ? [] : [{ field: 'version', text: `must be above ${now}, which is in force` }]
}

async function mustBeReady(tx: PlatformTx, row: DraftRow): Promise<void> {
  const problems = await problemsOf(tx, row)
  if (problems.length > 0) fail('draft.problems', { count: problems.length, first: `${problems[0]!.field} ${problems[0]!.text}`.trim() })
  mustSayWhy(row.change_log)
  // Two drafts of one check, submitted at once: the second waits here and then sees the first.
  await tx.sql`select pg_advisory_xact_lock(7303, ${row.check})`
  const [other] = await tx.sql`
    select id from kb_draft where signature_id = ${row.check} and id <> ${row.id} and state in ('review', 'approved', 'tested', 'staged')`
  if (other !== undefined) fail('draft.under_way', { check: row.check })
}

function mustSayWhy(text: string): string {
  return text.trim().length >= 10 ? text.trim() : fail('draft.change_log')
}

async function mustHavePassed(tx: PlatformTx, row: DraftRow): Promise<void> {
  if (row.passed !== true || row.regression?.revision !== row.revision) fail('draft.regression', { problem: row.passed === false ? 'it failed' : 'it was not run' })
  const problems = await problemsOf(tx, row)
  if (problems.length > 0) fail('draft.problems', { count: problems.length, first: `${problems[0]!.field} ${problems[0]!.text}`.trim() })
}

/** Into what everybody is judged by, with its entry in the change log. Returns the entry. */
async function publish(tx: PlatformTx, row: DraftRow, changeLog: string | undefined, now: Date): Promise<string> {
  const text = mustSayWhy(changeLog === undefined || changeLog.trim() === '' ? row.change_log : changeLog)
  const { signature } = row
  const isNew = row.intent === 'add'
  await tx.sql`
    insert into kb_published (signature_id, draft_id, signature, body, published_at) values (${row.check}, ${row.id}, ${jsonOf(tx, signature)}, ${row.body}, ${now})
    on conflict (signature_id) do update set draft_id = excluded.draft_id, signature = excluded.signature, body = excluded.body, published_at = excluded.published_at`
  await tx.sql`
    insert into kb_release_note (id, draft_id, signature_id, title, kind, severity, text, at)
    values (${newId(now.getTime())}, ${row.id}, ${row.check}, ${row.title}, ${row.intent === 'withdraw' ? 'withdrawn' : isNew ? 'added' : 'changed'}, ${signature?.severity ?? 0}, ${text}, ${now})`
  await tx.sql`update kb_draft set change_log = ${text} where id = ${row.id}`
  if (signature === null) await tx.sql`update signature set retired = true where id = ${row.check}`
  else await storePublished(tx, signature)
  return text
}

/**
 * Tries the draft on all fixtures, outside of any transaction, since it takes seconds. Passed after its approval, it is `tested`; failed, it stays where it is, and one
 * that was tested is approved again only.
 */
export async function regressDraft(store: Store, actor: Actor, id: string, revision: number, now: () => Date): Promise<void> {
  const { row, published } = await store.platform(async (tx) => {
    const found = await begin(tx, actor, id, 'regress', revision)
    const problems = await problemsOf(tx, found)
    if (problems.length > 0) fail('draft.problems', { count: problems.length, first: `${problems[0]!.field} ${problems[0]!.text}`.trim() })
    return { row: found, published: await publishedTexts(tx) }
  })
  const started = performance.now()
  const result = await runRegression({ text: row.intent === 'withdraw' ? null : row.body, check: row.check, content: shipped, published })
  const ms = Math.round(performance.now() - started)
  await store.platform(async (tx) => {
    const { state } = await begin(tx, actor, id, 'regress', revision)
    const at = now()
    const next = state === 'approved' || state === 'tested' ? (result.passed ? 'tested' : 'approved') : state
    await tx.sql`
      update kb_draft set state = ${next}, passed = ${result.passed}, regression = ${tx.sql.json({ ...result, revision, at: at.toISOString(), ms } as never)}, changed_at = ${at} where id = ${id}`
    await recordEvent(tx, actor, row, 'regressed', result.passed ? `passed on ${result.fixtures} fixtures` : `${result.failures} of ${result.fixtures} fixtures failed`, at)
  })
}
