import { bytesOf } from './bytes.ts'
import type { Dsl, Operator, Text } from './dsl.ts'
import { BadDsl, tokensOf } from './dsl-tokens.ts'
import type { Token } from './dsl-tokens.ts'
import { helperNamed, helpers } from './helper-names.ts'

/** Operators from the loosest to the tightest; those of one row go from left to right. */
const levels: readonly (readonly string[])[] = [
  ['||'], ['&&'], ['==', '!=', '>', '<', '>=', '<=', '=~', '!~', 'in'], ['&', '|', '^'], ['<<', '>>'], ['+', '-'], ['*', '/', '%'], ['**'],
]
const deepest = 80
const mostNodes = 4000

/** Parses an expression as govaluate does, in its precedence; `parseText` takes what is in quotes apart. Helpers are kept by their name without underscores. Throws `BadDsl`. */
export function parseExpression(source: string, parseText: (text: string) => Text): Dsl {
  const tokens = tokensOf(source)
  let at = 0
  let depth = 0
  let nodes = 0

  const fail = (problem: string): never => {
    throw new BadDsl(problem)
  }
  const isSign = (value: string): boolean => tokens[at]?.kind === 'sign' && tokens[at]!.value === value
  const take = (value: string): boolean => {
    if (!isSign(value)) return false
    at++
    return true
  }
  const made = <D extends Dsl>(node: D): D => {
    if (++nodes > mostNodes) fail('too large')
    return node
  }

  /** One or several with commas between. */
  function list(): Dsl {
    const first = choice()
    if (!isSign(',')) return first
    const all = [first]
    while (take(',')) all.push(choice())
    return made({ list: all })
  }

  function choice(): Dsl {
    if (++depth > deepest) fail('too deep')
    let left = binary(0)
    for (;;) {
      if (take('?')) {
        const yes = choice()
        const no = take(':') ? choice() : made({ value: false })
        left = made({ op: '?:', of: [left, yes, no] })
      } else if (take('??')) left = made({ op: '??', of: [left, binary(0)] })
      else break
    }
    depth--
    return left
  }

  function binary(level: number): Dsl {
    if (level === levels.length) return unary()
    let left = binary(level + 1)
    for (;;) {
      const token = tokens[at]
      const sign = token?.kind === 'sign' ? token.value : token?.kind === 'name' && /^(in|IN)$/.test(token.value) ? 'in' : null
      if (sign === null || !levels[level]!.includes(sign)) return left
      at++
      left = made({ op: sign as Operator, of: [left, binary(level + 1)] })
    }
  }

  function unary(): Dsl {
    if (take('!')) return made({ op: '!', of: [nested()] })
    if (take('-')) {
      const of = nested()
      return 'value' in of && typeof of.value === 'number' ? { value: -of.value } : made({ op: '-', of: [of] })
    }
    return primary()
  }

  function nested(): Dsl {
    if (++depth > deepest) fail('too deep')
    const of = unary()
    depth--
    return of
  }

  function primary(): Dsl {
    const token: Token = tokens[at++] ?? fail('it ends too early')
    switch (token.kind) {
      case 'number':
        return made({ value: token.value })
      case 'text':
        return quotedText(token.value)
      case 'marked':
        return made({ name: token.value })
      case 'name':
        if (/^(true|false)$/.test(token.value)) return made({ value: token.value === 'true' })
        return isSign('(') ? call(token.value) : made({ name: token.value })
      default:
        if (token.value !== '(') fail(`${token.value} where a value is wanted`)
        return bracket()
    }
  }

  function bracket(): Dsl {
    const inside = list()
    if (!take(')')) fail('an open bracket')
    return inside
  }

  function call(name: string): Dsl {
    const helper = helperNamed(name) ?? fail(`there is no function ${name.slice(0, 60)}`)
    at++
    const of: Dsl[] = []
    if (!take(')')) {
      do of.push(choice())
      while (take(','))
      if (!take(')')) fail('an open bracket')
    }
    const [least, most] = helpers[helper]!
    if (of.length < least || of.length > most) fail(`${name} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${of.length}`)
    return made({ call: helper, of })
  }

  function quotedText(value: string): Dsl {
    const text = value.includes('{{') ? parseText(value) : bytesOf(value)
    return made(typeof text === 'string' ? { value: text } : { text })
  }

  if (tokens.length === 0) fail('it is empty')
  const all = list()
  return at < tokens.length ? fail(`${String(tokens[at]!.value).slice(0, 40)} after its end`) : all
}
