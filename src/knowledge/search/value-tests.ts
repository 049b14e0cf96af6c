import type { Test } from '#core/query/query.ts'

/** What a value of a query means as a test of one value of a row; null: it cannot be one. */
export type ValueTest<T> = ((value: T) => boolean) | null

/** `4`, `4,5`, `>=4`, `0.5..1`. Missing values (NaN) pass no test. */
export function numberTest(test: Test, values: readonly string[], scale = 1): ValueTest<number> {
  if (!values.every((value) => /^-?[0-9]{1,9}(\.[0-9]{1,6})?$/.test(value))) return null
  const numbers = values.map((value) => Number(value) * scale)
  const first = numbers[0]!
  switch (test) {
    case '>': return (value) => value > first
    case '>=': return (value) => value >= first
    case '<': return (value) => value < first
    case '<=': return (value) => value <= first
    case 'between': return (value) => value >= first && value <= numbers[1]!
    default: return (value) => numbers.includes(value)
  }
}

const never = -2_147_483_648
const minutesOfUnit = { h: 60, d: 1440, w: 10_080, m: 43_800, y: 525_960 } as const

/** Over minutes since 1970: a day, a time, a range of them, an age (`7d`: within the last seven days, `>7d`: older), or `never`. */
export function timeTest(test: Test, values: readonly string[], now: number): ValueTest<number> {
  if (values.length === 1 && /^(never|none)$/i.test(values[0]!)) return (value) => value === never
  const spans = values.map((value) => spanOf(value, Math.floor(now / 60_000)))
  const [first, second] = spans
  if (first === undefined || first === null || spans.includes(null)) return null
  const known = (inner: (value: number) => boolean) => (value: number) => value !== never && inner(value)
  if (test === 'between') return known((value) => value >= Math.min(first.from, second!.from) && value < Math.max(first.to, second!.to))
  if (values.length > 1) return null
  if (first.isAge) return test === '>' || test === '>=' ? known((value) => value < first.from) : known((value) => value >= first.from)
  switch (test) {
    case '>': return known((value) => value >= first.to)
    case '>=': return known((value) => value >= first.from)
    case '<': return known((value) => value < first.from)
    case '<=': return known((value) => value < first.to)
    default: return known((value) => value >= first.from && value < first.to)
  }
}

type Span = Readonly<{ from: number; to: number; isAge: boolean }>

function spanOf(value: string, now: number): Span | null {
  const age = /^([0-9]{1,5})([hdwmy])$/i.exec(value)
  if (age !== null) return { from: now - Number(age[1]) * minutesOfUnit[age[2]!.toLowerCase() as 'h'], to: now, isAge: true }
  const year = /^(19|20)[0-9]{2}$/.exec(value)
  if (year !== null) return { from: Date.UTC(Number(value), 0) / 60_000, to: Date.UTC(Number(value) + 1, 0) / 60_000, isAge: false }
  const month = /^((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])$/.exec(value)
  if (month !== null) return { from: Date.UTC(Number(month[1]), Number(month[2]) - 1) / 60_000, to: Date.UTC(Number(month[1]), Number(month[2])) / 60_000, isAge: false }
  if (!/^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,12}Z?)?$/.test(value)) return null
  const isDay = value.length === 10
  const from = Date.parse(isDay ? `${value}T00:00:00Z` : value.endsWith('Z') ? value : `${value}Z`)
  return Number.isNaN(from) ? null : { from: Math.floor(from / 60_000), to: Math.floor(from / 60_000) + (isDay ? 1440 : 1), isAge: false }
}

export function yesNoTest(test: Test, values: readonly string[]): boolean | null {
  if (values.length !== 1 || (test !== 'is' && test !== 'exact') || !/^(true|false|yes|no)$/i.test(values[0]!)) return null
  return /^(true|yes)$/i.test(values[0]!)
}

/** Part of the text, with `*` the whole with anything in its place, in quotes the whole as it is. Case does not count. */
export function textTest(test: Test, values: readonly string[]): ValueTest<string> {
  if (test === 'exact') {
    const whole = new Set(values.map((value) => value.toLowerCase()))
    return (text) => whole.has(text.toLowerCase())
  }
  if (test !== 'is') return null
  const tests = values.map(patternTest)
  return (text) => tests.some((one) => one(text.toLowerCase()))
}

/** Without regular expressions, whose time could be long: the pieces between stars must follow each other. */
export function patternTest(value: string): (lower: string) => boolean {
  const lower = value.toLowerCase()
  if (!lower.includes('*')) return (text) => text.includes(lower)
  const pieces = lower.split('*')
  const [start, end] = [pieces[0]!, pieces.at(-1)!]
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  return (text) => {
    if (!text.startsWith(start) || !text.endsWith(end) || text.length < start.length + end.length) return false
    let at = start.length
    for (const piece of middle) {
      const found = text.indexOf(piece, at)
      if (found < 0 || found + piece.length > text.length - end.length) return false
      at = found + piece.length
    }
    return true
  }
}
