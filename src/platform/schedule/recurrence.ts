import { RRuleTemporal } from 'rrule-temporal'
import { fail } from '#core/errors.ts'
import { instantOf, isZone, parseWall, wallOf } from './zone.ts'

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'

export type Recurrence =
  | Readonly<{ kind: 'once' }>
  | Readonly<{ kind: 'daily'; every: number }>
  | Readonly<{ kind: 'weekly'; every: number; days: readonly Weekday[] }>
  | Readonly<{ kind: 'monthlyByDay'; every: number; day: number }>
  | Readonly<{ kind: 'monthlyByWeekday'; every: number; weekday: Weekday; week: 1 | 2 | 3 | 4 | -1 }>

/** When something runs: a rule on the clock of a place. */
export type Timing = Readonly<{ timeZone: string; startsAt: string; recurrence: Recurrence }>

/** Throws the catalogue's error when the zone or the start is none. */
export function checkTiming(timing: Timing): void {
  if (!isZone(timing.timeZone)) fail('schedule.bad_zone', { zone: timing.timeZone })
  const start = parseWall(timing.startsAt)
  if (Number.isNaN(start) || start < Date.UTC(2000, 0) || start > Date.UTC(2200, 0)) fail('schedule.bad_start',
    { start: timing.startsAt })
}

/** The first run later than `after` (Unix ms); null when there is none. */
export function nextRun(timing: Timing, after: number): number | null {
  return upcomingRuns(timing, after, 1)[0] ?? null
}

/**
 * The next runs later than `after`. The rule is worked out on the wall and only then turned into instants, so that a daily run at
 * 02:30 is at 02:30 on every day, an hour later on the one day that has no 02:30, and never skipped or doubled.
 */
export function upcomingRuns(timing: Timing, after: number, count: number): readonly number[] {
  const start = parseWall(timing.startsAt)
  const runs: number[] = []
  if (timing.recurrence.kind === 'once') {
    const instant = instantOf(start, timing.timeZone)
    return instant > after ? [instant] : []
  }
  const rule = new RRuleTemporal({ rruleString: ruleText(timing.recurrence, start) })
  // Two days back covers every jump of a clock; what is not later than `after` falls out below.
  let cursor = Math.max(start - 1, wallOf(after, timing.timeZone) - 2 * 86_400_000)
  // A rule that can match nothing is refused when it is saved; this bound is for what slipped through.
  for (let step = 0; runs.length < count && step < count + 400; step++) {
    const next = rule.next(new Date(cursor), false)
    if (next === null) break
    cursor = next.epochMilliseconds
    const instant = instantOf(cursor, timing.timeZone)
    if (instant > after && instant !== runs.at(-1)) runs.push(instant)
  }
  return runs
}

function ruleText(recurrence: Exclude<Recurrence, { kind: 'once' }>, start: number): string {
  const rule = {
    daily: () => 'FREQ=DAILY',
    weekly: () => `FREQ=WEEKLY;WKST=MO;BYDAY=${(recurrence as { days: readonly Weekday[] }).days.join(',')}`,
    monthlyByDay: () => {
      const { day } = recurrence as { day: number }
      // The last of these that the month has: the 31st is the 28th, 29th or 30th where there is no 31st.
      const days = day <= 28 ? [day] : Array.from({ length: day - 27 }, (_, index) => 28 + index)
      return `FREQ=MONTHLY;BYMONTHDAY=${days.join(',')}${days.length > 1 ? ';BYSETPOS=-1' : ''}`
    },
    monthlyByWeekday: () => {
      const { week, weekday } = recurrence as { week: number; weekday: Weekday }
      return `FREQ=MONTHLY;BYDAY=${week}${weekday}`
    },
  }[recurrence.kind]()
  const stamp = new Date(start).toISOString().replaceAll(/[-:]|\.\d+Z/g, '')
  return `DTSTART;TZID=UTC:${stamp}\nRRULE:${rule};INTERVAL=${recurrence.every}`
}

const dayNames: Readonly<Record<Weekday, string>> = {
  MO: 'Monday', TU: 'Tuesday', WE: 'Wednesday', TH: 'Thursday', FR: 'Friday', SA: 'Saturday', SU: 'Sunday',
}
const weekOrder = Object.keys(dayNames) as Weekday[]

/** `Every 2 weeks on Monday and Friday at 22:30 (Europe/Berlin)` */
export function timingText({ timeZone, startsAt, recurrence }: Timing): string {
  const at = `at ${startsAt.slice(11)} (${timeZone})`
  const every = (unit: string, count: number): string => (count === 1 ? `Every ${unit}` : `Every ${count} ${unit}s`)
  switch (recurrence.kind) {
    case 'once':
      return `Once on ${startsAt.slice(0, 10)} ${at}`
    case 'daily':
      return `${every('day', recurrence.every)} ${at}`
    case 'weekly': {
      const days = weekOrder.filter((day) => recurrence.days.includes(day)).map((day) => dayNames[day])
      return `${every('week', recurrence.every)} on ${list(days)} ${at}`
    }
    case 'monthlyByDay':
      return `${every('month', recurrence.every)} on day ${recurrence.day}${recurrence.day > 28 ? ' or the last' : ''} ${at}`
    case 'monthlyByWeekday': {
      const which = { 1: 'first', 2: 'second', 3: 'third', 4: 'fourth', [-1]: 'last' }[recurrence.week]
      return `${every('month', recurrence.every)} on the ${which} ${dayNames[recurrence.weekday]} ${at}`
    }
  }
}

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
