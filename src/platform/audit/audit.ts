import { createHash } from 'node:crypto'
import { newId } from '#store/id.ts'
import type { Sql } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'

/** `system` is the program itself: schedules, workers, the operator's command line. */
export type AuditActor = Actor | Readonly<{ system: string }>

export type AuditEntry = Readonly<{
  actor: AuditActor
  /** Subject and past participle: `scan.launched`, `member.role_changed`, `asset.authority_declared`. A contract: never renamed. */
  action: string
  object?: Readonly<{ kind: string; id: string; name?: string }>
  /** What changed; never a secret. Kept under 16 KB. */
  details?: Readonly<Record<string, unknown>>
}>

/**
 * Writes an entry in the transaction of the act itself: both happen or neither. Entries of one tenant wait for each other, since
 * each carries the hash of the one before.
 */
export async function audit(tx: Readonly<{ tenant: string; sql: Sql }>, entry: AuditEntry, now: Date = new Date()): Promise<void> {
  const { tenant, sql } = tx
  const head = await lockHead(tx)
  const event = describe(tenant, head.seq + 1, entry, now)
  const hash = chain(head.hash, event)
  await sql`
    insert into audit_event (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, ip, action, object_kind, object_id, object_name, details, previous, hash)
    values (${tenant}, ${event.seq}, ${event.id}, ${event.at}, ${event.actorKind}, ${event.actorId}, ${event.actorName}, ${event.ip}, ${event.action},
      ${event.objectKind}, ${event.objectId}, ${event.objectName}, ${sql.json(event.details as never)}, ${head.hash}, ${hash})`
  await sql`update audit_head set seq = ${event.seq}, hash = ${hash} where tenant_id = ${tenant}`
}

export type AuditEvent = Readonly<{
  seq: number; id: string; at: Date; actorKind: 'person' | 'token' | 'system'; actorId: string | null; actorName: string; ip: string | null
  action: string; objectKind: string | null; objectId: string | null; objectName: string | null; details: Readonly<Record<string, unknown>>
}>

/** The hash of an entry: over the one before it and every field, in one fixed form. */
export function chain(previous: Uint8Array, event: AuditEvent & Readonly<{ tenant: string }>): Buffer {
  const fields = [
    event.tenant, event.seq, event.id, event.at.toISOString(), event.actorKind, event.actorId, event.actorName, event.ip, event.action,
    event.objectKind, event.objectId, event.objectName, sorted(event.details),
  ]
  return createHash('sha256').update(previous).update(JSON.stringify(fields)).digest()
}

/** What the first entry of a chain carries as the hash before it. */
export const genesis = Buffer.alloc(32)

async function lockHead({ tenant, sql }: Readonly<{ tenant: string; sql: Sql }>): Promise<Readonly<{ seq: number; hash: Uint8Array }>> {
  type Head = { seq: number; hash: Uint8Array }
  const [known] = await sql<Head[]>`select seq, hash from audit_head where tenant_id = ${tenant} for update`
  if (known !== undefined) return known
  await sql`insert into audit_head (tenant_id, seq, hash) values (${tenant}, 0, ${genesis}) on conflict (tenant_id) do nothing`
  const [made] = await sql<Head[]>`select seq, hash from audit_head where tenant_id = ${tenant} for update`
  return made!
}

function describe(tenant: string, seq: number, { actor, action, object, details }: AuditEntry, now: Date): AuditEvent & Readonly<{ tenant: string }> {
  const who = 'system' in actor
    ? { actorKind: 'system' as const, actorId: null, actorName: clean(actor.system), ip: null }
    : { actorKind: actor.via.kind === 'token' ? 'token' as const : 'person' as const, actorId: actor.user.id, actorName: clean(actor.user.name), ip: actor.ip === null ? null : clean(actor.ip) }
  return {
    tenant, seq, id: newId(now.getTime()), at: now, ...who, action,
    objectKind: object?.kind ?? null, objectId: object === undefined ? null : clean(object.id), objectName: object?.name === undefined ? null : clean(object.name),
    details: bounded(details ?? {}),
  }
}

/** What PostgreSQL cannot store in text would lose the act with the entry. */
function clean(text: string): string {
  return text.replaceAll('\0', '�').toWellFormed().slice(0, 400)
}

const mostDetails = 16_384

function bounded(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(details, (_, value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '�').toWellFormed() : value))
  if (text.length > mostDetails) return { cut: true, size: text.length, text: text.slice(0, 2000).toWellFormed() }
  return JSON.parse(text) as Record<string, unknown>
}

/** jsonb keeps no order of keys, so the hash must not depend on it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)])
}
