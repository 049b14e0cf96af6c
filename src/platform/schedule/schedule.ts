import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Scope } from '../access/actor.ts'
import { resolveTargets } from '../asset/target.ts'
import type { LaunchRequest } from '../scan/launch.ts'
import { ensureProfiles, readProfile } from '../scan/profile.ts'
import { checkTiming, nextRun, timingText, upcomingRuns, type Recurrence, type Timing } from './recurrence.ts'

export type Window = Readonly<{ pauseAfterMinutes?: number; resumeInDays?: number; endAfterMinutes?: number }>

/** What a person says of a schedule. */
export type ScheduleDefinition = Readonly<{
  name: string
  targets: string
  assetGroupIds: readonly string[]
  networkId: string | null
  profileId: string | null
  scannerId: string | null
  priority: number
  timeZone: string
  startsAt: string
  recurrence: Recurrence
  occurrences: number | null
  window: Window
  active: boolean
}>

export type Schedule = ScheduleDefinition & Readonly<{
  id: string
  scope: Scope
  profileName: string
  text: string
  nextAt: Date | null
  upcoming: readonly Date[]
  runs: number
  lastRunAt: Date | null
  lastScanId: string | null
  lastProblem: string | null
  createdBy: string | null
  createdByName: string | null
  createdAt: Date
  updatedAt: Date
}>

type Launch = Pick<ScheduleDefinition, 'targets' | 'assetGroupIds' | 'networkId' | 'profileId' | 'scannerId' | 'priority'>
/** With the scope of the one who saved it: a schedule may scan no more than that person. */
type StoredLaunch = Launch & Readonly<{ scope: Scope }>
type Row = Readonly<{
  id: string
  name: string
  launch: StoredLaunch
  time_zone: string
  starts_at: string
  recurrence: Recurrence
  occurrences: number | null
  run_window: Window
  active: boolean
  runs: number
  next_at: Date | null
  last_run_at: Date | null
  last_scan_id: string | null
  last_problem: string | null
  created_by: string | null
  created_by_name: string | null
  created_at: Date
  updated_at: Date
}>

const columns = [
  'id', 'name', 'launch', 'time_zone', 'starts_at', 'recurrence', 'occurrences', 'run_window', 'active', 'runs', 'next_at',
  'last_run_at',
  'last_scan_id', 'last_problem', 'created_by', 'created_by_name', 'created_at', 'updated_at',
] as const

const upcomingShown = 12

export async function listSchedules(
  tx: Tx, after: readonly [name: string, id: string] | null, limit: number, owner: string | null, now: number,
): Promise<readonly Schedule[]> {
  const { sql } = tx
  const rows = await sql<Row[]>`
    select ${sql(columns)} from schedule where tenant_id = ${tx.tenant}
      and ${after === null ? sql`true` : sql`(name, id) > (${after[0]}, ${after[1]}::uuid)`}
      and ${owner === null ? sql`true` : sql`created_by = ${owner}`}
    order by name, id limit ${limit}`
  return Promise.all(rows.map((row) => scheduleOf(tx, row, now)))
}

/** `owner`: only if that person made it; a narrower eye sees no more than its own. */
export async function readSchedule(tx: Tx, id: string, owner: string | null, now: number): Promise<Schedule> {
  return scheduleOf(tx, await readRow(tx, id, owner), now)
}

export async function createSchedule(
  tx: Tx, definition: ScheduleDefinition, by: Readonly<{ id: string; name: string }>, scope: Scope, now: number,
): Promise<Schedule> {
  await check(tx, definition, scope, now)
  const id = newId(now)
  const next = definition.active ? nextRun(timingOf(definition), now) : null
  if (definition.active && next === null) fail('schedule.never', { why: 'its only time is past' })
  await tx.sql`
    insert into schedule (tenant_id, id, name, launch, time_zone, starts_at, recurrence, occurrences, run_window, active, runs,
    next_at,
      created_by, created_by_name, created_at, updated_at)
    values (${tx.tenant}, ${id}, ${definition.name}, ${tx.sql.json({ ...launchOf(definition), scope } as never)},
    ${definition.timeZone}, ${definition.startsAt},
      ${tx.sql.json(definition.recurrence as never)}, ${definition.occurrences}, ${tx.sql.json(definition.window as never)},
      ${definition.active}, 0,
      ${next === null ? null : new Date(next)}, ${by.id}, ${by.name}, ${new Date(now)}, ${new Date(now)})`
  await arm(tx, id, next)
  return readSchedule(tx, id, null, now)
}

export async function changeSchedule(
  tx: Tx, id: string, change: Partial<ScheduleDefinition>, scope: Scope, owner: string | null, now: number,
): Promise<Schedule> {
  await lockDue(tx, id)
  const row = await readRow(tx, id, owner)
  const definition: ScheduleDefinition = { ...definitionOf(row), ...change }
  await check(tx, definition, scope, now)
  const isSpent = definition.occurrences !== null && row.runs >= definition.occurrences
  const next = definition.active && !isSpent ? nextRun(timingOf(definition), now) : null
  if (change.active === true && next === null) fail('schedule.never',
    { why: isSpent ? 'it has run as often as it should' : 'its only time is past' })
  await tx.sql`
    update schedule set name = ${definition.name}, launch = ${tx.sql.json({ ...launchOf(definition), scope } as never)},
    time_zone = ${definition.timeZone},
      starts_at = ${definition.startsAt}, recurrence = ${tx.sql.json(definition.recurrence as never)},
      occurrences = ${definition.occurrences},
      run_window = ${tx.sql.json(definition.window as never)}, active = ${definition.active},
      next_at = ${next === null ? null : new Date(next)},
      updated_at = ${new Date(now)}
    where tenant_id = ${tx.tenant} and id = ${id}`
  await arm(tx, id, next)
  return readSchedule(tx, id, owner, now)
}

