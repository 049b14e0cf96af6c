import { bytesOf } from '../bytes.ts'
import type { Text } from '../dsl.ts'
import { checkJson } from '../json-query.ts'
import { parseText } from '../parse-text.ts'
import type { Extractor, Matcher } from '../plan.ts'
import { checkPath } from '../xpath.ts'
import { expression, fieldsOf, isTrue, knownFields, listOf, numberOf, pattern, refuse, scalarOf, textsOf, wordOf, type Fields } from './fields.ts'

export type Judged = Readonly<{ name?: string; matchers: readonly Matcher[]; condition: 'and' | 'or'; extractors: readonly Extractor[] }>

/** Fields of every block that say what its answers mean. */
export const judgedFields = ['id', 'matchers', 'matchers-condition', 'extractors'] as const

const matcherFields = new Set(['type', 'part', 'condition', 'words', 'regex', 'status', 'size', 'binary', 'dsl', 'xpath', 'name', 'negative', 'internal', 'case-insensitive', 'encoding', 'match-all', 'attribute', 'description'])
const extractorFields = new Set(['type', 'part', 'name', 'regex', 'group', 'kval', 'json', 'xpath', 'attribute', 'dsl', 'internal', 'case-insensitive', 'description'])
const matcherTypes = ['status', 'size', 'word', 'regex', 'binary', 'dsl', 'xpath'] as const
const extractorTypes = ['regex', 'kval', 'json', 'xpath', 'dsl'] as const
const conditions = ['and', 'or'] as const

export function judgedOf(block: Fields): Judged {
  const name = scalarOf(block.id)
  const condition = wordOf(block['matchers-condition'], conditions, 'or', 'matchers-condition')
  // One that looks for nothing never holds: among several of which any is enough it may be left out.
  const matchers = listOf(block.matchers).filter((one, _, all) => condition === 'and' || all.length === 1 || !isEmptyWord(one)).map(matcherOf)
  return {
    ...(name === null ? {} : { name }), matchers, condition,
    // An extractor of nothing (`kval:` without a key) takes nothing.
    extractors: listOf(block.extractors).filter((one) => !isEmpty(one)).map(extractorOf),
  }
}

function matcherOf(value: unknown): Matcher {
  const one = knownFields(value, 'a matcher', matcherFields)
  const type = wordOf(one.type, [...matcherTypes, ''] as const, '', 'a matcher of the type')
  const name = scalarOf(one.name)
  const base = {
    part: (scalarOf(one.part) ?? '').trim(), condition: wordOf(one.condition, conditions, 'or', 'condition'), negative: isTrue(one.negative), internal: isTrue(one.internal),
    ...(name === null ? {} : { name }), ...(isTrue(one['match-all']) ? { matchAll: true } : {}),
  }
  const ignoreCase = isTrue(one['case-insensitive'])
  if (ignoreCase && type !== 'word') refuse('field', `case-insensitive on a matcher of the type ${type}`)
  switch (type) {
    case 'status':
    case 'size':
      return { ...base, type, values: filled(listOf(one[type]).map((number) => numberOf(number, Number.NaN)), type) }
    case 'word':
      return { ...base, type, words: filled(textsOf(one.words).map((word) => wordText(word, ignoreCase, scalarOf(one.encoding))), type), ignoreCase }
    case 'regex':
      return { ...base, type, patterns: filled(textsOf(one.regex).map(pattern), type) }
    case 'binary':
      return { ...base, type, bytes: filled(textsOf(one.binary).map(hexOf), type) }
    case 'dsl':
      return { ...base, type, of: filled(textsOf(one.dsl).map(expression), type) }
    case 'xpath':
      return { ...base, type, paths: filled(textsOf(one.xpath).map(pathOf), type), ...attributeOf(one) }
    default:
      return refuse('field', 'a matcher without a type')
  }
}

function wordText(word: string, ignoreCase: boolean, encoding: string | null): Text {
  if (encoding === null || encoding === '') {
    // The letters of what is worked out are left: in nuclei, too, only what stands in the file is lowered.
    return parseText(ignoreCase ? word.toLowerCase() : word)
  }
  return encoding.toLowerCase() === 'hex' ? hexBytes(word) : refuse('field', `the encoding ${encoding.slice(0, 40)}`)
}

function extractorOf(value: unknown): Extractor {
  const one = knownFields(value, 'an extractor', extractorFields)
  const type = wordOf(one.type, [...extractorTypes, ''] as const, '', 'an extractor of the type')
  const name = scalarOf(one.name)
  const base = { part: (scalarOf(one.part) ?? '').trim(), internal: isTrue(one.internal), ignoreCase: isTrue(one['case-insensitive']), ...(name === null ? {} : { name }) }
  switch (type) {
    case 'regex':
      return { ...base, type, patterns: filled(textsOf(one.regex).map(pattern), type), group: numberOf(one.group, 0) }
    case 'kval':
      return { ...base, type, keys: filled(keysOf(one.kval), type) }
    case 'json':
      return { ...base, type, queries: filled(textsOf(one.json).map(queryOf), type) }
    case 'xpath':
      return { ...base, type, paths: filled(textsOf(one.xpath).map(pathOf), type), ...attributeOf(one) }
    case 'dsl':
      return { ...base, type, of: filled(textsOf(one.dsl).map(expression), type) }
    default:
      return refuse('field', 'an extractor without a type')
  }
}

function isEmptyWord(value: unknown): boolean {
  const one = fieldsOf(value)
  return one.type === 'word' && !isTrue(one.negative) && listOf(one.words).length === 0
}

function isEmpty(value: unknown): boolean {
  const one = fieldsOf(value)
  return one.type === 'kval' && (one.kval === null || one.kval === '')
}

/** As a list, or as the keys of a mapping. */
function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : textsOf(value)
}

function attributeOf(one: Fields): Readonly<{ attribute?: string }> {
  const attribute = scalarOf(one.attribute)
  return attribute === null || attribute === '' ? {} : { attribute: bytesOf(attribute) }
}

function queryOf(query: string): string {
  const problem = checkJson(query)
  return problem === null ? query : refuse('json query', `${problem}: ${query.slice(0, 160)}`)
}

function pathOf(path: string): string {
  const problem = checkPath(path)
  return problem === null ? path : refuse('xpath', `${problem}: ${path.slice(0, 160)}`)
}

function filled<T>(list: readonly T[], type: string): readonly T[] {
  return list.length === 0 ? refuse('field', `a ${type} without anything to look for`) : list
}

function hexOf(text: string): string {
  const plain = text.replace(/\s+/g, '').toLowerCase()
  return /^(?:[0-9a-f]{2})+$/.test(plain) ? plain : refuse('field', `${text.slice(0, 40)} is not hex`)
}

export function hexBytes(text: string): string {
  return hexOf(text).replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)))
}
