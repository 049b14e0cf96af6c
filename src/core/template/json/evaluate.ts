import { callOf } from './call.ts'
import { compare, typeOf } from './order.ts'
import { BadQuery, type Json, type Query } from './tree.ts'
import { asText, isObject, isTrue, wrong, type Budget } from './value.ts'

/** Values of a query over one value, in order. Throws `BadQuery` where jq would stop with an error. */
export function* evaluateQuery(query: Query, input: Json, budget: Budget): Generator<Json> {
  if (--budget.left < 0) throw new BadQuery('it takes too long')
  switch (query.kind) {
    case 'self':
      yield input
      return
    case 'descend':
      yield* descend(input, budget)
      return
    case 'value':
      yield query.value
      return
    case 'field':
      for (const key of evaluateQuery(query.key, input, budget)) for (const of of evaluateQuery(query.of, input, budget)) yield field(of, key)
      return
    case 'slice':
      for (const of of evaluateQuery(query.of, input, budget)) yield* slice(of, query, input, budget)
      return
    case 'each':
      for (const of of evaluateQuery(query.of, input, budget)) yield* members(of, budget)
      return
    case 'try':
      try {
        yield* evaluateQuery(query.of, input, budget)
      } catch (error) {
        if (!(error instanceof BadQuery) || budget.left < 0) throw error
      }
      return
    case 'pipe':
      for (const left of evaluateQuery(query.left, input, budget)) yield* evaluateQuery(query.right, left, budget)
      return
    case 'comma':
      yield* evaluateQuery(query.left, input, budget)
      yield* evaluateQuery(query.right, input, budget)
      return
    case 'or-else':
      yield* orElse(query, input, budget)
      return
    case 'and':
    case 'or':
      for (const left of evaluateQuery(query.left, input, budget)) {
        if (isTrue(left) === (query.kind === 'or')) yield isTrue(left)
        else for (const right of evaluateQuery(query.right, input, budget)) yield isTrue(right)
      }
      return
    case 'operator':
      for (const right of evaluateQuery(query.right, input, budget)) for (const left of evaluateQuery(query.left, input, budget)) yield operate(query.sign, left, right)
      return
    case 'negate':
      for (const of of evaluateQuery(query.of, input, budget)) yield typeof of === 'number' ? -of : wrong(`${typeOf(of)} cannot be negated`)
      return
    case 'array':
      yield query.of === null ? [] : [...evaluateQuery(query.of, input, budget)]
      return
    case 'object':
      yield* objects(query.entries, input, budget)
      return
    case 'text':
      yield query.parts.map((part) => (typeof part === 'string' ? part : asText([...evaluateQuery(part, input, budget)][0] ?? null))).join('')
      return
    case 'if':
      for (const test of evaluateQuery(query.test, input, budget)) {
        if (isTrue(test)) yield* evaluateQuery(query.yes, input, budget)
        else if (query.no === null) yield input
        else yield* evaluateQuery(query.no, input, budget)
      }
      return
    case 'call':
      yield* callOf(query.name, query.of, input, (one, value) => evaluateQuery(one, value, budget))
      return
    default:
      query satisfies never
  }
}

function* descend(value: Json, budget: Budget): Generator<Json> {
  if (--budget.left < 0) wrong('it takes too long')
  yield value
  if (typeof value === 'object' && value !== null) for (const one of Object.values(value) as Json[]) yield* descend(one, budget)
}

function* members(value: Json, budget: Budget): Generator<Json> {
  if (typeof value !== 'object' || value === null) wrong(`${typeOf(value)} has no members`)
  for (const one of Object.values(value as Readonly<Record<string, Json>>)) {
    if (--budget.left < 0) wrong('it takes too long')
    yield one
  }
}

function field(of: Json, key: Json): Json {
  if (of === null && (typeof key === 'string' || typeof key === 'number')) return null
  if (typeof key === 'string' && isObject(of)) return Object.hasOwn(of, key) ? of[key]! : null
  if (typeof key === 'number' && Array.isArray(of)) return (of.at(Math.floor(key)) as Json | undefined) ?? null
  return wrong(`${typeOf(of)} has no ${typeOf(key)} index`)
}

function* slice(of: Json, query: Query & { kind: 'slice' }, input: Json, budget: Budget): Generator<Json> {
  if (of === null) {
    yield null
    return
  }
  const edge = (one: Query | null): number | undefined => {
    if (one === null) return undefined
    const value = [...evaluateQuery(one, input, budget)][0] ?? null
    return value === null ? undefined : typeof value === 'number' ? Math.floor(value) : wrong('a slice by what is no number')
  }
  if (typeof of !== 'string' && !Array.isArray(of)) wrong(`${typeOf(of)} cannot be sliced`)
  yield (of as string | readonly Json[]).slice(edge(query.from), edge(query.to))
}

function* orElse(query: Query & { left: Query; right: Query }, input: Json, budget: Budget): Generator<Json> {
  let found = false
  try {
    for (const left of evaluateQuery(query.left, input, budget)) {
      if (!isTrue(left)) continue
      found = true
      yield left
    }
  } catch (error) {
    if (!(error instanceof BadQuery) || budget.left < 0) throw error
  }
  if (!found) yield* evaluateQuery(query.right, input, budget)
}

function* objects(entries: readonly Readonly<{ key: Query; value: Query }>[], input: Json, budget: Budget): Generator<Json> {
  const [first, ...rest] = entries
  if (first === undefined) {
    yield {}
    return
  }
  for (const key of evaluateQuery(first.key, input, budget)) {
    if (typeof key !== 'string') wrong('a key that is no text')
    for (const value of evaluateQuery(first.value, input, budget)) for (const more of objects(rest, input, budget)) yield Object.fromEntries([[key as string, value], ...Object.entries(more as Readonly<Record<string, Json>>)])
  }
}

function operate(sign: string, left: Json, right: Json): Json {
  const order = compare(left, right)
  switch (sign) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return arithmetic(sign, left, right)
  }
}

function arithmetic(sign: string, left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') {
    if (sign === '+') return left + right
    if (sign === '-') return left - right
    if (sign === '*') return left * right
    if (right === 0) wrong('a division by nothing')
    return sign === '/' ? left / right : Math.trunc(left) % Math.trunc(right)
  }
  if (sign === '+') {
    if (left === null || right === null) return left ?? right
    if (typeof left === 'string' && typeof right === 'string') return left + right
    if (Array.isArray(left) && Array.isArray(right)) return [...(left as Json[]), ...(right as Json[])]
    if (isObject(left) && isObject(right)) return { ...left, ...right }
  }
  if (sign === '-' && Array.isArray(left) && Array.isArray(right)) return (left as Json[]).filter((one) => !(right as Json[]).some((other) => compare(one, other) === 0))
  if (sign === '/' && typeof left === 'string' && typeof right === 'string') return left.split(right)
  return wrong(`${typeOf(left)} and ${typeOf(right)} cannot be taken by ${sign}`)
}
