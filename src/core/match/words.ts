import type { Scalar } from '../observation.ts'
import type { Bound, Expr } from './expr.ts'

/** The rule of a signature as people read it: one line a condition, indented by two spaces below what joins them. Plain text; nothing is left out. */
export function ruleWords(rule: Expr): string {
  return lines(rule, 0).join('\n')
}

function lines(rule: Expr, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const joined = (head: string, parts: readonly Expr[]): string[] => [`${indent}${head}`, ...parts.flatMap((part) => lines(part, depth + 1))]
  if ('all' in rule) return rule.all.length === 1 ? lines(rule.all[0]!, depth) : joined('all of these hold:', rule.all)
  if ('any' in rule) return rule.any.length === 1 ? lines(rule.any[0]!, depth) : joined('at least one of these holds:', rule.any)
  if ('none' in rule) return joined('none of these holds:', rule.none)
  return [`${indent}${leaf(rule)}`]
}

function leaf(rule: Exclude<Expr, { all: unknown } | { any: unknown } | { none: unknown }>): string {
  const { field } = rule
  if ('is' in rule) return `${field} is ${choice(rule.is)}`
  if ('has' in rule) return `${field} contains ${choice(rule.has)}`
  if ('matches' in rule) return `${field} matches /${rule.matches}/${rule.flags ?? ''}`
  if ('exists' in rule) return rule.exists ? `${field} is there` : `${field} is missing`
  if ('version' in rule) return `${field} is a version in ${rule.version}`
  if ('below' in rule) return `${field} is below ${bound(rule.below)}`
  return `${field} is above ${bound(rule.above)}`
}

function choice(value: Scalar | readonly Scalar[]): string {
  const list: readonly Scalar[] = Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar]
  return list.map((one) => (typeof one === 'string' ? `“${one}”` : String(one))).join(' or ')
}

const units: readonly (readonly [number, string])[] = [[86_400_000, 'day'], [3_600_000, 'hour'], [1000, 'second']]

function bound(value: Bound): string {
  if (typeof value === 'number') return String(value)
  const base = value.field === '$seen' ? 'the time of the look' : value.field
  if (value.plus === undefined || value.plus === 0) return base
  const size = Math.abs(value.plus)
  const [unit, name] = units.find(([whole]) => size % whole === 0) ?? [1, '']
  const count = size / unit
  return `${base} ${value.plus < 0 ? 'less' : 'plus'} ${count}${name === '' ? '' : ` ${name}${count === 1 ? '' : 's'}`}`
}
