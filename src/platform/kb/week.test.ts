import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfWeek, lastWeeks, startOfWeek, weekOf } from './week.ts'

test('weeks are those of ISO 8601, also around the new year', () => {
  const known = [
    ['2026-11-24', '2026-W48'], ['2026-01-01', '2026-W01'], ['2025-12-29', '2026-W01'], ['2025-12-28', '2025-W52'], ['2021-01-03', '2020-W53'], ['2021-01-04', '2021-W01'], ['2024-12-30', '2025-W01'],
    ['2027-01-01', '2026-W53'], ['2000-02-29', '2000-W09'],
  ] as const
  for (const [day, week] of known) assert.equal(weekOf(new Date(`${day}T23:59:59.999Z`)), week, day)
})

test('a week begins on its Monday and names itself; what is no week has no beginning', () => {
  for (let at = Date.UTC(2019, 0, 1); at < Date.UTC(2031, 0, 1); at += 86_400_000) {
    const week = weekOf(new Date(at))
    const monday = startOfWeek(week)!
    assert.equal(monday.getUTCDay(), 1)
    assert.ok(monday.getTime() <= at && at < endOfWeek(monday).getTime())
  }
  for (const wrong of ['2025-W53', '2026-W00', '2026-W54', '2026-48', '', '2026-W480']) assert.equal(startOfWeek(wrong), null, wrong)
  assert.deepEqual(lastWeeks(3, new Date('2027-01-05T00:00:00Z')), ['2027-W01', '2026-W53', '2026-W52'])
})
