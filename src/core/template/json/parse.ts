import { functions } from './functions.ts'
import { BadQuery, type Query } from './tree.ts'

const self: Query = { kind: 'self' }
const deepest = 60
const longest = 4000

/** Parses the part of jq that templates use: paths, pipes, operators, `if`, texts with `\(…)`, arrays and objects, and the functions of functions.ts. Throws `BadQuery`. */
export function parseQuery(source: string): Query {
  if (source.length > longest) throw new BadQuery('it is too long')
  let at = 0
  let depth = 0
  const fail = (problem: string): never => {
    throw new BadQuery(`${problem} at ${at}`)
  }
  const skip = (): void => {
    at += /^(?:\s|#[^\n]*)*/.exec(source.slice(at))![0].length
  }
  const taken = (pattern: RegExp): string | null => {
    skip()
    const found = pattern.exec(source.slice(at, at + 200))
    if (found === null) return null
    at += found[0].length
    return found[0]
  }
  const expect = (pattern: RegExp, what: string): string => taken(pattern) ?? fail(`${what} is missing`)

  function pipe(): Query {
    if (++depth > deepest) fail('too deep')
    let left = comma()
    while (taken(/^\|(?![=|])/) !== null) left = { kind: 'pipe', left, right: comma() }
    depth--
    return left
  }
  function comma(): Query {
    let left = orElse()
    while (taken(/^,/) !== null) left = { kind: 'comma', left, right: orElse() }
    return left
  }
  function orElse(): Query {
    const left = or()
    return taken(/^\/\/(?!=)/) === null ? left : { kind: 'or-else', left, right: orElse() }
  }
  function or(): Query {
    let left = and()
    while (taken(/^or\b/) !== null) left = { kind: 'or', left, right: and() }
    return left
  }
  function and(): Query {
    let left = compared()
    while (taken(/^and\b/) !== null) left = { kind: 'and', left, right: compared() }
    return left
  }
  function compared(): Query {
    const left = sum()
    const sign = taken(/^(?:==|!=|<=|>=|<|>)/)
    return sign === null ? left : { kind: 'operator', sign, left, right: sum() }
  }
  function sum(): Query {
    let left = product()
    for (let sign = taken(/^[+-](?!=)/); sign !== null; sign = taken(/^[+-](?!=)/)) left = { kind: 'operator', sign, left, right: product() }
    return left
  }
  function product(): Query {
    let left = postfix()
    for (let sign = taken(/^(?:[*%]|\/(?!\/))(?!=)/); sign !== null; sign = taken(/^(?:[*%]|\/(?!\/))(?!=)/)) left = { kind: 'operator', sign, left, right: postfix() }
    return left
  }
  function postfix(): Query {
    let of = term()
    for (;;) {
      const next = suffix(of)
      if (next === null) return of
      of = next
    }
  }
  function suffix(of: Query): Query | null {
    if (source[at] === '?') {
      at++
      return { kind: 'try', of }
    }
    if (source[at] === '.' && source[at + 1] === '[') at++
    if (source[at] === '[') return bracket(of)
    if (source[at] !== '.') return null
    const name = /^\.([A-Za-z_]\w*)/.exec(source.slice(at, at + 200))
    if (name !== null) {
      at += name[0].length
      return { kind: 'field', of, key: { kind: 'value', value: name[1]! } }
    }
    if (source[at + 1] !== '"') return null
    at++
    return { kind: 'field', of, key: text() }
  }
  function bracket(of: Query): Query {
    at++
    if (taken(/^\]/) !== null) return { kind: 'each', of }
    const from = taken(/^:/) === null ? pipe() : null
    if (from !== null && taken(/^\]/) !== null) return { kind: 'field', of, key: from }
    if (from !== null) expect(/^:/, 'a colon')
    if (taken(/^\]/) !== null) return from === null ? fail('a slice of nothing') : { kind: 'slice', of, from, to: null }
    const to = pipe()
    expect(/^\]/, 'a closing bracket')
    return { kind: 'slice', of, from, to }
  }
  function term(): Query {
    skip()
    if (at >= source.length) fail('it ends too early')
    if (taken(/^\.\./) !== null) return { kind: 'descend' }
    if (source[at] === '.') return suffix(self) ?? (at++, self)
    if (source[at] === '"') return text()
    if (taken(/^\(/) !== null) return closed(pipe(), /^\)/)
    if (taken(/^\[/) !== null) return taken(/^\]/) !== null ? { kind: 'array', of: null } : { kind: 'array', of: closed(pipe(), /^\]/) }
    if (taken(/^\{/) !== null) return object()
    const number = taken(/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)
    if (number !== null) return { kind: 'value', value: Number(number) }
    if (taken(/^-/) !== null) return { kind: 'negate', of: postfix() }
    if (taken(/^if\b/) !== null) return condition()
    return call(expect(/^[A-Za-z_]\w*/, 'a value'))
  }
  function closed(of: Query, end: RegExp): Query {
    expect(end, 'a closing bracket')
    return of
  }
  function condition(): Query {
    const test = pipe()
    expect(/^then\b/, 'then')
    const yes = pipe()
    if (taken(/^elif\b/) !== null) return { kind: 'if', test, yes, no: condition() }
    const no = taken(/^else\b/) !== null ? pipe() : null
    expect(/^end\b/, 'end')
    return { kind: 'if', test, yes, no }
  }
  function object(): Query {
    const entries: { key: Query; value: Query }[] = []
    while (taken(/^\}/) === null) {
      if (entries.length > 0) expect(/^,/, 'a comma')
      const name = taken(/^[A-Za-z_]\w*/)
      const key: Query = name !== null ? { kind: 'value', value: name } : (skip(), source[at] === '"') ? text() : taken(/^\(/) !== null ? closed(pipe(), /^\)/) : fail('a key')
      entries.push({ key, value: taken(/^:/) !== null ? orElse() : { kind: 'field', of: self, key } })
    }
    return { kind: 'object', entries }
  }
  function call(name: string): Query {
    if (name === 'null' || name === 'true' || name === 'false') return { kind: 'value', value: name === 'null' ? null : name === 'true' }
    const of: Query[] = []
    if (source[at] === '(') {
      at++
      do of.push(pipe())
      while (taken(/^;/) !== null)
      expect(/^\)/, 'a closing bracket')
    }
    const known = functions[name]
    if (known === undefined || !known.includes(of.length)) fail(`the function ${name.slice(0, 40)}/${of.length}`)
    return { kind: 'call', name, of }
  }
  /** Behind it comes what is behind the closing quote. */
  function text(): Query {
    const parts: (string | Query)[] = []
    let plain = ''
    for (at++; source[at] !== '"'; ) {
      if (at >= source.length) fail('an open quote')
      if (source[at] !== '\\') {
        plain += source[at++]!
        continue
      }
      if (source[at + 1] === '(') {
        at += 2
        parts.push(plain, closed(pipe(), /^\)/))
        plain = ''
        continue
      }
      const escape = /^\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/.exec(source.slice(at, at + 6)) ?? fail('an escape')
      plain += JSON.parse(`"${escape[0]}"`) as string
      at += escape[0].length
    }
    at++
    return parts.length === 0 ? { kind: 'value', value: plain } : { kind: 'text', parts: [...parts, plain] }
  }

  const whole = pipe()
  skip()
  return at < source.length ? fail('something more') : whole
}
