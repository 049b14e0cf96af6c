import { newId } from './id.ts'
import type { PlatformTx, Tx } from './store.ts'

/** NOTIFY channel on which scanners are woken; the payload is the tenant. */
export const sliceChannel = 'slice'

/** How long a lease lives without a report. Scanners report every three seconds, so this is ten missed ones. */
export const leaseMs = 30_000
/** Slices of one tenant that may be out at once, so that no tenant takes the whole pool. Urgent ones do not count. */
export const tenantCap = 16
/** Priority of a verification: served beside a full scanner, before everything else. */
export const urgent = 10
/** From this many fruitless leases on, a slice is a suspect: it runs alone, so that a death is its own. */
export const suspectAfter = 2

export type SliceState = 'ready' | 'leased' | 'held'
export type Wish = 'go on' | 'pause' | 'stop'

export type SliceRow = Readonly<{
  id: string
  tenant_id: string
  scan_id: string
  network_id: string
  scanner_id: string | null
  priority: number
  state: SliceState
  wish: Wish
  seq: number
  hosts: number
  attempts: number
  progressed: boolean
  leased_by: string | null
  lease_until: Date | null
}>

const columns = [
  'id', 'tenant_id', 'scan_id', 'network_id', 'scanner_id', 'priority', 'state', 'wish', 'seq', 'hosts', 'attempts', 'progressed',
  'leased_by', 'lease_until',
] as const

/**
 * Which scanner asks: `tenant` null is the platform's own, which serves every tenant's default network (whose id is the
 * tenant's).
 */
export type Claimant = Readonly<{ id: string; tenant: string | null; network: string | null }>

export type NewSlice = Readonly<{ scan: string; network: string; scanner: string | null; priority: number; hosts: number }>

/** Queues a slice in the tenant's transaction and wakes scanners at its commit. Returns the slice's id. */
export async function queueSlice(tx: Tx, slice: NewSlice, now: number): Promise<string> {
  const id = newId(now)
  await tx.sql`insert into slice_turn (tenant_id, served) values (${tx.tenant}, 0) on conflict (tenant_id) do nothing`
  await tx.sql`insert into scan_slice
    (id, tenant_id, scan_id, network_id, scanner_id, priority, state, wish, seq, hosts, attempts, progressed, created_at)
    values (${id}, ${tx.tenant}, ${slice.scan}, ${slice.network}, ${slice.scanner}, ${slice.priority}, 'ready', 'go on', 1,
    ${slice.hosts}, 0, false, ${new Date(now)})`
  await wake(tx)
  return id
}

/** Wakes waiting scanners when the transaction commits. */
export async function wake(tx: Tx): Promise<void> {
  await tx.sql`select pg_notify(${sliceChannel}, ${tx.tenant})`
}

/**
 * Leases at most `most` slices to the scanner: the tenant served longest ago first, within it by priority. With `most` 0 only
 * an urgent slice is given, so that a verification does not wait for a full scanner.
 */
export async function claimSlices(tx: PlatformTx, who: Claimant, most: number, now: number): Promise<readonly SliceRow[]> {
  const claimed: SliceRow[] = []
  // One claim at a time over all processes: a claim takes a millisecond or two and is 64 hosts of work, so fairness can be exact.
  await tx.sql`select pg_advisory_xact_lock(7301, 2)`
  const mine = await tx.sql<{ attempts: number }[]>`
    select attempts from scan_slice where state = 'leased' and leased_by = ${who.id}`
  let busy = mine.length > 0
  if (mine.some((row) => row.attempts >= suspectAfter)) return claimed
  for (let left = Math.max(most, 1); left > 0; left--) {
    const slice = await claimOne(tx, who, most === 0, now)
    // A suspect waits until the scanner is empty; claiming nothing more is what empties it.
    if (slice === null) return claimed
    if (slice.attempts >= suspectAfter && busy) {
      await tx.sql`update scan_slice set state = 'ready', leased_by = null, lease_until = null where id = ${slice.id}`
      return claimed
    }
    claimed.push(slice)
    if (slice.attempts >= suspectAfter) return claimed
    busy = true
  }
  return claimed
}

