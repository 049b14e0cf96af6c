/** What an expression works with: texts are bytes as Latin-1. */
export type Value = string | number | boolean | readonly string[]

/**
 * What names stand for, and where chance and time come from. Both are given, so that what was worked out once can be worked out again from the record (src/core/proof.ts): `chance` yields
 * numbers from 0 to 1, `now` is in milliseconds.
 */
export type Scope = Readonly<{
  get(name: string): Value | undefined
  chance(): number
  now: number
  /** Answers of what was asked outside, by its question (outside.ts). */
  answers?: ReadonlyMap<string, Value | null>
}>

/** Why an expression has no value: a name without one, what does not go together, or an argument that is none. An expected outcome, which counts as "does not hold". */
export class NoValue extends Error {
  /** The name that stands for nothing. */
  readonly missing: string | null

  constructor(text: string, missing: string | null = null) {
    // Thrown for most answers by some template, and caught by its matcher: nobody reads where it came from, and finding that out is dear.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(text)
    Error.stackTraceLimit = stackTraceLimit
    this.missing = missing
  }
}

/** A question that only the runtime can answer; it asks, and works the expression out again (outside.ts). */
export class Asked extends Error {
  readonly question: Question

  constructor(question: Question) {
    super(question.call)
    this.question = question
  }
}
export type Question = Readonly<{ call: string; of: readonly string[] }>

export function keyOf({ call, of }: Question): string {
  return JSON.stringify([call, of])
}

/** A text above this is no text a template makes. */
export const longestText = 16 * 1024 * 1024

/** As Go's %v of what govaluate knows: numbers without an exponent. */
export function asText(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return plainNumber(value)
  return typeof value === 'boolean' ? String(value) : `[${value.join(' ')}]`
}

function plainNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) >= 1e21) return BigInt(value).toString()
  if (value !== 0 && Math.abs(value) < 1e-6) return value.toFixed(20).replace(/0+$/, '')
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN'
}

/** Names and values of a record over others: the later ones win. */
export function valuesOver(...records: readonly Readonly<Record<string, Value>>[]): (name: string) => Value | undefined {
  return (name) => {
    for (let index = records.length - 1; index >= 0; index--) if (Object.hasOwn(records[index]!, name)) return records[index]![name]
    return undefined
  }
}

/** Chance from a seed, the same each time (mulberry32): a scan records the seed. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
