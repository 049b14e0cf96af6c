import { fail } from '#core/errors.ts'
import { parseIpRange } from '#core/ip-set.ts'
import { formatIp, parseIp } from '#core/ip.ts'
import type { Query, Test } from '#core/query/query.ts'
import type { Fragment, Sql } from '#store/store.ts'

/** A piece of SQL to be put into a statement; never awaited by itself. */
export type { Fragment }
export type Where = Readonly<{ sql: Sql; tenant: string; now: Date; found?: Found; lists?: Lists; seesFindings?: boolean }>

/** Search lists that a query names, by lower-case name, read before it: a dynamic one is a query over checks, a static one their numbers. */
export type Lists = ReadonlyMap<string, Readonly<{ query: Query | null; checks: readonly number[] }>>

/**
 * Ids that terms of a query stand for, looked up before the statement itself: the planner then knows how many there are. By `termKey`; null: more hosts
 * than are worth naming. `only`: the hosts that the terms `settled` of the whole query leave.
 */
export type Found = Readonly<{
  checks: ReadonlyMap<string, readonly number[]>
  hosts: ReadonlyMap<string, readonly string[] | null>
  only: readonly string[] | null
  settled: ReadonlySet<string>
}>

export function termKey(field: string, test: Test, values: readonly string[]): string {
  return JSON.stringify([field, test, values])
}

/** What a word before a colon means. `expected` completes "…: it takes". */
export type Field = Readonly<{ expected: string; where(at: Where, test: Test, values: readonly string[]): Fragment | null }>
export type Fields = Readonly<Record<string, Field>>

/**
 * The condition that a query stands for. Every value goes as a parameter; columns and operators are ours. Throws the catalogue's error for a
 * field that is not there and a value that it cannot take.
 */
export function whereOf(at: Where, query: Query | null, fields: Fields, text: (at: Where, text: string) => Fragment): Fragment {
  if (query === null) return at.sql`true`
  const walk = (part: Query): Fragment => {
    if (part.kind === 'not') return at.sql`(${walk(part.part)}) is not true`
    if (part.kind === 'text') return text(at, part.text)
    if (part.kind === 'field') {
      const field = fieldOf(fields, part.field)
      return field.where(at, part.test, part.values) ?? fail('query.bad_value', { value: part.values.join(','), field: part.field, expected: `it takes ${field.expected}` })
    }
    const glue = part.kind
    return part.parts.map(walk).reduce((all, one) => (glue === 'and' ? at.sql`${all} and ${one}` : at.sql`(${all}) or (${one})`))
  }
  return at.sql`(${walk(query)})`
}

function fieldOf(fields: Fields, name: string): Field {
  const found = Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase())
  return found === undefined ? fail('query.unknown_field', { field: name, known: Object.keys(fields).sort().join(', ') }) : fields[found]!
}

/** Whole numbers: `4`, `4,5`, `>=4`, `20..25`. With `decimal`, others too. */
export function numberField(column: (sql: Sql) => Fragment, kind: 'whole' | 'decimal' = 'whole'): Field {
  return {
    expected: kind === 'whole' ? 'a whole number, >=4, or 1..5' : 'a number, >=4.5, or 1..5',
    where({ sql }, test, values) {
      if (!values.every((value) => (kind === 'whole' ? /^-?[0-9]{1,15}$/ : /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/).test(value))) return null
      const [first, second] = [Number(values[0]), Number(values[1])]
      const one = (value: number): Fragment => (kind === 'whole' ? sql`${value}::bigint` : sql`${value}::float8`)
      if (test === 'between') return sql`${column(sql)} between ${one(first)} and ${one(second)}`
      if (test !== 'is' && test !== 'exact') return compare(sql, column(sql), test, one(first))
      return kind === 'whole' ? sql`${column(sql)} = any(${values.map(Number)}::bigint[])` : sql`${column(sql)} = any(${values.map(Number)}::float8[])`
    },
  }
}

