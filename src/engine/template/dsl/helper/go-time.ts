const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Pieces of Go's reference time, the longer ones first. */
const pieces = /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|01|02|03|04|05|06|15|_2|PM|pm|[.,]0+|[.,]9+|1|2|3|4|5/g

/** A time in Go's layout, UTC. */
export function formatTime(layout: string, time: number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  const hour = date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12
  const values: Readonly<Record<string, string>> = {
    January: months[date.getUTCMonth()]!, Jan: months[date.getUTCMonth()]!.slice(0, 3), Monday: days[date.getUTCDay()]!, Mon: days[date.getUTCDay()]!.slice(0, 3), MST: 'UTC', 2006: String(date.getUTCFullYear()),
    'Z07:00': 'Z', '-07:00': '+00:00', '-0700': '+0000', '01': two(date.getUTCMonth() + 1), '02': two(date.getUTCDate()), '03': two(hour), '04': two(date.getUTCMinutes()), '05': two(date.getUTCSeconds()),
    '06': two(date.getUTCFullYear() % 100), 15: two(date.getUTCHours()), _2: String(date.getUTCDate()).padStart(2), PM: date.getUTCHours() < 12 ? 'AM' : 'PM', pm: date.getUTCHours() < 12 ? 'am' : 'pm',
    1: String(date.getUTCMonth() + 1), 2: String(date.getUTCDate()), 3: String(hour), 4: String(date.getUTCMinutes()), 5: String(date.getUTCSeconds()),
  }
  return layout.replace(pieces, (piece) => values[piece] ?? `${piece[0]}${String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(piece.length - 1, '0').slice(0, piece.length - 1)}`)
}

const read: Readonly<Record<string, string>> = {
  January: '(?<month>[A-Za-z]{3,9})', Jan: '(?<month>[A-Za-z]{3})', Monday: '[A-Za-z]+', Mon: '[A-Za-z]{3}', MST: '(?:UTC|GMT|[A-Z]{3,4})', 2006: '(?<year>\\d{4})', 'Z07:00': '(?<zone>Z|[+-]\\d\\d:\\d\\d)',
  '-07:00': '(?<zone>[+-]\\d\\d:\\d\\d)', '-0700': '(?<zone>[+-]\\d{4})', '01': '(?<month>\\d\\d)', '02': '(?<day>\\d\\d)', '03': '(?<hour>\\d\\d)', '04': '(?<minute>\\d\\d)', '05': '(?<second>\\d\\d(?:\\.\\d+)?)',
  '06': '(?<short>\\d\\d)', 15: '(?<hour>\\d\\d)', _2: ' ?(?<day>\\d{1,2})', PM: '(?<half>AM|PM)', pm: '(?<half>am|pm)', 1: '(?<month>\\d{1,2})', 2: '(?<day>\\d{1,2})', 3: '(?<hour>\\d{1,2})', 4: '(?<minute>\\d{1,2})',
  5: '(?<second>\\d{1,2}(?:\\.\\d+)?)',
}

/** Milliseconds of a text in Go's layout; null when it is not in it. Without a zone it is UTC. */
export function parseTime(layout: string, text: string): number | null {
  let at = 0
  let source = ''
  const seen = new Set<string>()
  for (const piece of layout.matchAll(pieces)) {
    const named = /\(\?<(\w+)>/.exec(read[piece[0]] ?? '')?.[1]
    if (named !== undefined && seen.has(named)) return null
    if (named !== undefined) seen.add(named)
    source += quoted(layout.slice(at, piece.index)) + (read[piece[0]] ?? '(?:[.,]\\d+)?')
    at = piece.index + piece[0].length
  }
  const found = new RegExp(`^${source}${quoted(layout.slice(at))}$`).exec(text)?.groups
  if (found === undefined) return null
  const month = found.month === undefined ? 1 : /\d/.test(found.month) ? Number(found.month) : months.findIndex((name) => name.toLowerCase().startsWith(found.month!.toLowerCase())) + 1
  const year = found.year !== undefined ? Number(found.year) : found.short === undefined ? 0 : Number(found.short) + (Number(found.short) >= 69 ? 1900 : 2000)
  const hour = Number(found.hour ?? 0) % (found.half === undefined ? 24 : 12) + (/pm/i.test(found.half ?? '') ? 12 : 0)
  const time = Date.UTC(year, month - 1, Number(found.day ?? 1), hour, Number(found.minute ?? 0), 0, Math.round(Number(found.second ?? 0) * 1000))
  const date = new Date(time)
  if (month < 1 || month > 12 || date.getUTCMonth() !== month - 1) return null
  const zone = /^([+-])(\d\d):?(\d\d)$/.exec(found.zone ?? '')
  return zone === null ? time : time - (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60_000
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
