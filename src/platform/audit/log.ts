import type { Sql } from '#store/store.ts'
import { chain, genesis, type AuditEvent } from './audit.ts'

export type AuditFilter = Readonly<{
  action?: string
  actor?: string
  object?: string
  from?: Date
  to?: Date
}>

type Row = AuditEvent & Readonly<{ previous: Uint8Array; hash: Uint8Array }>
type Reader = Readonly<{ tenant: string; sql: Sql }>

/** Newest first; `before` is the last seq of the page before. `action` may be a subject (`scan`) or a whole action. */
export async function listAudit({ tenant, sql }: Reader, filter: AuditFilter, before: number | null, limit: number): Promise<readonly AuditEvent[]> {
  return sql<Row[]>`
    select ${columns(sql)} from audit_event
    where tenant_id = ${tenant}
      ${before === null ? sql`` : sql`and seq < ${before}`}
      ${filter.action === undefined ? sql`` : sql`and (action = ${filter.action} or starts_with(action, ${`${filter.action}.`}))`}
      ${filter.actor === undefined ? sql`` : sql`and actor_id = ${filter.actor}`}
      ${filter.object === undefined ? sql`` : sql`and object_id = ${filter.object}`}
      ${filter.from === undefined ? sql`` : sql`and at >= ${filter.from}`}
      ${filter.to === undefined ? sql`` : sql`and at < ${filter.to}`}
    order by seq desc limit ${limit}`
}

export type AuditState = Readonly<{ whole: boolean; entries: number; /** First entry that is missing or does not fit its hash. */ brokenAt: number | null; head: string }>

/** Recomputes the whole chain, a block at a time, up to its recorded end. */
export async function verifyAudit({ tenant, sql }: Reader): Promise<AuditState> {
  const [head] = await sql<{ seq: number; hash: Uint8Array }[]>`select seq, hash from audit_head where tenant_id = ${tenant}`
  let previous: Uint8Array = genesis
  let seq = 0
  for (;;) {
    const rows = await sql<Row[]>`
      select ${columns(sql)}, previous, hash from audit_event where tenant_id = ${tenant} and seq > ${seq} order by seq limit 2000`
    for (const row of rows) {
      const fits = row.seq === seq + 1 && same(row.previous, previous) && same(row.hash, chain(previous, { ...row, tenant }))
      if (!fits) return { whole: false, entries: seq, brokenAt: seq + 1, head: hex(previous) }
      seq = row.seq
      previous = row.hash
    }
    if (rows.length < 2000) break
  }
  const isWhole = seq === (head?.seq ?? 0) && same(previous, head?.hash ?? genesis)
  return { whole: isWhole, entries: seq, brokenAt: isWhole ? null : seq + 1, head: hex(previous) }
}

const columns = (sql: Sql) => sql`
  seq, id, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName", ip, action,
  object_kind as "objectKind", object_id as "objectId", object_name as "objectName", details`

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