/** One or more of a fixed list of words. */
export function wordField(column: (sql: Sql) => Fragment, words: readonly string[]): Field {
  return {
    expected: words.join(', '),
    where({ sql }, test, values) {
      const known = values.map((value) => words.find((word) => word.toLowerCase() === value.toLowerCase()))
      if ((test !== 'is' && test !== 'exact') || known.includes(undefined)) return null
      // Written out, since they are ours, so that an index over one of them can be used.
      return sql`${column(sql)} in (${sql.unsafe(known.map((word) => `'${word}'`).join(', ')) as never})`
    },
  }
}

export function yesNoField(column: (sql: Sql) => Fragment): Field {
  return {
    expected: 'true or false',
    where({ sql }, test, values) {
      if (values.length !== 1 || (test !== 'is' && test !== 'exact') || !/^(true|false|yes|no)$/i.test(values[0]!)) return null
      return /^(true|yes)$/i.test(values[0]!) ? sql`${column(sql)}` : sql`not ${column(sql)}`
    },
  }
}

/** Text: part of it, with `*` for anything; whole when in quotes; `none` for missing. */
export function textField(column: (sql: Sql) => Fragment): Field {
  return {
    expected: 'text, with * for anything',
    where({ sql }, test, values) {
      if (test === 'exact') return sql`lower(${column(sql)}) = any(${values.map((value) => fitting(value).toLowerCase())})`
      if (test !== 'is') return null
      if (values.length === 1 && values[0]!.toLowerCase() === 'none') return sql`coalesce(${column(sql)}, '') = ''`
      return sql`${column(sql)} ilike any(${values.map(patternOf)})`
    },
  }
}

/** One of a list column, whole, ignoring case. */
export function memberField(column: (sql: Sql) => Fragment): Field {
  return {
    expected: 'a value, with * for anything',
    where({ sql }, test, values) {
      if (test !== 'is' && test !== 'exact') return null
      if (test === 'is' && values.length === 1 && values[0]!.toLowerCase() === 'none') return sql`cardinality(${column(sql)}) = 0`
      if (test === 'exact' || values.every((value) => !value.includes('*'))) {
        return sql`exists (select from unnest(${column(sql)}) as member where lower(member) = any(${values.map((value) => fitting(value).toLowerCase())}))`
      }
      return sql`exists (select from unnest(${column(sql)}) as member where member ilike any(${values.map((value) => escaped(value).replaceAll('*', '%'))}))`
    },
  }
}

/** A day (`2026-01-31`), a time, or an age: `7d` is within the last seven days, `>7d` older than that. `never` for missing. */
export function timeField(column: (sql: Sql) => Fragment): Field {
  return {
    expected: 'a day as 2026-01-31, or an age as 7d, 12h, >30d',
    where({ sql, now }, test, values) {
      if (values.length === 1 && /^(never|none)$/i.test(values[0]!)) return sql`${column(sql)} is null`
      const times = values.map((value) => timeOf(value, now))
      const first = times[0]
      if (times.includes(null) || first === undefined || first === null) return null
      if (test === 'between') return sql`${column(sql)} >= ${earlier(first, times[1]!).from} and ${column(sql)} < ${later(first, times[1]!).to}`
      if (values.length > 1) return null
      if (first.age) return test === '>' || test === '>=' ? sql`${column(sql)} < ${first.from}` : sql`${column(sql)} >= ${first.from}`
      if (test === 'is' || test === 'exact') return sql`(${column(sql)} >= ${first.from} and ${column(sql)} < ${first.to})`
      return test === '>' ? sql`${column(sql)} >= ${first.to}` : test === '>=' ? sql`${column(sql)} >= ${first.from}`
        : test === '<' ? sql`${column(sql)} < ${first.from}` : sql`${column(sql)} < ${first.to}`
    },
  }
}

