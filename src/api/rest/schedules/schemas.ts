import { Type, type Static } from 'typebox'
import { line } from '../../schema.ts'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

export const Weekday = Type.Enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])

/** When it recurs, on the clock of `timeZone`. A day a month does not have (the 31st) is that month's last. */
export const Recurrence = Type.Union([
  Type.Object({ kind: Type.Literal('once') }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('daily'), every: Type.Integer({ minimum: 1, maximum: 365 }) },
    { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('weekly'),
      every: Type.Integer({ minimum: 1, maximum: 52 }),
      days: Type.Array(Weekday, { minItems: 1, maxItems: 7, uniqueItems: true }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('monthlyByDay'), every: Type.Integer({ minimum: 1, maximum: 12 }),
      day: Type.Integer({ minimum: 1, maximum: 31 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('monthlyByWeekday'),
      every: Type.Integer({ minimum: 1, maximum: 12 }),
      weekday: Weekday,
      /** 1 first … 4 fourth, -1 last. */
      week: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal(4), Type.Literal(-1)]),
    },
    { additionalProperties: false },
  ),
])

/**
 * How long it may run. After `pauseAfterMinutes` the scan is paused and goes on at the schedule's next time, or `resumeInDays`
 * days later at the same hour when given; after `endAfterMinutes` it is cancelled with what it found kept.
 */
export const Window = Type.Object(
  {
    pauseAfterMinutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 7199 })),
    resumeInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    endAfterMinutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 7199 })),
  },
  { additionalProperties: false },
)

const definition = {
  name: line(120),
  targets: Type.String({ maxLength: 2000000,
    description: 'Addresses, ranges, CIDR blocks, host names; empty with assetGroupIds.' }),
  assetGroupIds: Type.Array(uuid, { maxItems: 100 }),
  networkId: orNull(uuid),
  profileId: orNull(uuid),
  scannerId: orNull(uuid),
  priority: Type.Integer({ minimum: 0, maximum: 9 }),
  timeZone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA name, as Europe/Berlin.' }),
  /** Local date and time of the first run, on the clock of `timeZone`: 2026-03-01T22:30. */
  startsAt: Type.String({ maxLength: 16, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$' }),
  recurrence: Recurrence,
  /** Number of runs in all; null is no end. */
  occurrences: orNull(Type.Integer({ minimum: 1, maximum: 9999 })),
  window: Window,
  active: Type.Boolean(),
}

export const Schedule = Type.Object({
  id: uuid,
  ...definition,
  profileName: Type.String(),
  /** The recurrence in words: `Every 2 weeks on Monday and Friday at 22:30 (Europe/Berlin)`. */
  text: Type.String(),
  nextAt: orNull(time),
  /** The next few, for the calendar. */
  upcoming: Type.Array(time),
  runs: Type.Integer(),
  lastRunAt: orNull(time),
  lastScanId: orNull(uuid),
  /** What kept the last run from starting, or that one was missed or skipped. */
  lastProblem: orNull(Type.String()),
  createdAt: time,
  updatedAt: time,
})

export const ScheduleList = Type.Object({ items: Type.Array(Schedule), next: orNull(Type.String()) })
export const ScheduleParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const ScheduleQuery = Type.Object({
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ maxLength: 600 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})

const { name, timeZone, startsAt, recurrence, ...optional } = definition
export const CreateSchedule = Type.Object(
  { name, timeZone, startsAt, recurrence, ...Type.Partial(Type.Object(optional)).properties },
  { additionalProperties: false },
)
export const ChangeSchedule = Type.Object({ ...Type.Partial(Type.Object(definition)).properties },
  { additionalProperties: false })

/** `POST /schedules/preview`: what a recurrence means, before it is saved. */
export const PreviewSchedule = Type.Object({ timeZone, startsAt, recurrence }, { additionalProperties: false })
export const Preview = Type.Object({ text: Type.String(), upcoming: Type.Array(time) })

export type Recurrence = Static<typeof Recurrence>
export type Window = Static<typeof Window>
export type Schedule = Static<typeof Schedule>
export type ScheduleList = Static<typeof ScheduleList>
export type CreateSchedule = Static<typeof CreateSchedule>
export type ChangeSchedule = Static<typeof ChangeSchedule>
