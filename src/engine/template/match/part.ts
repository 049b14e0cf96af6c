import type { Scope, Value } from '../dsl/scope.ts'
import { asText } from '../dsl/scope.ts'

/** What a block without the name says it looks at, whatever protocol it is of: a body, what a connection said, an answer of DNS or of a script. */
const whole = ['body', 'data', 'raw', 'response'] as const

/** The bytes that a matcher or an extractor looks at; null when the answer has no such part. */
export function partOf(part: string, scope: Scope): string | null {
  const value = valueOf(part, scope)
  return value === undefined ? null : asText(value)
}

function valueOf(part: string, scope: Scope): Value | undefined {
  switch (part) {
    case '':
      return first(scope)
    case 'header':
      return scope.get('all_headers') ?? scope.get('header')
    case 'body':
      return scope.get('body') ?? first(scope)
    case 'all': {
      const [body, headers] = [scope.get('body'), scope.get('all_headers')]
      return body !== undefined && headers !== undefined ? asText(body) + asText(headers) : (scope.get('all') ?? first(scope))
    }
  }
  const value = scope.get(part)
  if (value !== undefined) return value
  const numbered = /^header(_\d{1,4})$/.exec(part)
  return numbered === null ? undefined : scope.get(`all_headers${numbered[1]}`)
}

function first(scope: Scope): Value | undefined {
  for (const name of whole) {
    const value = scope.get(name)
    if (value !== undefined) return value
  }
  return undefined
}
