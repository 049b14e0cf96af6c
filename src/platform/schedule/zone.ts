/**
 * Clocks of places. A wall time is what a clock on the wall there shows, written as 2026-03-01T22:30 and computed with as if it
 * were UTC.
 */
const formats = new Map<string, Intl.DateTimeFormat>()

export function isZone(zone: string): boolean {
  // Offsets like +02:00 are accepted by Intl and are no places: they know no summer time.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) return false
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** Unix ms of the wall time as if the wall hung in UTC; NaN when it is none. */
export function parseWall(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN
  return new Date(ms).getTime() === ms && new Date(ms).toISOString().startsWith(text) ? ms : Number.NaN
}

/**
 * The instant at which clocks in the zone show the wall time. A time that is skipped when clocks go forward is as much later as
 * they jump; one that comes twice when they go back is the first.
 */
export function instantOf(wall: number, zone: string): number {
  const before = offsetAt(wall - 86_400_000, zone)
  const after = offsetAt(wall + 86_400_000, zone)
  const fits = [wall - before, wall - after].filter((instant) => instant + offsetAt(instant, zone) === wall)
  return fits.length === 0 ? wall - before : Math.min(...fits)
}

/** What clocks in the zone show at the instant. */
export function wallOf(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone)
}

export function sameHourDaysLater(instant: number, days: number, zone: string): number {
  return instantOf(wallOf(instant, zone) + days * 86_400_000, zone)
}

function offsetAt(instant: number, zone: string): number {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const shown = Date.UTC(parts['year']!, parts['month']! - 1, parts['day']!, parts['hour']! % 24, parts['minute'],
    parts['second'])
  return shown - Math.floor(instant / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    second: '2-digit',
  })
  if (formats.size > 1000) formats.clear()
  formats.set(zone, format)
  return format
}
