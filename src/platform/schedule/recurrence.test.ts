import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTiming, nextRun, timingText, upcomingRuns, type Recurrence, type Timing } from './recurrence.ts'

const berlin = (startsAt: string, recurrence: Recurrence): Timing => ({ timeZone: 'Europe/Berlin', startsAt, recurrence })
const runs = (timing: Timing, after: string, count: number): string[] =>
  upcomingRuns(timing, Date.parse(after), count).map((at) => new Date(at).toISOString().slice(0, 16))

test('a daily run keeps its hour on the wall over both changes of the clock', () => {
  const timing = berlin('2026-01-01T22:30', { kind: 'daily', every: 1 })
  assert.deepEqual(runs(timing, '2026-03-28T12:00Z', 2), ['2026-03-28T21:30', '2026-03-29T20:30'])
  assert.deepEqual(runs(timing, '2026-10-24T12:00Z', 2), ['2026-10-24T20:30', '2026-10-25T21:30'])
})

test('an hour that is skipped runs an hour later, once; an hour that comes twice runs once', () => {
  const timing = berlin('2026-01-01T02:30', { kind: 'daily', every: 1 })
  assert.deepEqual(runs(timing, '2026-03-28T12:00Z', 2), ['2026-03-29T01:30', '2026-03-30T00:30'])
  assert.deepEqual(runs(timing, '2026-10-24T12:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30'])
})

test('hourly jumps of half an hour and zones without summer time are right', () => {
  const lordHowe: Timing = { timeZone: 'Australia/Lord_Howe', startsAt: '2026-01-01T02:15',
    recurrence: { kind: 'daily', every: 1 } }
  // On 4 October 2026 clocks go from 02:00 to 02:30: 02:15 is 02:45, which is 15:45 the day before in UTC.
  assert.deepEqual(runs(lordHowe, '2026-10-03T12:00Z', 1), ['2026-10-03T15:45'])
  const tokyo: Timing = { timeZone: 'Asia/Tokyo', startsAt: '2026-03-29T02:30', recurrence: { kind: 'daily', every: 1 } }
  assert.deepEqual(runs(tokyo, '2026-03-28T00:00Z', 1), ['2026-03-28T17:30'])
})

test('every second week counts from the week of the start', () => {
  const timing = berlin('2026-01-07T10:00', { kind: 'weekly', every: 2, days: ['FR', 'MO'] })
  assert.deepEqual(runs(timing, '2026-01-01T00:00Z', 4),
    ['2026-01-09T09:00', '2026-01-19T09:00', '2026-01-23T09:00', '2026-02-02T09:00'])
})

test('a month without a 31st runs on its last day', () => {
  const timing = berlin('2026-01-31T12:00', { kind: 'monthlyByDay', every: 1, day: 31 })
  assert.deepEqual(runs(timing, '2026-01-01T00:00Z', 4),
    ['2026-01-31T11:00', '2026-02-28T11:00', '2026-03-31T10:00', '2026-04-30T10:00'])
})

test('the second Tuesday and the last Friday of a month are found', () => {
  assert.deepEqual(runs(berlin('2026-01-01T12:00', { kind: 'monthlyByWeekday', every: 1, weekday: 'TU', week: 2 }),
    '2026-01-01T00:00Z', 2),
    ['2026-01-13T11:00', '2026-02-10T11:00'])
  assert.deepEqual(runs(berlin('2026-01-01T12:00', { kind: 'monthlyByWeekday', every: 3, weekday: 'FR', week: -1 }),
    '2026-01-01T00:00Z', 2),
    ['2026-01-30T11:00', '2026-04-24T10:00'])
})

test('the next run is later than now, however long ago the first was', () => {
  const timing = berlin('2001-01-01T00:00', { kind: 'daily', every: 1 })
  assert.equal(nextRun(timing, Date.parse('2026-05-01T22:00Z')), Date.parse('2026-05-02T22:00Z'))
  assert.equal(nextRun(timing, Date.parse('2026-05-01T21:59Z')), Date.parse('2026-05-01T22:00Z'))
})

test('once is once', () => {
  const timing = berlin('2026-06-01T08:00', { kind: 'once' })
  assert.equal(nextRun(timing, Date.parse('2026-01-01T00:00Z')), Date.parse('2026-06-01T06:00Z'))
  assert.equal(nextRun(timing, Date.parse('2026-06-01T06:00Z')), null)
})

test('what is no time zone and no time is refused in the words of the caller', () => {
  const once: Recurrence = { kind: 'once' }
  assert.throws(() => checkTiming({ timeZone: 'Europe/Atlantis', startsAt: '2026-01-01T00:00', recurrence: once }),
    /"Europe\/Atlantis" is not a time zone/)
  assert.throws(() => checkTiming({ timeZone: '+02:00', startsAt: '2026-01-01T00:00', recurrence: once }), /is not a time zone/)
  assert.throws(() => checkTiming(berlin('2026-02-30T00:00', once)), /"2026-02-30T00:00" is not a date and time/)
  assert.throws(() => checkTiming(berlin('2026-01-01T24:00', once)), /is not a date and time/)
})

test('a recurrence says itself in words', () => {
  assert.equal(timingText(berlin('2026-01-07T22:30', { kind: 'weekly', every: 2, days: ['FR', 'MO'] })),
    'Every 2 weeks on Monday and Friday at 22:30 (Europe/Berlin)')
  assert.equal(timingText(berlin('2026-01-07T22:30', { kind: 'monthlyByWeekday', every: 1, weekday: 'TU', week: 2 })),
    'Every month on the second Tuesday at 22:30 (Europe/Berlin)')
})