/** Addresses, ranges and blocks against an inet column; anything else against a name. */
export function hostField(address: (sql: Sql) => Fragment, name: (sql: Sql) => Fragment): Field {
  const names = textField(name)
  return {
    expected: 'an address, range, block or host name',
    where(at, test, values) {
      const { sql } = at
      if (test === 'between') return within(at, `${values[0]}-${values[1]}`)
      if (test !== 'is' && test !== 'exact') return null
      return values.map((value) => within(at, value) ?? sql`(${names.where(at, test, [value])!} or host(${address(sql)}) like ${escaped(value).replaceAll('*', '%')})`)
        .reduce((all, one) => sql`(${all} or ${one})`)
    },
  }

  function within({ sql }: Where, value: string): Fragment | null {
    if (!/^[0-9a-f:./-]+$/i.test(value) || (!value.includes(':') && !/^[0-9]/.test(value))) return null
    const ip = parseIp(value)
    if (ip !== null) return sql`${address(sql)} = ${formatIp(ip)}::inet`
    try {
      const range = parseIpRange(value)
      return sql`${address(sql)} between ${formatIp({ version: range.version, value: range.first })}::inet and ${formatIp({ version: range.version, value: range.last })}::inet`
    } catch {
      return null
    }
  }
}

/** A field of another table, through a look-up of its ids. */
export function through(field: Field, wrap: (at: Where, inner: Fragment) => Fragment): Field {
  return {
    expected: field.expected,
    where(at, test, values) {
      const inner = field.where(at, test, values)
      return inner === null ? null : wrap(at, inner)
    },
  }
}

export function compare(sql: Sql, left: Fragment, test: Test, right: Fragment): Fragment {
  return test === '>' ? sql`${left} > ${right}` : test === '>=' ? sql`${left} >= ${right}` : test === '<' ? sql`${left} < ${right}` : sql`${left} <= ${right}`
}

/**
 * Has the statements of this transaction planned for the values they carry: a plan made for any tenant and any filter is wrong for most. And without
 * helpers: a page is read in milliseconds, and many are read at once. Goes out with the statement that follows, so it costs no round trip; await it after that.
 */
export function planAnew({ sql }: Readonly<{ sql: Sql }>): Promise<unknown> {
  return Promise.all([sql`set local plan_cache_mode = force_custom_plan`, sql`set local max_parallel_workers_per_gather = 0`])
}

/** A number of a page marker, which comes back from outside, as one that a smallint column can be compared with. */
export function small(value: unknown): number {
  return Math.max(-32_768, Math.min(32_767, Math.trunc(Number(value))))
}

/** A LIKE pattern for "has this somewhere", or, where the value holds a `*`, for the whole with anything in its place. */
export function patternOf(value: string): string {
  return value.includes('*') ? escaped(value).replaceAll('*', '%') : `%${escaped(value)}%`
}

function escaped(value: string): string {
  return fitting(value).replace(/[\\%_]/g, '\\$&')
}

/** PostgreSQL takes no NUL, and nothing it holds has one. */
function fitting(value: string): string {
  return value.replaceAll('\0', '').toWellFormed()
}

type Span = Readonly<{ from: Date; to: Date; age: boolean }>

function timeOf(value: string, now: Date): Span | null {
  const age = /^([0-9]{1,5})([hdwmy])$/i.exec(value)
  if (age !== null) {
    const hours = { h: 1, d: 24, w: 168, m: 730, y: 8766 }[age[2]!.toLowerCase() as 'h']
    // Nothing here is older than 1970, and far before it PostgreSQL and JavaScript write years differently.
    return { from: new Date(Math.max(0, now.getTime() - Number(age[1]) * hours * 3_600_000)), to: now, age: true }
  }
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z?)?$/.test(value)) return null
  const isDay = value.length === 10
  const from = new Date(isDay ? `${value}T00:00:00Z` : value.endsWith('Z') ? value : `${value}Z`)
  if (Number.isNaN(from.getTime()) || from.getUTCFullYear() < 1900 || from.getUTCFullYear() > 2999) return null
  return { from, to: new Date(from.getTime() + (isDay ? 86_400_000 : 1)), age: false }
}

function earlier(a: Span, b: Span): Span {
  return a.from <= b.from ? a : b
}
function later(a: Span, b: Span): Span {
  return a.to >= b.to ? a : b
}
