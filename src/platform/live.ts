import type { Sql } from '#store/store.ts'

/** Channel of all live messages; who may hear one is decided where they are handed out, by `tenant`. */
export const liveChannel = 'live'

export type LiveMessage = Readonly<{ tenant: string; topic: string; data: Readonly<Record<string, unknown>> }>

/**
 * Tells the open consoles of the tenant that something changed, when (and only if) the transaction commits. A message is a hint
 * of what to fetch, not the thing itself: PostgreSQL allows 8000 bytes, so a larger one goes out without its data.
 * Topics are dotted words, subject first: `scan.progress`, `finding.changed`.
 */
export async function publish(tx: Readonly<{ tenant: string; sql: Sql }>, topic: string, data: Readonly<Record<string, unknown>> = {}): Promise<void> {
  let payload = JSON.stringify({ tenant: tx.tenant, topic, data } satisfies LiveMessage)
  if (Buffer.byteLength(payload) > 7900) payload = JSON.stringify({ tenant: tx.tenant, topic, data: {} } satisfies LiveMessage)
  await tx.sql`select pg_notify(${liveChannel}, ${payload})`
}