async function claimOne(tx: PlatformTx, who: Claimant, onlyUrgent: boolean, now: number): Promise<SliceRow | null> {
  const { sql } = tx
  const fits = sql`s.state = 'ready' and (s.scanner_id is null or s.scanner_id = ${who.id}) and s.priority >= ${onlyUrgent ? urgent : 0} and ${
    who.tenant === null ? sql`s.network_id = s.tenant_id` : sql`s.tenant_id = ${who.tenant} and s.network_id = ${who.network}`}`
  const [turn] = await sql<{ tenant_id: string }[]>`
    select t.tenant_id from slice_turn t
    where exists (select from scan_slice s where s.tenant_id = t.tenant_id and ${fits}
        and (s.priority >= ${urgent} or ${tenantCap} > (
          select count(*) from scan_slice l where l.tenant_id = t.tenant_id and l.state = 'leased' and l.priority < ${urgent})))
    order by exists (select from scan_slice s where s.tenant_id = t.tenant_id and ${fits} and s.priority >= ${urgent}) desc,
    t.served, t.tenant_id
    limit 1`
  if (turn === undefined) return null
  const [slice] = await sql<SliceRow[]>`
    update scan_slice set state = 'leased', leased_by = ${who.id}, lease_until = ${new Date(now + leaseMs)}, progressed = false
    where id = (select s.id from scan_slice s where s.tenant_id = ${turn.tenant_id} and ${fits}
      order by s.priority desc, s.attempts, s.created_at, s.id limit 1 for update skip locked)
    returning ${sql(columns)}`
  await sql`update slice_turn set served = 1 + (select max(served) from slice_turn) where tenant_id = ${turn.tenant_id}`
  return slice ?? null
}

/** The slice, locked until the transaction ends; null when it is gone. */
export async function lockSlice(tx: Tx, id: string): Promise<SliceRow | null> {
  const [row] = await tx.sql<SliceRow[]>`
    select ${tx.sql(columns)} from scan_slice where tenant_id = ${tx.tenant} and id = ${id} for update`
  return row ?? null
}

/** Renews a lease after a report; also takes back one that had run out while nobody else had the slice. */
export async function renewLease(tx: Tx, slice: SliceRow, seq: number, progressed: boolean, now: number): Promise<void> {
  await tx.sql`update scan_slice set state = 'leased', seq = ${seq}, lease_until = ${new Date(now + leaseMs)},
    progressed = progressed or ${progressed}, attempts = case when ${progressed} then 0 else attempts end
    where tenant_id = ${tx.tenant} and id = ${slice.id}`
}

/** Back to the queue, or set aside when its scan is paused. `fruitless` counts a lease that got no host through. */
export async function returnSlice(tx: Tx, slice: SliceRow, hosts: number, fruitless: boolean): Promise<void> {
  await tx.sql`update scan_slice set state = ${slice.wish === 'pause' ? 'held' : 'ready'}, hosts = ${hosts}, lease_until = null,
    attempts = ${fruitless ? slice.attempts + 1 : slice.attempts}, progressed = false
    where tenant_id = ${tx.tenant} and id = ${slice.id}`
  await wake(tx)
}

export async function dropSlice(tx: Tx, id: string): Promise<void> {
  await tx.sql`delete from scan_slice where tenant_id = ${tx.tenant} and id = ${id}`
}

/** Tells all slices of a scan to pause or stop; what is not leased is set aside or dropped at once. */
export async function stopSlices(tx: Tx, scan: string, wish: 'pause' | 'stop'): Promise<void> {
  await tx.sql`update scan_slice set wish = ${wish}, state = case when state = 'ready' then 'held' else state end
    where tenant_id = ${tx.tenant} and scan_id = ${scan}`
  if (wish === 'stop') await tx.sql`delete from scan_slice where tenant_id = ${tx.tenant} and scan_id = ${scan} and state = 'held'`
}

export async function resumeSlices(tx: Tx, scan: string): Promise<void> {
  await tx.sql`update scan_slice set wish = 'go on', state = case when state = 'held' then 'ready' else state end
    where tenant_id = ${tx.tenant} and scan_id = ${scan}`
  await wake(tx)
}

export type SliceCounts = Readonly<{ ready: number; leased: number; held: number }>

export async function countSlices(tx: Tx, scan: string): Promise<SliceCounts> {
  const rows = await tx.sql<{ state: SliceState; n: number }[]>`
    select state, count(*)::int as n from scan_slice where tenant_id = ${tx.tenant} and scan_id = ${scan} group by state`
  const of = (state: SliceState): number => rows.find((row) => row.state === state)?.n ?? 0
  return { ready: of('ready'), leased: of('leased'), held: of('held') }
}

/** Leases that have run out, over all tenants; each is then handled in its tenant's own transaction. */
export async function expiredSlices(tx: PlatformTx, now: number,
  most: number): Promise<readonly Readonly<{ id: string; tenant: string }>[]> {
  return tx.sql<{ id: string; tenant: string }[]>`
    select id, tenant_id as tenant from scan_slice where state = 'leased' and lease_until < ${new Date(now)} order by lease_until limit ${most}`
}

/** Slices held by one scanner, which has just said that it started afresh, or was removed. */
export async function slicesOf(tx: PlatformTx, scanner: string): Promise<readonly Readonly<{ id: string; tenant: string }>[]> {
  return tx.sql<{ id: string; tenant: string }[]>`
    select id, tenant_id as tenant from scan_slice where state = 'leased' and leased_by = ${scanner}`
}

export async function tenantOfSlice(tx: PlatformTx, id: string): Promise<string | null> {
  const [row] = await tx.sql<{ tenant_id: string }[]>`select tenant_id from scan_slice where id = ${id}`
  return row?.tenant_id ?? null
}
