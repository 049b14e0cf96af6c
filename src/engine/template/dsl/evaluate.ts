import type { Dsl, Operator, Text } from '#core/template/dsl.ts'
import { callHelper } from './call.ts'
import { regexOf } from './regex.ts'
import { asText, longestText, NoValue, type Scope, type Value } from './scope.ts'

/** The value of an expression. Throws `NoValue` where govaluate would end with an error, and `Asked` where the runtime has to be asked first. */
export function evaluate(dsl: Dsl, scope: Scope): Value {
  if ('value' in dsl) return dsl.value
  if ('name' in dsl) return scope.get(dsl.name) ?? none(`there is no ${dsl.name}`, dsl.name)
  if ('text' in dsl) return textOf(dsl.text, scope)
  if ('list' in dsl) return dsl.list.map((one) => asText(evaluate(one, scope)))
  if ('op' in dsl) return operate(dsl.op, dsl.of, scope)
  return callHelper(dsl.call, dsl.of.map((one) => evaluate(one, scope)), scope)
}

/** Whether an expression holds: what has no value, or is no truth, does not. */
export function holds(dsl: Dsl, scope: Scope): boolean {
  try {
    return evaluate(dsl, scope) === true
  } catch (error) {
    if (error instanceof NoValue) return false
    throw error
  }
}

/** Text with its pieces worked out. A piece that has no value stays as it is written. */
export function textOf(text: Text, scope: Scope): string {
  return fill(text, scope).text
}

/** Text with its pieces worked out, and the names that stood for nothing. */
export function fill(text: Text, scope: Scope): Readonly<{ text: string; missing: readonly string[] }> {
  if (typeof text === 'string') return { text, missing: [] }
  const missing: string[] = []
  let out = ''
  for (const piece of text) {
    if (typeof piece === 'string') out += piece
    else {
      try {
        out += asText(evaluate(piece.of, scope))
      } catch (error) {
        if (!(error instanceof NoValue)) throw error
        out += piece.as
        missing.push(error.missing ?? piece.as)
      }
    }
    if (out.length > longestText) none('a text that is too long')
  }
  return { text: out, missing }
}

function none(text: string, missing: string | null = null): never {
  throw new NoValue(text, missing)
}

function operate(op: Operator, of: readonly Dsl[], scope: Scope): Value {
  const left = evaluate(of[0]!, scope)
  switch (op) {
    case '&&':
    case '||': {
      if (truth(left) === (op === '||')) return truth(left)
      return truth(evaluate(of[1]!, scope))
    }
    case '!':
      return !truth(left)
    case '?:':
      return truth(left) ? evaluate(of[1]!, scope) : evaluate(of[2]!, scope)
    case '??':
      return left
    case '-':
      return of.length === 1 ? -number(left) : number(left) - number(evaluate(of[1]!, scope))
    default:
      return binary(op, left, evaluate(of[1]!, scope))
  }
}

function binary(op: Operator, left: Value, right: Value): Value {
  switch (op) {
    case '==':
      return same(left, right)
    case '!=':
      return !same(left, right)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(op, left, right)
    case '+':
      if (typeof left === 'string' || typeof right === 'string') return joined(asText(left), asText(right))
      return number(left) + number(right)
    case '*':
      return number(left) * number(right)
    case '/':
      return number(left) / number(right)
    case '%':
      return number(left) % number(right)
    case '**':
      return number(left) ** number(right)
    case '=~':
      return regexOf(text(right)).test(text(left))
    case '!~':
      return !regexOf(text(right)).test(text(left))
    case 'in':
      return typeof right === 'object' ? right.includes(asText(left)) : none('in what is no list')
    default:
      return bits(op, number(left), number(right))
  }
}

function bits(op: Operator, left: number, right: number): number {
  const [a, b] = [BigInt.asIntN(64, BigInt(Math.trunc(left) || 0)), BigInt.asIntN(64, BigInt(Math.trunc(right) || 0))]
  if (op === '&') return Number(a & b)
  if (op === '|') return Number(a | b)
  if (op === '^') return Number(a ^ b)
  if (b < 0n || b > 63n) return none('a shift that is none')
  return Number(BigInt.asIntN(64, op === '<<' ? a << b : a >> b))
}

function joined(left: string, right: string): string {
  return left.length + right.length > longestText ? none('a text that is too long') : left + right
}

function same(left: Value, right: Value): boolean {
  if (typeof left === 'object' && typeof right === 'object') return left.length === right.length && left.every((one, index) => one === right[index])
  return left === right
}

function ordered(op: Operator, left: Value, right: Value): boolean {
  const isTexts = typeof left === 'string' && typeof right === 'string'
  if (!isTexts && (typeof left !== 'number' || typeof right !== 'number')) none('an order between what has none')
  if (op === '<') return left < right
  if (op === '<=') return left <= right
  return op === '>' ? left > right : left >= right
}

function truth(value: Value): boolean {
  return typeof value === 'boolean' ? value : none('a truth is wanted')
}

function number(value: Value): number {
  return typeof value === 'number' ? value : none('a number is wanted')
}

function text(value: Value): string {
  return typeof value === 'string' ? value : none('a text is wanted')
}
