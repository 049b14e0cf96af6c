import { fail } from '#core/errors.ts'
import { countSlices, resumeSlices, stopSlices } from '#store/slices.ts'
import type { Tx } from '#store/store.ts'
import { publish } from '../live.ts'
import { cutSlices, readyAhead } from './cut.ts'

export type ScanState = 'Queued' | 'Loading' | 'Running' | 'Pausing' | 'Paused' | 'Canceling' | 'Canceled' | 'Finished' | 'Error'
export const waitingStates: readonly ScanState[] = ['Queued', 'Loading', 'Running']
export const endedStates: readonly ScanState[] = ['Canceled', 'Finished', 'Error']

/** How long a paused scan is kept. */
export const pausedDays = 10
/** Why a scan stands that its schedule goes on with at its next time. */
export const windowClosed = 'its window closed'
/** How often an active scan is looked after, whatever else happens. */
export const watchMs = 30_000

export type ScanRow = Readonly<{
  id: string
  reference: string
  title: string
  kind: 'onDemand' | 'scheduled' | 'verification'
  state: ScanState
  state_text: string
  schedule_id: string | null
  is_cut: boolean
  hosts_total: number
  hosts_done: number
  hosts_up: number
  hosts_untested: number
  found1: number
  found2: number
  found3: number
  found4: number
  found5: number
  running_since: Date | null
  last_heard_at: Date | null
  created_at: Date
  pause_after_minutes: number | null
  resume_in_days: number | null
  window_ends_at: Date | null
  resumes_at: Date | null
  cancel_at: Date | null
  expires_at: Date | null
}>

const columns = [
  'id', 'reference', 'title', 'kind', 'state', 'state_text', 'schedule_id', 'is_cut', 'hosts_total', 'hosts_done', 'hosts_up',
  'hosts_untested',
  'found1', 'found2', 'found3', 'found4', 'found5', 'running_since', 'last_heard_at', 'created_at',
  'pause_after_minutes', 'resume_in_days', 'window_ends_at', 'resumes_at', 'cancel_at', 'expires_at',
] as const

/** The scan, locked until the transaction ends. Whoever also locks slices locks those first. */
export async function lockScan(tx: Tx, id: string): Promise<ScanRow> {
  const [row] = /^[0-9a-f-]{36}$/.test(id)
    ? await tx.sql<ScanRow[]>`select ${tx.sql(columns)} from scan where tenant_id = ${tx.tenant} and id = ${id} for no key update`
    : []
  return row ?? fail('not_found', { what: 'scan', id })
}

/** The scan as it stands, without a lock; null when there is none. */
export async function findScan(tx: Tx, id: string): Promise<ScanRow | null> {
  const [row] = /^[0-9a-f-]{36}$/.test(id)
    ? await tx.sql<ScanRow[]>`select ${tx.sql(columns)} from scan where tenant_id = ${tx.tenant} and id = ${id}`
    : []
  return row ?? null
}

/** Pauses: no further packet within seconds; what was found so far stays. `why` is shown beside the state. */
export async function pauseScan(tx: Tx, id: string, why: string, now: number, resumesAt: Date | null = null): Promise<void> {
  await mustExist(tx, id)
  await stopSlices(tx, id, 'pause')
  const scan = await lockScan(tx, id)
  if (!waitingStates.includes(scan.state)) fail('scan.not_now',
    { reference: scan.reference, state: scan.state, action: 'paused' })
  await tx.sql`
    update scan set state = 'Pausing', state_text = ${why}, resumes_at = ${resumesAt}, window_ends_at = null,
      expires_at = ${new Date(now + pausedDays * 86_400_000)}
    where tenant_id = ${tx.tenant} and id = ${id}`
  await settle(tx, id, now)
}

export async function resumeScan(tx: Tx, id: string, now: number): Promise<void> {
  await mustExist(tx, id)
  await resumeSlices(tx, id)
  const scan = await lockScan(tx, id)
  if (scan.state !== 'Paused' && scan.state !== 'Pausing') fail('scan.not_now',
    { reference: scan.reference, state: scan.state, action: 'resumed' })
  const ends = scan.pause_after_minutes === null ? null : new Date(now + scan.pause_after_minutes * 60_000)
  await tx.sql`
    update scan set state = ${scan.state === 'Pausing' ? 'Running' : 'Queued'}, state_text = '', resumes_at = null,
      expires_at = null, window_ends_at = ${ends}
    where tenant_id = ${tx.tenant} and id = ${id}`
  await cutSlices(tx, id, readyAhead, now)
  await settle(tx, id, now)
}

