import { fail } from '#core/errors.ts'
import type { Severity } from '#core/signature.ts'
import type { Jobs } from '#store/jobs.ts'
import type { Tx } from '#store/store.ts'
import { allow, type Actor } from '../access/actor.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { audit } from '../audit/audit.ts'
import { inScope } from '../finding/list.ts'
import { publish } from '../live.ts'

/** Jobs {tenant, check}: brings the findings of a check to its edits, should whoever edited it not live to do it. */
export const settleQueue = 'settle-check'

export type EditField = 'severity' | 'disabled' | 'threat' | 'impact' | 'solution'
export type EditRow = Readonly<{ check: number; field: EditField; severity: Severity | null; text: string; by_name: string; at: Date }>

/** What an organisation says of a check. Absent stays as it is, null (or `disabled: false`) takes it back. `comment` is the reason for severity and disabling. */
export type EditChange = Readonly<{
  severity?: Severity | null; disabled?: boolean; comment?: string; threat?: string | null; impact?: string | null; solution?: string | null
}>

const words = ['threat', 'impact', 'solution'] as const

/**
 * Changes what a check means here. It stands when the transaction does; the findings follow by `settleFindings` after it. Only for who manages the whole
 * organisation: it changes what everybody in it sees. Answers whether findings have to follow.
 */
export async function changeEdit(tx: Tx, actor: Actor, check: Readonly<{ id: number; title: string }>, change: EditChange, now: Date, jobs?: Jobs): Promise<boolean> {
  allow(actor, 'kb.edit')
  if (actor.scope !== null) fail('forbidden', { action: 'change what a check means for the whole organisation' })
  const before = new Map((await readEdits(tx, [check.id])).map((row) => [row.field, row]))
  const wanted: Partial<Record<EditField, Readonly<{ severity: Severity | null; text: string }> | null>> = {}
  const why = change.comment?.trim() ?? ''
  if (change.severity !== undefined) wanted.severity = change.severity === null ? null : { severity: change.severity, text: why }
  if (change.disabled !== undefined) wanted.disabled = change.disabled ? { severity: null, text: why } : null
  for (const field of words) {
    const text = change[field]
    if (text !== undefined) wanted[field] = text === null || text.trim() === '' ? null : { severity: null, text: text.trim() }
  }
  const fields = Object.keys(wanted) as EditField[]
  const { sql, tenant } = tx
  for (const field of fields) {
    const next = wanted[field]!
    const known = before.get(field)
    if (next === null) await sql`delete from check_edit where tenant_id = ${tenant} and signature_id = ${check.id} and field = ${field}`
    else if (known === undefined || known.severity !== next.severity || known.text !== next.text) {
      await sql`
        insert into check_edit (tenant_id, signature_id, field, severity, text, by_id, by_name, at)
        values (${tenant}, ${check.id}, ${field}, ${next.severity}, ${next.text}, ${actor.user.id}, ${actor.user.name}, ${now})
        on conflict (tenant_id, signature_id, field) do update set severity = excluded.severity, text = excluded.text, by_id = excluded.by_id, by_name = excluded.by_name, at = excluded.at`
    }
  }
  if (fields.length === 0) return false
  await audit(tx, {
    actor, action: 'kb.check_edited', object: { kind: 'check', id: `${check.id}`, name: check.title },
    details: Object.fromEntries(fields.map((field) => [field, { before: tell(before.get(field)), after: tell(wanted[field]) }])),
  }, now)
  await publish(tx, 'kb.edited', { check: check.id })
  const follow = change.severity !== undefined || change.disabled !== undefined
  if (follow) await jobs?.queue(tx, settleQueue, { tenant, check: check.id }, { once: `${tenant}/${check.id}` })
  return follow
}

function tell(edit: Readonly<{ severity: Severity | null; text: string }> | null | undefined): object | null {
  return edit === undefined || edit === null ? null : { ...(edit.severity === null ? {} : { severity: edit.severity }), text: edit.text.slice(0, 1000) }
}

/** Of these checks; without them of all, by number. */
export async function readEdits({ sql, tenant }: Tx, checks?: readonly number[]): Promise<readonly EditRow[]> {
  return sql<EditRow[]>`
    select signature_id as check, field, severity, text, by_name, at from check_edit
    where tenant_id = ${tenant} ${checks === undefined ? sql`` : sql`and signature_id = any(${checks as number[]}::int[])`} order by signature_id, field limit 5000`
}

/**
 * What the checks are called and rated by the KnowledgeBase, where the database has them, and how many findings are hidden. `scope` undefined: the reader may not see
 * findings at all.
 */
export async function aboutChecks(tx: Tx, checks: readonly number[], scope: ScopeGroups | undefined): Promise<ReadonlyMap<number, Readonly<{ title: string; severity: Severity; hidden: number }>>> {
  const { sql, tenant } = tx
  const rows = await sql<{ id: number; title: string; severity: Severity }[]>`select s.id, s.title, s.severity from signature s where s.id = any(${checks as number[]}::int[])`
  const hidden = scope === undefined ? [] : await sql<{ id: number; n: number }[]>`
    select f.signature_id as id, count(*)::int as n from finding f
    where f.tenant_id = ${tenant} and f.signature_id = any(${checks as number[]}::int[]) and f.disabled ${inScope(tx, scope)} group by f.signature_id`
  return new Map(rows.map(({ id, title, severity }) => [id, { title, severity, hidden: hidden.find((row) => row.id === id)?.n ?? 0 }]))
}

/** Findings of a check, counted up to `most`. */
export async function countFindings({ sql, tenant }: Tx, check: number, most: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from (select from finding f where f.tenant_id = ${tenant} and f.signature_id = ${check} limit ${most}) o`
  return row!.n
}
