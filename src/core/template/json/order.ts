import type { Json } from './tree.ts'

const types = ['null', 'false', 'true', 'number', 'string', 'array', 'object']

export function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** jq's order of all values. */
export function compare(one: Json, other: Json): number {
  const rank = (value: Json): number => types.indexOf(typeof value === 'boolean' ? String(value) : typeOf(value))
  const by = rank(one) - rank(other)
  if (by !== 0) return by
  if (typeof one === 'number') return one - (other as number)
  if (typeof one === 'string') return one < (other as string) ? -1 : one > (other as string) ? 1 : 0
  if (Array.isArray(one)) return compareLists(one as readonly Json[], other as readonly Json[])
  if (typeof one !== 'object' || one === null) return 0
  const [a, b] = [one, other].map((value) => Object.keys(value as object).sort())
  const keys = compareLists(a!, b!)
  return keys !== 0 ? keys : compareLists(a!.map((key) => (one as Readonly<Record<string, Json>>)[key]!), a!.map((key) => (other as Readonly<Record<string, Json>>)[key]!))
}

function compareLists(one: readonly Json[], other: readonly Json[]): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const by = compare(one[index]!, other[index]!)
    if (by !== 0) return by
  }
  return one.length - other.length
}