/** Ends it for good; what was found stays, hosts not yet through count as not tested. */
export async function cancelScan(tx: Tx, id: string, why: string, now: number): Promise<void> {
  await mustExist(tx, id)
  await stopSlices(tx, id, 'stop')
  const scan = await lockScan(tx, id)
  if (endedStates.includes(scan.state) || scan.state === 'Canceling') {
    fail('scan.not_now', { reference: scan.reference, state: scan.state, action: 'cancelled' })
  }
  await tx.sql`
    update scan set state = 'Canceling', state_text = ${why}, resumes_at = null, window_ends_at = null, cancel_at = null
    where tenant_id = ${tx.tenant} and id = ${id}`
  await settle(tx, id, now)
}

/**
 * Moves the scan on where its slices allow it: out of the transient states, and to its end when every host is through. Called
 * whenever a slice changed hands. Publishes the change and arms the watchdog.
 */
export async function settle(tx: Tx, id: string, now: number): Promise<ScanState> {
  const scan = await lockScan(tx, id)
  const slices = await countSlices(tx, id)
  const allThrough = scan.is_cut && slices.ready + slices.leased + slices.held === 0
  let state = scan.state
  if (allThrough && !endedStates.includes(state) && state !== 'Canceling') state = await finish(tx, scan, now)
  else if (state === 'Canceling' && slices.leased === 0) state = await end(tx, scan, 'Canceled', null, null, now)
  else if (state === 'Pausing' && slices.leased === 0) {
    state = 'Paused'
    await tx.sql`
      update scan set state = 'Paused', ran_before = ran_before + ${ranSince(scan, now)}, running_since = null
      where tenant_id = ${tx.tenant} and id = ${id}`
  }
  await arm(tx, id, now)
  await publish(tx, 'scan.changed', { id, state })
  return state
}

/** Nobody works on it any more, though work is left: it waits again, and says so. */
export async function requeue(tx: Tx, id: string, why: string, now: number): Promise<void> {
  const scan = await lockScan(tx, id)
  if (scan.state !== 'Running' && scan.state !== 'Loading') return
  if ((await countSlices(tx, id)).leased > 0) return
  await tx.sql`
    update scan set state = 'Queued', state_text = ${why}, ran_before = ran_before + ${ranSince(scan, now)}, running_since = null
    where tenant_id = ${tx.tenant} and id = ${id}`
  await publish(tx, 'scan.changed', { id, state: 'Queued' })
}

async function finish(tx: Tx, scan: ScanRow, now: number): Promise<ScanState> {
  const found = scan.found1 + scan.found2 + scan.found3 + scan.found4 + scan.found5
  const sub = scan.hosts_untested > 0 ? 'Not_Tested' : scan.hosts_up === 0 ? 'No_Host' : found === 0 ? 'No_Vuln' : null
  const text = {
    Not_Tested: `${scan.hosts_untested} of ${scan.hosts_total} hosts could not be tested to the end`,
    No_Host: 'no host answered',
    No_Vuln: 'nothing was found on the hosts that were tested',
  }
  return end(tx, scan, 'Finished', sub, sub === null ? '' : text[sub], now)
}

async function end(tx: Tx, scan: ScanRow, state: 'Finished' | 'Canceled', sub: string | null, text: string | null,
  now: number): Promise<ScanState> {
  if (state === 'Canceled') await tx.sql`delete from scan_slice where tenant_id = ${tx.tenant} and scan_id = ${scan.id}`
  await tx.sql`
    update scan set state = ${state}, sub_state = ${sub}, state_text = coalesce(${text}, state_text), ended_at = ${new Date(now)},
      ran_before = ran_before + ${ranSince(scan, now)}, running_since = null, expires_at = null, resumes_at = null,
      window_ends_at = null, cancel_at = null
    where tenant_id = ${tx.tenant} and id = ${scan.id}`
  await publish(tx, 'scan.ended', { id: scan.id, state, schedule: scan.schedule_id })
  return state
}

function ranSince(scan: ScanRow, now: number): number {
  return scan.running_since === null ? 0 : Math.max(0, now - scan.running_since.getTime())
}

/**
 * Sets when the watchdog must look again: soon while it is active, at its next turn while it is paused, never once it has ended.
 */
export async function arm(tx: Tx, id: string, now: number): Promise<void> {
  const scan = await lockScan(tx, id)
  if (endedStates.includes(scan.state)) {
    await tx.sql`delete from due where tenant_id = ${tx.tenant} and kind = 'scan' and id = ${id}`
    return
  }
  const times = [scan.window_ends_at, scan.resumes_at, scan.cancel_at, scan.expires_at]
    .flatMap((time) => (time === null ? [] : [time.getTime()]))
  const at = new Date(Math.min(...times, scan.state === 'Paused' ? Number.MAX_SAFE_INTEGER : now + watchMs, now + 86_400_000))
  await tx.sql`
    insert into due (kind, id, tenant_id, at) values ('scan', ${id}, ${tx.tenant}, ${at})
    on conflict (kind, id) do update set at = excluded.at`
}

async function mustExist(tx: Tx, id: string): Promise<void> {
  if ((await findScan(tx, id)) === null) fail('not_found', { what: 'scan', id })
}
