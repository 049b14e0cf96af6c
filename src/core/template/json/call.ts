import { BadPattern } from '../pattern/node.ts'
import { translatePattern } from '../pattern/translate.ts'
import { bytesOf, textOf } from '../bytes.ts'
import { compare, typeOf } from './order.ts'
import type { Json, Query } from './tree.ts'
import { asText, isObject, isTrue, wrong } from './value.ts'

/** A function of jq over one value; `over` works out what it was given. */
export function* callOf(name: string, of: readonly Query[], input: Json, over: (query: Query, value: Json) => Generator<Json>): Generator<Json> {
  switch (name) {
    case 'empty':
      return
    case 'select':
      for (const test of over(of[0]!, input)) if (isTrue(test)) yield input
      return
    case 'map':
      yield members(input).flatMap((one) => [...over(of[0]!, one)])
      return
    case 'recurse':
      yield* over({ kind: 'descend' }, input)
      return
    case 'first':
    case 'last': {
      const all = of.length === 0 ? members(input) : [...over(of[0]!, input)]
      if (all.length > 0) yield all.at(name === 'first' ? 0 : -1)!
      else if (of.length === 0) yield null
      return
    }
    case 'any':
    case 'all': {
      const tests = members(input).flatMap((one) => (of.length === 0 ? [one] : [...over(of[0]!, one)])).map(isTrue)
      yield name === 'any' ? tests.includes(true) : !tests.includes(false)
      return
    }
    case 'with_entries':
      yield fromEntries(entriesOf(input).flatMap((one) => [...over(of[0]!, one)]))
      return
    case 'error':
      return wrong('an error it raises itself')
  }
  const kinds = filtered[name]
  if (kinds !== undefined) {
    if (kinds.includes(typeOf(input))) yield input
    return
  }
  if (of.length === 0) yield plain(name, input)
  else for (const first of over(of[0]!, input)) for (const second of of.length > 1 ? over(of[1]!, input) : [null]) yield* withArguments(name, input, first, second)
}

const filtered: Readonly<Record<string, readonly string[]>> = {
  objects: ['object'], arrays: ['array'], strings: ['string'], numbers: ['number'], booleans: ['boolean'], nulls: ['null'], scalars: ['null', 'boolean', 'number', 'string'],
  values: ['boolean', 'number', 'string', 'array', 'object'],
}

function plain(name: string, input: Json): Json {
  switch (name) {
    case 'not':
      return !isTrue(input)
    case 'length':
      return input === null ? 0 : typeof input === 'number' ? Math.abs(input) : typeof input === 'boolean' ? wrong('a boolean has no length') : typeof input === 'string' ? [...input].length : Object.keys(input).length
    case 'keys':
      return Array.isArray(input) ? [...input.keys()] : isObject(input) ? Object.keys(input).sort() : wrong(`${typeOf(input)} has no keys`)
    case 'type':
      return typeOf(input)
    case 'tostring':
      return asText(input)
    case 'tojson':
      return JSON.stringify(input)
    case 'fromjson':
      return parsed(text(input))
    case 'tonumber': {
      if (typeof input === 'number') return input
      const number = text(input).trim() === '' ? Number.NaN : Number(input)
      return Number.isNaN(number) ? wrong('it is no number') : number
    }
    case 'ascii_downcase':
      return text(input).toLowerCase()
    case 'ascii_upcase':
      return text(input).toUpperCase()
    case 'to_entries':
      return entriesOf(input)
    case 'from_entries':
      return fromEntries(list(input))
    case 'reverse':
      return [...list(input)].reverse()
    case 'flatten':
      return list(input).flat(20) as Json[]
    case 'sort':
      return [...list(input)].sort(compare)
    case 'unique':
      return [...list(input)].sort(compare).filter((one, index, all) => index === 0 || compare(one, all[index - 1]!) !== 0)
    case 'min':
    case 'max':
      return [...list(input)].sort(compare).at(name === 'min' ? 0 : -1) ?? null
    case 'add':
      return members(input).reduce<Json>((sum, one) => (sum === null ? one : typeof sum === 'number' && typeof one === 'number' ? sum + one : Array.isArray(sum) && Array.isArray(one) ? [...(sum as Json[]), ...(one as Json[])] : text(sum) + text(one)), null)
    default:
      return wrong(`the function ${name}`)
  }
}

