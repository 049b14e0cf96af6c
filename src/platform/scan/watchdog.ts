import { countSlices, expiredSlices, leaseMs } from '#store/slices.ts'
import type { Store, Tx } from '#store/store.ts'
import { cutSlices, readyAhead } from './cut.ts'
import { expireSlice } from './slice.ts'
import {
  arm, cancelScan, endedStates, findScan, pauseScan, requeue, resumeScan, settle, waitingStates, windowClosed, type ScanRow,
} from './state.ts'
import { sameHourDaysLater } from '../schedule/zone.ts'

export type WatchdogOptions = Readonly<{
  store: Store
  onError(error: unknown): void
  now?: () => number
  everyMs?: number
}>

/**
 * Looks after every active scan, whatever happened to those who worked on it: leases that ran out return to the queue, windows
 * open and close, paused scans expire, and what can end ends. Safe to run in several processes. Returns the stop function.
 */
export function startWatchdog(options: WatchdogOptions): () => Promise<void> {
  const now = options.now ?? Date.now
  // Leases that ran out while no platform was there to hear say nothing of their scanners: give those one lease's time to speak.
  const graceUntil = now() + leaseMs
  let stopped = false
  let wake: () => void = () => {}
  const loop = (async () => {
    while (!stopped) {
      try {
        if (now() >= graceUntil) await expireLeases(options.store, now())
        await watchScans(options.store, now())
      } catch (error) {
        options.onError(error)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.everyMs ?? 2000)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  })()
  return async () => {
    stopped = true
    wake()
    await loop
  }
}

/** Returns slices whose leases have run out to the queue. */
export async function expireLeases(store: Store, now: number): Promise<number> {
  const expired = await store.platform((tx) => expiredSlices(tx, now, 200))
  for (const { id, tenant } of expired) {
    await store.write(tenant, (tx) => expireSlice(tx, id,
      (slice) => slice.lease_until !== null && slice.lease_until.getTime() < now, now))
  }
  return expired.length
}

/** While one process looks after a scan no other does; should it die over it, the scan is due again then. */
const claimMs = 10_000

/** Does what is due for scans over all tenants, each in its own transaction. */
export async function watchScans(store: Store, now: number): Promise<number> {
  // Claimed in a transaction of its own: whoever holds a scan may wait for its row here, so nobody may hold this row and wait for
  // a scan.
  const due = await store.platform((tx) => tx.sql<{ id: string; tenant_id: string }[]>`
    update due set at = ${new Date(now + claimMs)} where kind = 'scan' and id in (
      select id from due where kind = 'scan' and at <= ${new Date(now)} order by at limit 100 for update skip locked)
    returning id, tenant_id`)
  for (const { id, tenant_id: tenant } of due) await store.write(tenant, (tx) => watchScan(tx, id, now))
  return due.length
}

async function watchScan(tx: Tx, id: string, now: number): Promise<void> {
  // Decided without the scan's lock, since slices are locked before scans; each action looks again under its locks.
  const scan = await findScan(tx, id)
  if (scan === null) {
    await tx.sql`delete from due where tenant_id = ${tx.tenant} and kind = 'scan' and id = ${id}`
    return
  }
  const past = (time: Date | null): boolean => time !== null && time.getTime() <= now
  if (endedStates.includes(scan.state)) return arm(tx, id, now)
  if (past(scan.cancel_at) && scan.state !== 'Canceling') return cancelScan(tx, id, 'its time was up', now)
  if (scan.state === 'Paused' && past(scan.expires_at)) return cancelScan(tx, id, 'it was paused for 10 days', now)
  if (scan.state === 'Paused' && past(scan.resumes_at)) return resumeScan(tx, id, now)
  if (waitingStates.includes(scan.state) && past(scan.window_ends_at)) {
    return pauseScan(tx, id, windowClosed, now, await resumeTime(tx, scan))
  }
  if ((scan.last_heard_at?.getTime() ?? now) < now - leaseMs) await requeue(tx, id,
    'waiting for a scanner: the last one was lost', now)
  if ((await countSlices(tx, id)).ready < readyAhead) await cutSlices(tx, id, readyAhead, now)
  await settle(tx, id, now)
}

/**
 * So many days after its window opened, at the same hour on the schedule's clock; null waits for the schedule's next time, or for
 * a person.
 */
async function resumeTime(tx: Tx, scan: ScanRow): Promise<Date | null> {
  if (scan.resume_in_days === null) return null
  const opened = scan.window_ends_at!.getTime() - scan.pause_after_minutes! * 60_000
  const [schedule] = scan.schedule_id === null ? [] : await tx.sql<{ time_zone: string }[]>`
    select time_zone from schedule where tenant_id = ${tx.tenant} and id = ${scan.schedule_id}`
  return new Date(sameHourDaysLater(opened, scan.resume_in_days, schedule?.time_zone ?? 'UTC'))
}
