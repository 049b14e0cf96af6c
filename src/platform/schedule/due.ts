import { VigilError } from '#core/errors.ts'
import type { Store, Tx } from '#store/store.ts'
import { publish } from '../live.ts'
import { audit } from '../audit/audit.ts'
import { launchScan, type LaunchContext } from '../scan/launch.ts'
import { lookUp, namesOf } from '../scan/targets.ts'
import { endedStates, findScan, resumeScan, windowClosed } from '../scan/state.ts'
import { nextRun } from './recurrence.ts'
import { arm, readSchedule, requestOf, timingOf, type Schedule } from './schedule.ts'

export type DueLoopOptions = Readonly<{
  store: Store
  /** The KnowledgeBase release in force. */
  content: () => string
  onError(error: unknown): void
  now?: () => number
  everyMs?: number
}>

/** A run that starts this much later than it should was missed, and says so. */
const lateMs = 5 * 60_000

/** Starts the scans that are due. Safe to run in several processes. Returns the stop function. */
export function startDueLoop(options: DueLoopOptions): () => Promise<void> {
  const now = options.now ?? Date.now
  let stopped = false
  let wake: () => void = () => {}
  const loop = (async () => {
    while (!stopped) {
      await runDue(options.store, options.content(), now(), options.onError).catch(options.onError)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.everyMs ?? 5000)
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

/** Runs every schedule whose time has come, each in a transaction of its own. Returns how many. */
export async function runDue(store: Store, content: string, now: number, onError: (error: unknown) => void): Promise<number> {
  const due = await store.platform((tx) => tx.sql<{ id: string; tenant_id: string }[]>`
    select id, tenant_id from due where kind = 'schedule' and at <= ${new Date(now)} order by at limit 100`)
  for (const { id, tenant_id: tenant } of due) {
    try {
      await runSchedule(store, tenant, id, content, now)
    } catch (error) {
      if (!(error instanceof VigilError)) onError(error)
      // Whatever went wrong, the schedule moves on and says what: one that cannot start must not be tried for ever.
      await store.write(tenant, (tx) => moveOn(tx, id, now,
        { scan: null, problem: error instanceof VigilError ? error.message : 'Something went wrong on our side.' }))
        .catch(onError)
    }
  }
  return due.length
}

async function runSchedule(store: Store, tenant: string, id: string, content: string, now: number): Promise<void> {
  // What may be scanned is what the one who saved the schedule may scan.
  const contextOf = (schedule: Schedule): LaunchContext => ({ by: null, kind: 'scheduled', schedule: id, scope: schedule.scope,
    content, now })
  // Names are looked up before the transaction; the schedule is read again, and locked, inside it.
  const names = await store.read(tenant, async (tx) => {
    const schedule = await readDue(tx, id, now, false)
    return schedule === null ? [] : namesOf(tx, requestOf(schedule), contextOf(schedule))
  })
  const addresses = await lookUp(names)
  await store.write(tenant, async (tx) => {
    const schedule = await readDue(tx, id, now, true)
    if (schedule === null) return
    const before = schedule.lastScanId === null ? null : await findScan(tx, schedule.lastScanId)
    if (before?.state === 'Paused' && before.state_text === windowClosed) {
      // Its window opened again: what was begun is gone on with.
      await resumeScan(tx, before.id, now)
      await moveOn(tx, id, now, { scan: before.id, problem: null, resumed: true })
    } else if (before !== null && !endedStates.includes(before.state)) {
      await moveOn(tx, id, now, { scan: null,
        problem: `Skipped: ${before.reference}, started before, was still ${before.state.toLowerCase()}.` })
    } else {
      const by = schedule.createdBy === null ? null : { id: schedule.createdBy, name: schedule.createdByName ?? '' }
      const scan = await launchScan(tx, requestOf(schedule), { ...contextOf(schedule), by }, addresses)
      const late = now - schedule.nextAt!.getTime() > lateMs
      await audit(tx, { actor: { system: `schedule ${schedule.name}` }, action: 'scan.launched',
        object: { kind: 'scan', id: scan.id, name: scan.reference } }, new Date(now))
      await moveOn(tx, id, now, { scan: scan.id,
        problem: late ? `Started late: it was due at ${schedule.nextAt!.toISOString()}.` : null })
    }
  })
}

/** The schedule, if it is still due; locked against a second loop that found it at the same moment. */
async function readDue(tx: Tx, id: string, now: number, lock: boolean): Promise<Schedule | null> {
  const [mine] = await tx.sql`
    select from due where tenant_id = ${tx.tenant} and kind = 'schedule' and id = ${id} and at <= ${new Date(now)}
    ${lock ? tx.sql`for update skip locked` : tx.sql``}`
  if (mine === undefined) return null
  const schedule = await readSchedule(tx, id, null, now)
  return schedule.active && schedule.nextAt !== null ? schedule : null
}

type Run = Readonly<{ scan: string | null; problem: string | null; resumed?: boolean }>

/** The next time is worked out from now, in the same transaction: runs missed while the server was off are made up for once. */
async function moveOn(tx: Tx, id: string, now: number, run: Run): Promise<void> {
  const schedule = await readSchedule(tx, id, null, now)
  const runs = schedule.runs + (run.scan !== null && run.resumed !== true ? 1 : 0)
  const isSpent = schedule.occurrences !== null && runs >= schedule.occurrences
  const next = isSpent ? null : nextRun(timingOf(schedule), now)
  await tx.sql`
    update schedule set runs = ${runs}, next_at = ${next === null ? null : new Date(next)}, active = ${next !== null},
      last_run_at = ${new Date(now)}, last_scan_id = coalesce(${run.scan}, last_scan_id), last_problem = ${run.problem}
    where tenant_id = ${tx.tenant} and id = ${id}`
  await arm(tx, id, next)
  await publish(tx, 'scan.scheduled', { schedule: id, scan: run.scan })
}