function* withArguments(name: string, input: Json, first: Json, second: Json): Generator<Json> {
  switch (name) {
    case 'has':
      yield Array.isArray(input) ? typeof first === 'number' && first >= 0 && first < input.length : isObject(input) ? Object.hasOwn(input, text(first)) : wrong(`${typeOf(input)} has no keys`)
      return
    case 'contains':
      yield contains(input, first)
      return
    case 'startswith':
      yield text(input).startsWith(text(first))
      return
    case 'endswith':
      yield text(input).endsWith(text(first))
      return
    case 'ltrimstr':
      yield typeof input === 'string' && typeof first === 'string' && input.startsWith(first) ? input.slice(first.length) : input
      return
    case 'rtrimstr':
      yield typeof input === 'string' && typeof first === 'string' && first !== '' && input.endsWith(first) ? input.slice(0, -first.length) : input
      return
    case 'split':
      yield second === null ? text(input).split(text(first)) : text(input).split(patternOf(first, second))
      return
    case 'join':
      yield list(input).map((one) => (one === null ? '' : asText(one))).join(text(first))
      return
    case 'test':
      yield patternOf(first, second).test(bytesOf(text(input)))
      return
    default:
      yield* captured(name, input, first, second)
  }
}

function* captured(name: string, input: Json, first: Json, second: Json): Generator<Json> {
  const found = patternOf(first, second).exec(bytesOf(text(input)))
  if (found === null) return
  const names = [...text(first).matchAll(/\(\?P?<([A-Za-z_]\w*)>|(?<!\\)\((?!\?)/g)].map((group) => group[1] ?? null)
  const groups = names.map((group, index) => ({ name: group, string: found[index + 1] === undefined ? null : textOf(found[index + 1]!) }))
  if (name === 'capture') yield Object.fromEntries(groups.filter((group) => group.name !== null).map((group) => [group.name!, group.string]))
  else yield { offset: found.index, length: found[0].length, string: textOf(found[0]), captures: groups }
}

const compiled = new Map<string, RegExp>()

function patternOf(source: Json, flags: Json): RegExp {
  const key = `${flags === null ? '' : text(flags)}/${text(source)}`
  let known = compiled.get(key)
  if (known !== undefined) return known
  try {
    const { source: translated, flags: own } = translatePattern(`${flags !== null && text(flags).includes('i') ? '(?i)' : ''}${text(source)}`)
    known = new RegExp(translated, own)
  } catch (error) {
    if (error instanceof BadPattern) return wrong(error.message)
    throw error
  }
  if (compiled.size < 1000) compiled.set(key, known)
  return known
}

function parsed(source: string): Json {
  try {
    return JSON.parse(source) as Json
  } catch {
    return wrong('it is no JSON')
  }
}

function contains(one: Json, other: Json): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one.includes(other)
  if (Array.isArray(one) && Array.isArray(other)) return (other as Json[]).every((wanted) => (one as Json[]).some((had) => typeOf(had) === typeOf(wanted) && contains(had, wanted)))
  if (isObject(one) && isObject(other)) return Object.entries(other).every(([key, wanted]) => Object.hasOwn(one, key) && typeOf(one[key]!) === typeOf(wanted) && contains(one[key]!, wanted))
  return typeOf(one) === typeOf(other) ? compare(one, other) === 0 : wrong(`${typeOf(one)} and ${typeOf(other)} cannot contain each other`)
}

function members(value: Json): readonly Json[] {
  return typeof value === 'object' && value !== null ? (Object.values(value) as Json[]) : wrong(`${typeOf(value)} has no members`)
}

function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : wrong(`${typeOf(value)} is no array`)
}

function text(value: Json): string {
  return typeof value === 'string' ? value : wrong(`${typeOf(value)} is no text`)
}

function entriesOf(value: Json): readonly Json[] {
  return isObject(value) ? Object.entries(value).map(([key, one]) => ({ key, value: one })) : wrong(`${typeOf(value)} has no entries`)
}

function fromEntries(entries: readonly Json[]): Json {
  return Object.fromEntries(entries.map((one) => (isObject(one) ? [asText(one.key ?? one.name ?? one.k ?? null), one.value ?? one.v ?? null] : wrong('an entry that is none'))))
}
