const day = 86_400_000

/** The ISO 8601 week of a time, UTC: `2026-W48`. It belongs to the year that its Thursday lies in. */
export function weekOf(at: Date): string {
  const thursday = new Date(mondayOf(at).getTime() + 3 * day)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return `${thursday.getUTCFullYear()}-W${String(Math.floor((thursday.getTime() - first) / day / 7) + 1).padStart(2, '0')}`
}

/** Its Monday, 0:00 UTC; null when there is no such week. */
export function startOfWeek(week: string): Date | null {
  const found = /^(\d{4})-W(\d\d)$/.exec(week)
  if (found === null) return null
  // The 4th of January is always in the first week.
  const monday = new Date(mondayOf(new Date(Date.UTC(Number(found[1]), 0, 4))).getTime() + (Number(found[2]) - 1) * 7 * day)
  return weekOf(monday) === week ? monday : null
}

/** The Monday after. */
export function endOfWeek(monday: Date): Date {
  return new Date(monday.getTime() + 7 * day)
}

/** Names of the last weeks, newest first, the running one too. */
export function lastWeeks(count: number, now: Date): readonly string[] {
  const monday = mondayOf(now).getTime()
  return Array.from({ length: count }, (_, back) => weekOf(new Date(monday - back * 7 * day)))
}

function mondayOf(at: Date): Date {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())
  return new Date(midnight - ((at.getUTCDay() + 6) % 7) * day)
}
