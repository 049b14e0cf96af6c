import { parseVersion } from '../version/generic.ts'
import { inVersionRange, parseVersionRange } from '../version/range.ts'
import { BadExpr } from './bad-expr.ts'
import type { Bound, Expr } from './expr.ts'
import { compilePattern } from './pattern.ts'
import { textsOf, type Value, type View } from './view.ts'

/** Whether the rule holds. */
export type Predicate = (view: View) => boolean

/** A leaf that held, with the text of the observation that made it hold: what a finding shows as its proof. */
export type Match = Readonly<{ field: string; text: string }>

/** A rule ready to run: `holds` is the fast path; `explain` says, once it held, what in the observation made it so. */
export type Rule = Readonly<{ holds: Predicate; explain(view: View): readonly Match[] }>

const mostNodes = 400
const mostDepth = 12
const mostText = 512

/** Compiles a rule, once. Throws `BadExpr` on anything that is not exactly an Expr or that would be dear to run. */
export function compileExpr(expr: Expr): Rule {
  const budget = { nodes: mostNodes }
  return compileNode(expr, 'when', 1, budget)
}

const operators = ['all', 'any', 'none', 'is', 'has', 'matches', 'exists', 'below', 'above', 'version'] as const

function compileNode(expr: Expr, at: string, depth: number, budget: { nodes: number }): Rule {
  if (typeof expr !== 'object' || expr === null || Array.isArray(expr)) throw new BadExpr(at, 'is not a rule')
  if (depth > mostDepth || --budget.nodes < 0) throw new BadExpr(at, 'the rule is too large')
  const found = operators.filter((name) => name in expr)
  if (found.length !== 1) throw new BadExpr(at, `needs exactly one of ${operators.join(', ')}`)
  const operator = found[0]!
  const allowed = ['all', 'any', 'none'].includes(operator)
    ? [operator]
    : operator === 'matches'
      ? ['field', 'matches', 'flags']
      : ['field', operator]
  for (const key of Object.keys(expr))
    if (!allowed.includes(key)) throw new BadExpr(at, `'${key}' does not belong beside '${operator}'`)
  if ('all' in expr || 'any' in expr || 'none' in expr) return compileGroup(expr, at, depth, budget)
  if (typeof expr.field !== 'string' || !/^\$?[\w-]+(\.[\w-]+)*$/.test(expr.field)) throw new BadExpr(at, 'field is not a path')
  return compileLeaf(expr, `${at}.${expr.field}`)
}

function compileGroup(
  expr: Extract<Expr, { all: unknown } | { any: unknown } | { none: unknown }>,
  at: string,
  depth: number,
  budget: { nodes: number },
): Rule {
  const [name, parts] = Object.entries(expr)[0] as [string, readonly Expr[]]
  if (!Array.isArray(parts) || parts.length === 0) throw new BadExpr(`${at}.${name}`, 'needs a list with at least one rule')
  const rules = parts.map((part: Expr, index) => compileNode(part, `${at}.${name}[${index}]`, depth + 1, budget))
  if (name === 'all')
    return {
      holds: (view) => rules.every((rule) => rule.holds(view)),
      explain: (view) => rules.flatMap((rule) => rule.explain(view)),
    }
  if (name === 'any') {
    return {
      holds: (view) => rules.some((rule) => rule.holds(view)),
      explain: (view) => rules.find((rule) => rule.holds(view))?.explain(view) ?? [],
    }
  }
  return { holds: (view) => !rules.some((rule) => rule.holds(view)), explain: () => [] }
}

type Leaf = Extract<Expr, { field: string }>