export async function removeSchedule(tx: Tx, id: string, owner: string | null): Promise<string> {
  await lockDue(tx, id)
  const { name } = await readRow(tx, id, owner)
  await tx.sql`delete from schedule where tenant_id = ${tx.tenant} and id = ${id}`
  await arm(tx, id, null)
  return name
}

/** The due-loop locks this first, then the schedule: so does everybody else. */
async function lockDue(tx: Tx, id: string): Promise<void> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return
  await tx.sql`select from due where tenant_id = ${tx.tenant} and kind = 'schedule' and id = ${id} for update`
}

/** When the due-loop must look at it; null is never. */
export async function arm(tx: Tx, id: string, next: number | null): Promise<void> {
  if (next === null) {
    await tx.sql`delete from due where tenant_id = ${tx.tenant} and kind = 'schedule' and id = ${id}`
    return
  }
  await tx.sql`
    insert into due (kind, id, tenant_id, at) values ('schedule', ${id}, ${tx.tenant}, ${new Date(next)})
    on conflict (kind, id) do update set at = excluded.at`
}

export function timingOf(definition: Pick<ScheduleDefinition, 'timeZone' | 'startsAt' | 'recurrence'>): Timing {
  return { timeZone: definition.timeZone, startsAt: definition.startsAt, recurrence: definition.recurrence }
}

/** The launch that a run of it makes. */
export function requestOf(schedule: Pick<ScheduleDefinition, 'name' | 'window'> & Launch): LaunchRequest {
  return {
    title: schedule.name,
    targets: schedule.targets,
    assetGroupIds: schedule.assetGroupIds,
    priority: schedule.priority,
    ...(schedule.networkId === null ? {} : { networkId: schedule.networkId }),
    ...(schedule.profileId === null ? {} : { profileId: schedule.profileId }),
    ...(schedule.scannerId === null ? {} : { scannerId: schedule.scannerId }),
    ...schedule.window,
  }
}

async function check(tx: Tx, definition: ScheduleDefinition, scope: Scope, now: number): Promise<void> {
  checkTiming(timingOf(definition))
  const { pauseAfterMinutes, resumeInDays, endAfterMinutes } = definition.window
  if (resumeInDays !== undefined && pauseAfterMinutes === undefined) fail('schedule.bad_window',
    { why: 'Say after how many minutes it pauses, too.' })
  if (pauseAfterMinutes !== undefined && endAfterMinutes !== undefined && endAfterMinutes <= pauseAfterMinutes) {
    fail('schedule.bad_window', { why: 'It would end before it pauses: leave one of the two out.' })
  }
  if (definition.targets.trim() === '' && definition.assetGroupIds.length === 0) fail('scan.no_targets')
  await ensureProfiles(tx, now)
  if (definition.profileId !== null) await readProfile(tx, definition.profileId)
  // Malformed targets and groups out of reach are refused now, not at two in the morning.
  const targets = await resolveTargets(tx, {
    network: definition.networkId ?? tx.tenant, text: definition.targets, groups: definition.assetGroupIds, scope,
    at: new Date(now),
  })
  if (targets.count === 0n) {
    const why = [...targets.outOfScope, ...targets.excluded].map((dropped) => dropped.text)[0] ?? 'It holds no address.'
    fail('scan.nothing_left', { targets: definition.targets.trim() || 'the asset groups', why })
  }
}

async function readRow(tx: Tx, id: string, owner: string | null): Promise<Row> {
  const [row] = /^[0-9a-f-]{36}$/.test(id)
    ? await tx.sql<Row[]>`select ${tx.sql(columns)} from schedule where tenant_id = ${tx.tenant} and id = ${id}`
    : []
  return row === undefined || (owner !== null && row.created_by !== owner) ? fail('not_found', { what: 'schedule', id }) : row
}

function definitionOf(row: Row): ScheduleDefinition {
  return {
    name: row.name, ...launchOf(row.launch), timeZone: row.time_zone, startsAt: row.starts_at, recurrence: row.recurrence,
    occurrences: row.occurrences,
    window: row.run_window, active: row.active,
  }
}

function launchOf({ targets, assetGroupIds, networkId, profileId, scannerId, priority }: Launch): Launch {
  return { targets, assetGroupIds, networkId, profileId, scannerId, priority }
}

async function scheduleOf(tx: Tx, row: Row, now: number): Promise<Schedule> {
  const definition = definitionOf(row)
  const [profile] = await tx.sql<{ name: string }[]>`
    select name from option_profile where tenant_id = ${tx.tenant}
      and ${row.launch.profileId === null ? tx.sql`is_default` : tx.sql`id = ${row.launch.profileId}`}`
  const left = Math.min(upcomingShown, row.occurrences === null ? upcomingShown : Math.max(0, row.occurrences - row.runs))
  return {
    ...definition,
    id: row.id,
    scope: row.launch.scope,
    profileName: profile?.name ?? 'Standard',
    text: timingText(timingOf(definition)),
    nextAt: row.next_at,
    upcoming: row.active ? upcomingRuns(timingOf(definition), now, left).map((at) => new Date(at)) : [],
    runs: row.runs,
    lastRunAt: row.last_run_at,
    lastScanId: row.last_scan_id,
    lastProblem: row.last_problem,
    createdBy: row.created_by,
    createdByName: row.created_by_name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
