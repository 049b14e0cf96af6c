import { fail } from '#core/errors.ts'
import { countAddresses, formatIpSet, type IpSet } from '#core/ip-set.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { lockRegister, storedSet, type Register } from './register.ts'

export type Exclusion = Readonly<{ id: string; set: IpSet; names: readonly string[]; comment: string; until: Date | null }>

/** What must not be scanned in the network at this moment. To be asked again each time work is handed out. */
export async function exclusionsInForce(tx: Tx, network: string, at: Date): Promise<readonly Exclusion[]> {
  const rows = await tx.sql<{ id: string; ranges: string; names: string[]; comment: string; expires_at: Date | null }[]>`
    select id, ranges, names, comment, expires_at from exclusion
    where tenant_id = ${tx.tenant} and network_id = ${network} and ended_at is null and (expires_at is null or expires_at > ${at}) order by created_at, id`
  return rows.map((row) => ({ id: row.id, set: storedSet(row.ranges), names: row.names, comment: row.comment, until: row.expires_at }))
}

export async function addExclusion(
  tx: Tx, network: string, what: Register,
  about: Readonly<{ comment: string; until: Date | null; by: Readonly<{ id: string; name: string }>; at: Date }>,
): Promise<string> {
  if (about.until !== null && about.until <= about.at) fail('exclusion.expired', { until: about.until.toISOString() })
  await lockRegister(tx, network)
  const id = newId(about.at.getTime())
  await tx.sql`
    insert into exclusion (tenant_id, id, network_id, ranges, names, addresses, comment, expires_at, created_by, created_by_name, created_at)
    values (${tx.tenant}, ${id}, ${network}, ${formatIpSet(what.set)}, ${what.names as string[]}, ${`${countAddresses(what.set) + BigInt(what.names.length)}`}, ${about.comment},
      ${about.until}, ${about.by.id}, ${about.by.name}, ${about.at})`
  return id
}

/** Ends it now. The record stays. */
export async function endExclusion(tx: Tx, id: string, by: string, at: Date): Promise<void> {
  const [row] = await tx.sql<{ ended_at: Date | null }[]>`select ended_at from exclusion where tenant_id = ${tx.tenant} and id = ${id} for update`
  if (row === undefined) fail('not_found', { what: 'exclusion', id })
  if (row.ended_at !== null) fail('exclusion.ended')
  await tx.sql`update exclusion set ended_at = ${at}, ended_by_name = ${by} where tenant_id = ${tx.tenant} and id = ${id}`
}
