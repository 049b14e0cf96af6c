import { lowered } from '#core/template/bytes.ts'
import type { Matcher, Pattern } from '#core/template/plan.ts'
import { countPaths } from '#core/template/xpath.ts'
import { holds as isTrue, textOf } from '../dsl/evaluate.ts'
import { compiled } from '../dsl/regex.ts'
import { NoValue, type Scope } from '../dsl/scope.ts'
import { markupOf } from './markup.ts'
import { partOf } from './part.ts'
import type { Seen } from './seen.ts'

const longestReason = 200

/**
 * Whether a matcher holds over a recorded answer: why, in a few words; null when it does not. An answer without the part that is asked for meets no matcher, not even a negative one. `seen`: what one
 * pass over a part found of all templates (seen.ts), by which most matchers are decided at once.
 */
export function holds(matcher: Matcher, scope: Scope, seen?: Seen): string | null {
  if (matcher.type === 'dsl') return negated(matcher, expressions(matcher, scope))
  const part = partOf(matcher.part, scope)
  if (part === null) return null
  if (matcher.type === 'status') {
    const status = scope.get('status_code')
    return typeof status === 'number' ? negated(matcher, matcher.values.includes(status) ? `status ${status}` : null) : null
  }
  return negated(matcher, over(matcher, part, scope, seen))
}

function negated(matcher: Matcher, reason: string | null): string | null {
  if (!matcher.negative) return reason
  return reason === null ? `no ${matcher.name ?? matcher.type}` : null
}

function over(matcher: Exclude<Matcher, { type: 'dsl' | 'status' }>, part: string, scope: Scope, seen: Seen | undefined): string | null {
  switch (matcher.type) {
    case 'size':
      return matcher.values.includes(part.length) ? `${part.length} bytes` : null
    case 'word':
      return words(matcher, part, scope, seen)
    case 'regex':
      return joined(matcher, matcher.patterns, (pattern) => found(pattern, part, seen))
    case 'binary':
      return joined(matcher, matcher.bytes, (hex) => (part.includes(Buffer.from(hex, 'hex').toString('latin1')) ? `bytes ${hex}` : null))
    default: {
      const document = markupOf(part)
      return document === null ? null : joined(matcher, matcher.paths, (path) => (countPaths(path, document) > 0 ? path : null))
    }
  }
}

function words(matcher: Matcher & { type: 'word' }, part: string, scope: Scope, seen: Seen | undefined): string | null {
  let folded: string | null = null
  return joined(matcher, matcher.words, (word) => {
    if (typeof word === 'string' && seen !== undefined && seen.mayHave(part, word, matcher.ignoreCase) === false) return null
    if (matcher.ignoreCase) folded ??= lowered(part)
    const text = textOf(word, scope)
    return (folded ?? part).includes(text) ? text : null
  })
}

function found(pattern: Pattern, part: string, seen: Seen | undefined): string | null {
  if (seen !== undefined && pattern.needs.length > 0 && pattern.needs.every((text) => seen.mayHave(part, text) === false)) return null
  const match = compiled(pattern).exec(part)
  return match === null ? null : match[0]
}

function expressions(matcher: Matcher & { type: 'dsl' }, scope: Scope): string | null {
  return joined(matcher, matcher.of, (of) => (isTrue(of, scope) ? (matcher.name ?? 'expression') : null))
}

/** All of them or any, as the matcher says; what is found first is the reason. */
function joined<T>(matcher: Matcher, list: readonly T[], test: (one: T) => string | null): string | null {
  let reason: string | null = null
  for (const one of list) {
    const met = attempt(one, test)
    if (met === null && matcher.condition === 'and') return null
    if (met !== null && matcher.condition === 'or') return met.slice(0, longestReason)
    reason ??= met
  }
  return reason === null ? null : reason.slice(0, longestReason)
}

function attempt<T>(one: T, test: (one: T) => string | null): string | null {
  try {
    return test(one)
  } catch (error) {
    if (error instanceof NoValue) return null
    throw error
  }
}
