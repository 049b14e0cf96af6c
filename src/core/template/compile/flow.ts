import type { Block, Chain, Flow } from '../plan.ts'
import { refuse } from './fields.ts'

type Token = Readonly<{ sign: string }> | Readonly<{ block: number }>

/** `http(1) && (http("login") || !dns(1))` as a chain; whatever else stays JavaScript. */
export function flowOf(source: string, blocks: readonly Block[]): Flow {
  const text = source.trim()
  if (text.length > 50_000) refuse('too large', `a flow of ${text.length} characters`)
  const tokens = tokensOf(text, blocks)
  const of = tokens === null ? null : chainOf(tokens)
  return of === null ? { kind: 'script', source: text } : { kind: 'chain', of }
}

/** Null for what is more than calls, operators and brackets; a line end between two calls would be two statements. */
function tokensOf(text: string, blocks: readonly Block[]): readonly Token[] | null {
  const out: Token[] = []
  let rest = text
  while (rest !== '') {
    const sign = /^\s*(&&|\|\||!|\(|\)|;$)\s*/.exec(rest)
    if (sign !== null) {
      if (sign[1] !== ';') out.push({ sign: sign[1]! })
      rest = rest.slice(sign[0].length)
      continue
    }
    const call = /^(http|dns|tcp|network|ssl|javascript)\s*\(\s*(?:(\d{1,3})|"([^"]{1,100})"|'([^']{1,100})')?\s*\)/.exec(rest)
    if (call === null) return null
    const block = placeOf(call[1] === 'network' ? 'tcp' : call[1]!, call[2], call[3] ?? call[4], blocks)
    if (block === null) return null
    out.push({ block })
    rest = rest.slice(call[0].length)
  }
  return out
}

function placeOf(protocol: string, number: string | undefined, name: string | undefined, blocks: readonly Block[]): number | null {
  const places = [...blocks.keys()].filter((place) => blocks[place]!.protocol === protocol)
  if (number !== undefined) return places[Number(number) - 1] ?? refuse('field', `the flow names ${protocol}(${number}), which is not there`)
  if (name !== undefined) return places.find((place) => blocks[place]!.name === name) ?? refuse('field', `the flow names ${protocol}("${name.slice(0, 40)}"), which is not there`)
  // Without a number it is all of them.
  return places.length === 1 ? places[0]! : null
}

function chainOf(tokens: readonly Token[]): Chain | null {
  let at = 0
  const isSign = (sign: string): boolean => {
    const token = tokens[at]
    return token !== undefined && 'sign' in token && token.sign === sign
  }
  const joined = (sign: string, next: () => Chain | null, make: (of: readonly Chain[]) => Chain): Chain | null => {
    const all = [next()]
    while (isSign(sign)) {
      at++
      all.push(next())
    }
    if (all.some((one) => one === null)) return null
    return all.length === 1 ? all[0]! : make(all as Chain[])
  }
  const any = (): Chain | null => joined('||', all, (of) => ({ any: of }))
  const all = (): Chain | null => joined('&&', one, (of) => ({ all: of }))
  const one = (): Chain | null => {
    const token = tokens[at++]
    if (token === undefined) return null
    if ('block' in token) return { block: token.block }
    if (token.sign === '!') {
      const not = one()
      return not === null ? null : { not }
    }
    if (token.sign !== '(') return null
    const inside = any()
    return tokens[at] !== undefined && isSign(')') ? (at++, inside) : null
  }
  const whole = any()
  return at === tokens.length ? whole : null
}