function compileLeaf(expr: Leaf, at: string): Rule {
  const { field } = expr
  if ('exists' in expr) {
    if (typeof expr.exists !== 'boolean') throw new BadExpr(at, 'exists must be true or false')
    const wanted = expr.exists
    return rule(
      field,
      (value) => (value === undefined) !== wanted,
      () => null,
    )
  }
  if ('is' in expr) return compileIs(expr, at)
  if ('has' in expr) return compileHas(expr, at)
  if ('matches' in expr) {
    const pattern = compilePattern(expr.matches, expr.flags ?? '', at)
    // Of a text what matched, of a list the members that did.
    const found = (value: Value): string | null => {
      if (typeof value === 'object')
        return value
          .map(String)
          .filter((text) => pattern.test(text))
          .join(', ')
      const [text] = textsOf(value)
      return (text === undefined ? undefined : pattern.exec(text)?.[0]) ?? null
    }
    return rule(field, (value) => textsOf(value).some((text) => pattern.test(text)), found)
  }
  if ('version' in expr) {
    const range = typeof expr.version === 'string' ? parseVersionRange(expr.version) : null
    if (range === null) throw new BadExpr(at, 'is not a version range')
    return rule(field, (value) => {
      const version = typeof value === 'string' ? parseVersion(value) : null
      return version !== null && inVersionRange(range, version)
    })
  }
  return compileBound(expr, at)
}

function rule(field: string, test: (value: Value) => boolean, show: (value: Value) => string | null = shortText): Rule {
  return {
    holds: (view) => test(view.get(field)),
    explain: (view) => {
      const value = view.get(field)
      const text = test(value) ? show(value) : null
      return text === null ? [] : [{ field, text }]
    },
  }
}

function shortText(value: Value): string | null {
  const texts = textsOf(value)
  return texts.length === 0 ? null : texts.join(', ')
}

function compileIs(expr: Extract<Leaf, { is: unknown }>, at: string): Rule {
  const wanted = Array.isArray(expr.is) ? expr.is : [expr.is]
  if (
    wanted.length === 0 ||
    wanted.some((one) => !['string', 'number', 'boolean'].includes(typeof one) || String(one).length > mostText)
  ) {
    throw new BadExpr(at, 'is needs a text, number, boolean or a list of them')
  }
  const set = new Set(wanted.map(fold))
  const { field } = expr
  const member = (value: Value): string | null => {
    if (value === undefined) return null
    if (typeof value !== 'object') return set.has(fold(value)) ? String(value) : null
    const same = value.filter((one) => set.has(fold(one)))
    return same.length === 0 ? null : same.join(', ')
  }
  return rule(field, (value) => member(value) !== null, member)
}

function fold<T>(value: T): T | string {
  return typeof value === 'string' ? value.toLowerCase() : value
}

function compileHas(expr: Extract<Leaf, { has: unknown }>, at: string): Rule {
  const wanted = (typeof expr.has === 'string' ? [expr.has] : expr.has).map((text) =>
    typeof text === 'string' ? text.toLowerCase() : '',
  )
  if (wanted.length === 0 || wanted.some((text) => text === '' || text.length > mostText))
    throw new BadExpr(at, 'has needs a text or a list of texts')
  const { field } = expr
  const find = (view: View): string | null => {
    const value = view.get(field)
    if (typeof value === 'string') {
      const text = view.lower(field)
      const found = wanted.find((one) => text.includes(one))
      return found === undefined ? null : value.substr(text.indexOf(found), found.length)
    }
    if (typeof value !== 'object') return null
    const members = value.filter((one) => wanted.includes(String(one).toLowerCase()))
    return members.length === 0 ? null : members.join(', ')
  }
  return {
    holds: (view) => find(view) !== null,
    explain: (view) => {
      const text = find(view)
      return text === null ? [] : [{ field, text }]
    },
  }
}

function compileBound(expr: Extract<Leaf, { below: Bound } | { above: Bound }>, at: string): Rule {
  const isBelow = 'below' in expr
  const bound: Bound = isBelow ? expr.below : expr.above
  const { field } = expr
  if (typeof bound !== 'number') {
    if (
      typeof bound !== 'object' ||
      bound === null ||
      typeof bound.field !== 'string' ||
      !['undefined', 'number'].includes(typeof bound.plus)
    ) {
      throw new BadExpr(at, 'needs a number, or { field, plus }')
    }
  } else if (!Number.isFinite(bound)) throw new BadExpr(at, 'needs a finite number')
  const holds: Predicate = (view) => {
    const value = view.get(field)
    const limit = typeof bound === 'number' ? bound : view.get(bound.field)
    if (typeof value !== 'number' || typeof limit !== 'number') return false
    const edge = limit + (typeof bound === 'number' ? 0 : (bound.plus ?? 0))
    return isBelow ? value < edge : value > edge
  }
  return { holds, explain: (view) => (holds(view) ? [{ field, text: String(view.get(field)) }] : []) }
}
