import { fail } from '../errors.ts'

/**
 * What people write into a query bar: `severity:>=4 status:new,reopened port:22 "open ssh" -ignored:true (host:web* or risk:>700)`.
 * Terms stand side by side for *and*; `or`, `not` or a leading `-`, and brackets combine them. It says nothing of which fields there are.
 */
export type Query =
  | Readonly<{ kind: 'and' | 'or'; parts: readonly Query[] }>
  | Readonly<{ kind: 'not'; part: Query }>
  | Readonly<{ kind: 'field'; field: string; test: Test; values: readonly string[] }>
  | Readonly<{ kind: 'text'; text: string }>

/** `is`: one of the values, `*` standing for anything; `exact`: in quotes, nothing stands for anything; `between`: two values, both included. */
export type Test = 'is' | 'exact' | '>' | '>=' | '<' | '<=' | 'between'

const longest = 2000
const mostTerms = 64
const deepest = 12
const mostValues = 100

/** Parses; an empty text is null. Throws `query.malformed` with the position (from 1) and what was expected there. */
export function parseQuery(text: string): Query | null {
  if (text.length > longest) fail('query.malformed', { position: longest, why: `it is longer than ${longest} characters` })
  const tokens = tokenise(text)
  if (tokens.length === 0) return null
  let next = 0
  let terms = 0

  function either(depth: number): Query {
    const parts = [all(depth)]
    while (isWord('or')) {
      next++
      parts.push(all(depth))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
  }

  function all(depth: number): Query {
    const parts = [one(depth)]
    for (;;) {
      const token = tokens[next]
      if (token === undefined || token.type === ')' || isWord('or')) break
      if (isWord('and')) next++
      parts.push(one(depth))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
  }

  function one(depth: number): Query {
    if (depth > deepest) bad(tokens[next], `brackets and "not" are nested more than ${deepest} deep`)
    const token = tokens[next++]
    if (token === undefined) return bad(undefined, 'it ends where a term is expected')
    if (token.type === '-') return { kind: 'not', part: one(depth + 1) }
    if (token.type === '(') {
      const inner = either(depth + 1)
      if (tokens[next]?.type !== ')') bad(tokens[next] ?? token, 'a bracket is not closed')
      next++
      return inner
    }
    if (token.type === ')') return bad(token, 'a bracket is closed that was not opened')
    if (token.type === 'word' && token.text.toLowerCase() === 'not' && tokens[next] !== undefined && tokens[next]!.type !== ')') return { kind: 'not', part: one(depth + 1) }
    if (token.type === 'word' && /^(and|or)$/i.test(token.text)) return bad(token, `"${token.text}" stands where a term is expected`)
    if (++terms > mostTerms) fail('query.too_long', { count: terms, most: mostTerms })
    if (token.type === 'field') return { kind: 'field', field: token.field, test: token.test, values: token.values }
    return { kind: 'text', text: (token as { text: string }).text }
  }

  function isWord(word: string): boolean {
    const token = tokens[next]
    return token?.type === 'word' && token.text.toLowerCase() === word
  }

  function bad(token: Token | undefined, why: string): never {
    return fail('query.malformed', { position: (token?.at ?? text.length) + 1, why })
  }

  const query = either(0)
  if (next < tokens.length) bad(tokens[next], 'a bracket is closed that was not opened')
  return query
}

/** Every field a query names, wherever it stands. */
export function fieldsOf(query: Query | null): ReadonlySet<string> {
  const fields = new Set<string>()
  const walk = (part: Query): void => {
    if (part.kind === 'field') fields.add(part.field)
    else if (part.kind === 'not') walk(part.part)
    else if (part.kind !== 'text') part.parts.forEach(walk)
  }
  if (query !== null) walk(query)
  return fields
}

/** Writes a term that `parseQuery` reads back to exactly this field and value. */
export function formatTerm(field: string, value: string): string {
  return /^[\p{L}\p{N}._/-]+$/u.test(value) && !value.includes('..') ? `${field}:${value}` : `${field}:"${value.replace(/["\\]/g, '\\$&')}"`
}

type Token = Readonly<{ at: number }> & (
  | Readonly<{ type: '(' | ')' | '-' }>
  | Readonly<{ type: 'word' | 'quoted'; text: string }>
  | Readonly<{ type: 'field'; field: string; test: Test; values: readonly string[] }>
)

function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    if (/\s/.test(char)) at++
    else if (char === '(' || char === ')') tokens.push({ type: char, at: at++ })
    else if (char === '-' && at + 1 < text.length && !/[\s)]/.test(text[at + 1]!)) tokens.push({ type: '-', at: at++ })
    else if (char === '"' || char === '`') {
      const { value, end } = readQuoted(text, at)
      tokens.push({ type: 'quoted', text: value, at })
      at = end
    } else {
      const name = /^([A-Za-z][A-Za-z0-9.]{0,40}):/.exec(text.slice(at, at + 44))
      if (name === null) {
        const word = /^[^\s()"`]+/.exec(text.slice(at))![0]
        tokens.push({ type: 'word', text: word, at })
        at += word.length
      } else {
        const { token, end } = readField(text, at, name[1]!, at + name[0].length)
        tokens.push(token)
        at = end
      }
    }
  }
  return tokens
}

function readField(text: string, at: number, field: string, from: number): { token: Token; end: number } {
  const sign = /^(>=|<=|>|<)/.exec(text.slice(from, from + 2))?.[0] as Test | undefined
  let position = from + (sign?.length ?? 0)
  const values: string[] = []
  let exact = false
  for (;;) {
    const char = text[position]
    if (char === '"' || char === '`') {
      const { value, end } = readQuoted(text, position)
      values.push(value)
      exact = true
      position = end
    } else {
      const value = /^[^\s()",`]*/.exec(text.slice(position))![0]
      if (value === '') fail('query.malformed', { position: position + 1, why: `"${field}:" has no value` })
      values.push(value)
      position += value.length
    }
    if (values.length > mostValues) fail('query.malformed', { position, why: `"${field}:" has more than ${mostValues} values` })
    if (text[position] !== ',') break
    position++
  }
  if (sign !== undefined) {
    if (values.length > 1) fail('query.malformed', { position: from + 1, why: `"${sign}" takes one value` })
    return { token: { type: 'field', field, test: sign, values, at }, end: position }
  }
  const range = !exact && values.length === 1 ? /^(.+?)\.\.(.+)$/.exec(values[0]!) : null
  if (range !== null) return { token: { type: 'field', field, test: 'between', values: [range[1]!, range[2]!], at }, end: position }
  return { token: { type: 'field', field, test: exact ? 'exact' : 'is', values, at }, end: position }
}

function readQuoted(text: string, from: number): { value: string; end: number } {
  const quote = text[from]!
  let value = ''
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]!
    if (char === '\\' && at + 1 < text.length) value += text[++at]!
    else if (char === quote) return { value, end: at + 1 }
    else value += char
  }
  return fail('query.malformed', { position: from + 1, why: 'a quotation mark is not closed' })
}
