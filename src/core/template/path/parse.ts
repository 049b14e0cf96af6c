import { BadPath, type Path, type Step } from './tree.ts'

/** Functions that are known, with how many arguments they take. */
const functions: Readonly<Record<string, readonly [number, number]>> = {
  contains: [2, 2], 'starts-with': [2, 2], 'ends-with': [2, 2], not: [1, 1], matches: [2, 2], translate: [3, 3], concat: [1, 20], count: [1, 1], 'normalize-space': [0, 1], string: [0, 1], 'string-length': [0, 1],
  position: [0, 0], last: [0, 0], name: [0, 0], true: [0, 0], false: [0, 0], 'lower-case': [1, 1],
}
const deepest = 30
const levels = [['or'], ['and'], ['=', '!='], ['<=', '>=', '<', '>'], ['|']]

/** Parses the part of XPath 1 that templates use. Throws `BadPath`. */
export function parsePath(source: string): Path {
  let at = 0
  let depth = 0
  if (source.length > 2000) throw new BadPath('it is too long')
  const fail = (problem: string): never => {
    throw new BadPath(`${problem} at ${at}`)
  }
  const taken = (pattern: RegExp): string | null => {
    at += /^\s*/.exec(source.slice(at))![0].length
    const found = pattern.exec(source.slice(at))
    if (found === null) return null
    at += found[0].length
    return found[0]
  }

  function binary(level: number): Path {
    if (level === levels.length) return value()
    let left = binary(level + 1)
    for (;;) {
      const sign = levels[level]!.find((one) => taken(new RegExp(/^[a-z]/.test(one) ? `^${one}(?![\\w-])` : `^${one.replace('|', '\\|')}`)) !== null)
      if (sign === undefined) return left
      left = { kind: 'operator', sign, left, right: binary(level + 1) }
    }
  }

  function whole(): Path {
    if (++depth > deepest) fail('too deep')
    const all = binary(0)
    depth--
    return all
  }

  function value(): Path {
    const quoted = taken(/^(?:"[^"]*"|'[^']*')/)
    if (quoted !== null) return { kind: 'text', value: quoted.slice(1, -1) }
    const number = taken(/^\d+(?:\.\d+)?/)
    if (number !== null) return { kind: 'number', value: Number(number) }
    if (taken(/^\(/) !== null) {
      const inside = whole()
      return taken(/^\)/) === null ? fail('an open bracket') : inside
    }
    const call = taken(/^(?!(?:text|node|comment)\s*\()[a-z-]+(?=\s*\()/)
    return call === null ? steps() : called(call)
  }

  function called(name: string): Path {
    const [least, most] = functions[name] ?? fail(`the function ${name}`)
    taken(/^\(/)
    const of: Path[] = []
    if (taken(/^\)/) === null) {
      do of.push(whole())
      while (taken(/^,/) !== null)
      if (taken(/^\)/) === null) fail('an open bracket')
    }
    return of.length < least || of.length > most ? fail(`${name} with ${of.length} arguments`) : { kind: 'call', name, of }
  }

  function steps(): Path {
    const found: Step[] = []
    let separator = taken(/^\/\/?/)
    const absolute = separator !== null
    for (;;) {
      const next = step(separator === '//')
      if (next === null) break
      found.push(next)
      separator = taken(/^\/\/?/)
      if (separator === null) break
    }
    return found.length === 0 ? fail('no step') : { kind: 'steps', absolute, steps: found }
  }

  function step(deep: boolean): Step | null {
    if (taken(/^\.\./) !== null) return { axis: 'parent', test: '*', where: [] }
    if (taken(/^\./) !== null) return { axis: deep ? 'descendant' : 'self', test: 'node()', where: conditions() }
    const isAttribute = taken(/^(?:@|attribute::)/) !== null
    taken(/^child::/)
    const test = taken(/^(?:\*|(?:text|node)\s*\(\s*\)|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)/)
    if (test === null) return fail('a step that is none')
    // `//@href`: the attributes of all that lies below.
    return { axis: isAttribute ? (deep ? fail('// before an attribute') : 'attribute') : deep ? 'descendant' : 'child', test: test.replace(/\s/g, ''), where: conditions() }
  }

  function conditions(): readonly Path[] {
    const all: Path[] = []
    while (taken(/^\[/) !== null) {
      all.push(whole())
      if (taken(/^\]/) === null) fail('an open condition')
    }
    return all
  }

  const all = whole()
  taken(/^/)
  return at < source.length ? fail('something more') : all
}
