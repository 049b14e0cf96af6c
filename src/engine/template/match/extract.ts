import type { Extractor } from '#core/template/plan.ts'
import { findJson } from '#core/template/json-query.ts'
import { findPaths } from '#core/template/xpath.ts'
import { evaluate } from '../dsl/evaluate.ts'
import { compiled } from '../dsl/regex.ts'
import { asText, NoValue, type Scope } from '../dsl/scope.ts'
import { markupOf } from './markup.ts'
import { partOf } from './part.ts'

const mostFound = 1000
const longestFound = 64 * 1024

/** What an extractor takes from a recorded answer, each text once, in the order in which it stands there. */
export function extract(extractor: Extractor, scope: Scope): readonly string[] {
  const found = new Set<string>()
  for (const text of textsOf(extractor, scope)) {
    found.add(text.slice(0, longestFound))
    if (found.size >= mostFound) break
  }
  return [...found]
}

function* textsOf(extractor: Extractor, scope: Scope): Iterable<string> {
  if (extractor.type === 'dsl') {
    for (const of of extractor.of) {
      const text = expression(of, scope)
      if (text !== '') yield text
    }
    return
  }
  if (extractor.type === 'kval') {
    for (const key of extractor.keys) {
      const value = scope.get(extractor.ignoreCase ? key.toLowerCase() : key)
      if (value !== undefined) yield asText(value)
    }
    return
  }
  const part = partOf(extractor.part, scope)
  if (part === null) return
  if (extractor.type === 'json') yield* findJson(extractor.queries, part)
  else if (extractor.type === 'xpath') {
    const document = markupOf(part)
    if (document !== null) yield* findPaths(extractor.paths, document, extractor.attribute)
  } else {
    for (const pattern of extractor.patterns) {
      for (const match of part.matchAll(compiled(pattern, 'g'))) {
        // A group that took no part is an empty text, as in Go; one that is not there gives nothing, nor does what matches nothing at all.
        if (match[0] !== '' && extractor.group < match.length) yield match[extractor.group] ?? ''
      }
    }
  }
}

function expression(of: Parameters<typeof evaluate>[0], scope: Scope): string {
  try {
    return asText(evaluate(of, scope))
  } catch (error) {
    if (error instanceof NoValue) return ''
    throw error
  }
}
