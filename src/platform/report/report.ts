import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { Jobs } from '#store/jobs.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Store, Tx } from '#store/store.ts'
import type { Actor, Scope } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { publish } from '../live.ts'

export const reportQueue = 'report'

export type ReportKind = 'executive' | 'technical' | 'top10'
export type ReportFormat = 'html' | 'pdf' | 'csv' | 'xlsx' | 'json' | 'sarif'
export type ReportState = 'queued' | 'running' | 'finished' | 'failed'

export type ReportRow = Readonly<{
  id: string; title: string; kind: ReportKind; format: ReportFormat; query: string; scope: Scope; state: ReportState; failure: string | null
  findings: number | null; bytes: number | null; createdById: string; createdBy: string; createdAt: Date; finishedAt: Date | null; expiresAt: Date
}>

const names: Readonly<Record<ReportKind, string>> = { executive: 'Executive', technical: 'Technical', top10: 'Top 10' }
const topTen = 'top10:internal,external'
const keptDays = 30
/** One person's click, many times over, must not fill the queue. */
const mostWaiting = 20

/** Asks for a report: the row and its job exist together or not at all. */
export async function createReport(
  tx: Tx, actor: Actor, wanted: Readonly<{ title?: string; kind: ReportKind; format: ReportFormat; query?: string }>, jobs: Jobs, now: Date,
): Promise<ReportRow> {
  const { sql, tenant } = tx
  const [waiting] = await sql<{ count: number }[]>`select count(*) as count from report where tenant_id = ${tenant} and state in ('queued', 'running')`
  if (waiting!.count >= mostWaiting) fail('report.too_many', { count: waiting!.count, most: mostWaiting })
  const id = newId(now.getTime())
  const title = wanted.title?.trim() || `${names[wanted.kind]} report ${now.toISOString().slice(0, 10)}`
  const asked = wanted.query?.trim() ?? ''
  const query = wanted.kind !== 'top10' ? asked : asked === '' ? topTen : `(${asked}) ${topTen}`
  const expires = new Date(now.getTime() + keptDays * 86_400_000)
  await sql`
    insert into report (tenant_id, id, title, kind, format, query, scope, state, created_by, created_by_name, created_at, expires_at)
    values (${tenant}, ${id}, ${title}, ${wanted.kind}, ${wanted.format}, ${query}, ${actor.scope === null ? null : sql.json(actor.scope as never)},
      'queued', ${actor.user.id}, ${actor.user.name}, ${now}, ${expires})`
  await audit(tx, { actor, action: 'report.requested', object: { kind: 'report', id, name: title }, details: { kind: wanted.kind, format: wanted.format, query } }, now)
  await jobs.queue(tx, reportQueue, { tenant, report: id })
  await publish(tx, 'report.changed', { id })
  return readReport(tx, actor, id)
}

/** Newest first, from before `position`. Who does not see the whole organisation sees their own reports only: another's may hold more. */
export async function listReports({ sql, tenant }: Tx, actor: Actor, position: readonly [Date, string] | null, limit: number): Promise<readonly ReportRow[]> {
  return sql<ReportRow[]>`
    select ${columns(sql)} from report
    where tenant_id = ${tenant} ${actor.scope === null ? sql`` : sql`and created_by = ${actor.user.id}`}
      ${position === null ? sql`` : sql`and (created_at, id) < (${position[0]}, ${position[1]})`}
    order by created_at desc, id desc limit ${limit}`
}

export async function readReport({ sql, tenant }: Tx, actor: Actor, id: string): Promise<ReportRow> {
  const [row] = await sql<ReportRow[]>`
    select ${columns(sql)} from report where tenant_id = ${tenant} and id = ${id} ${actor.scope === null ? sql`` : sql`and created_by = ${actor.user.id}`}`
  return row ?? fail('not_found', { what: 'report', id })
}

export async function deleteReport(tx: Tx, actor: Actor, id: string, dropBlob: (key: string) => Promise<unknown>, now: Date): Promise<void> {
  const report = await readReport(tx, actor, id)
  await tx.sql`delete from report where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'report.deleted', object: { kind: 'report', id, name: report.title } }, now)
  await publish(tx, 'report.changed', { id })
  tx.after(async () => void (await dropBlob(reportBlob(tx.tenant, id))))
}

/** For the worker, which acts for nobody in particular. */
export async function readAnyReport({ sql, tenant }: Tx, id: string): Promise<ReportRow | null> {
  const [row] = await sql<ReportRow[]>`select ${columns(sql)} from report where tenant_id = ${tenant} and id = ${id} for update`
  return row ?? null
}

/** Deletes what has run out, over all tenants, a bounded number at a time. The row goes first: a body without a row is found by nobody. */
export async function dropExpiredReports(store: Store, blobs: BlobStore, now: Date): Promise<number> {
  const gone = await store.platform(({ sql }) => sql<{ tenant_id: string; id: string }[]>`
    delete from report where (tenant_id, id) in (select tenant_id, id from report where expires_at < ${now} order by expires_at limit 500) returning tenant_id, id`)
  for (const { tenant_id, id } of gone) await blobs.drop(reportBlob(tenant_id, id))
  return gone.length
}

export function reportBlob(tenant: string, id: string): string {
  return `${tenant}/report/${id}`
}

function columns(sql: Tx['sql']) {
  return sql`id, title, kind, format, query, scope, state, failure, findings, bytes, created_by as "createdById", created_by_name as "createdBy",
    created_at as "createdAt", finished_at as "finishedAt", expires_at as "expiresAt"`
}
