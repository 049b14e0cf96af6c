import { bytesOf } from './bytes.ts'
import type { Dsl, Piece, Text } from './dsl.ts'
import { BadDsl } from './dsl-tokens.ts'
import { parseExpression } from './parse-dsl.ts'

/** Parses an expression of the template language. Throws `BadDsl`. */
export function parseDsl(source: string): Dsl {
  return parseExpression(source, parseText)
}

const plainName = /^[A-Za-z_][\w.-]*$/
const longestExpression = 200_000

/**
 * Text with `{{…}}` in pieces. What is between the braces is an expression when it is a name, or parses and calls or names something: `{{7*7}}` is text, as it is what a template sends to see
 * whether somebody works it out. `§name§` is a name, too.
 */
export function parseText(source: string): Text {
  if (!source.includes('{{') && !source.includes('§')) return bytesOf(source)
  const pieces: (string | Piece)[] = []
  let plain = ''
  let at = 0
  const add = (of: Dsl, as: string): void => {
    if (plain !== '') pieces.push(bytesOf(plain))
    plain = ''
    pieces.push({ of, as: bytesOf(as) })
    at += as.length
  }
  while (at < source.length) {
    if (source.startsWith('{{', at)) {
      const found = expressionAt(source, at)
      if (found !== null) {
        add(found.of, found.as)
        continue
      }
      plain += '{{'
      at += 2
      continue
    }
    const marked = source[at] === '§' ? /^§([A-Za-z_][\w.-]*)§/.exec(source.slice(at, at + 80)) : null
    if (marked !== null) {
      add({ name: marked[1]! }, marked[0])
      continue
    }
    plain += source[at++]!
  }
  if (pieces.length === 0) return bytesOf(plain)
  if (plain !== '') pieces.push(bytesOf(plain))
  return pieces
}

/** The first end at which what stands between is an expression. */
function expressionAt(source: string, from: number): Readonly<{ of: Dsl; as: string }> | null {
  for (let end = source.indexOf('}}', from + 2), tries = 0; end >= 0 && end - from < longestExpression && tries < 50; end = source.indexOf('}}', end + 1), tries++) {
    const inside = source.slice(from + 2, end)
    const of = expressionOf(inside)
    if (of !== null) return { of, as: source.slice(from, end + 2) }
  }
  return null
}

function expressionOf(inside: string): Dsl | null {
  if (plainName.test(inside)) return { name: inside }
  try {
    const of = parseDsl(inside)
    return namesSomething(of) ? of : null
  } catch (error) {
    if (error instanceof BadDsl) return null
    throw error
  }
}

function namesSomething(dsl: Dsl): boolean {
  if ('value' in dsl) return false
  if ('name' in dsl || 'call' in dsl) return true
  if ('text' in dsl) return typeof dsl.text !== 'string'
  return ('of' in dsl ? dsl.of : dsl.list).some(namesSomething)
}
