import type { Text } from '../dsl.ts'
import { BadDsl } from '../dsl-tokens.ts'
import { parseDsl, parseText } from '../parse-text.ts'
import { BadPattern } from '../pattern/node.ts'
import { translatePattern } from '../pattern/translate.ts'
import type { Pattern } from '../plan.ts'
import type { Dsl } from '../dsl.ts'

/** Why a template cannot be a plan. `reason` is one of few words, counted by. */
export class Refused extends Error {
  readonly reason: string

  constructor(reason: string, text: string) {
    super(text)
    this.reason = reason
  }
}

export type Fields = Readonly<Record<string, unknown>>

/** What YAML gave, whether it made numbers and truth of its scalars or left them as they were written. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** Refuses what has a field that is not among these: it may change what the rest means. */
export function knownFields(value: unknown, where: string, known: ReadonlySet<string>): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused('field', `${where} is no list of fields`)
  for (const key of Object.keys(value)) if (!known.has(key)) throw new Refused('field', `${where} has a field ${key.slice(0, 60)}`)
  return value as Fields
}

const mostItems = 30_000

export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  if (list.length > mostItems) throw new Refused('too large', `a list of ${list.length}`)
  return list
}

/** A scalar as it stands in the file; null when it is none. */
export function scalarOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

export function textsOf(value: unknown): readonly string[] {
  return listOf(value).map((one) => scalarOf(one) ?? (one === null ? '' : refuse('field', 'a text is a list or has fields')))
}

export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|on)$/i.test(value.trim()))
}

export function numberOf(value: unknown, otherwise: number): number {
  const text = scalarOf(value)
  if (text === null || text.trim() === '') return otherwise
  const number = Number(text)
  return Number.isFinite(number) ? number : refuse('field', `${text.slice(0, 40)} is no number`)
}

export function wordOf<W extends string>(value: unknown, words: readonly W[], otherwise: W, where: string): W {
  const text = scalarOf(value)?.trim().toLowerCase()
  if (text === undefined || text === '') return otherwise
  return words.find((word) => word === text) ?? refuse('field', `${where} ${text.slice(0, 40)}`)
}

export function template(value: unknown): Text {
  return parseText(scalarOf(value) ?? '')
}

export function expression(source: string): Dsl {
  try {
    return parseDsl(source)
  } catch (error) {
    if (error instanceof BadDsl) throw new Refused('expression', `${error.message}: ${source.slice(0, 160)}`)
    throw error
  }
}

const translated = new Map<string, Pattern>()
const mostKept = 20_000

/** Many templates share their patterns, so that each is translated once. */
export function pattern(source: string): Pattern {
  const known = translated.get(source)
  if (known !== undefined) return known
  try {
    const made = translatePattern(source)
    if (translated.size < mostKept) translated.set(source, made)
    return made
  } catch (error) {
    if (error instanceof BadPattern) throw new Refused('pattern', `${error.message}: ${source.slice(0, 160)}`)
    throw error
  }
}

export function refuse(reason: string, text: string): never {
  throw new Refused(reason, text)
}
