const integer = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const dateOnly = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** A moment as the API gives it: Unix ms or ISO 8601. */
export type Moment = number | string | Date

export function toDate(moment: Moment): Date {
  return moment instanceof Date ? moment : new Date(moment)
}

export const formatNumber = (value: number): string => integer.format(value)
export const formatCompact = (value: number): string => (Math.abs(value) < 10_000 ? integer.format(value) : compact.format(value))
export const formatDateTime = (moment: Moment): string => dateTime.format(toDate(moment))
export const formatDate = (moment: Moment): string => dateOnly.format(toDate(moment))
export const formatClock = (moment: Moment): string => clock.format(toDate(moment))

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60],
]

/** `3 hr. ago`, `in 2 days`, `just now` within a minute. */
export function formatRelative(moment: Moment, now: number): string {
  const seconds = (toDate(moment).getTime() - now) / 1000
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  return Math.abs(seconds) < 45 ? 'just now' : relative.format(Math.sign(seconds), 'minute')
}

/** `under 1 s`, `48 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return 'under 1 s'
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  // 99.96 % is not all: rounding must never say that everything was looked at.
  if (percent < 100 && percent > 99.9) return '99.9%'
  return `${percent < 10 && percent > 0 ? percent.toFixed(1) : Math.floor(percent)}%`
}
