import type { Text } from '#core/template/dsl.ts'
import { fill } from '../dsl/evaluate.ts'
import type { Scope } from './names.ts'

/** A text with everything in it worked out. What cannot be is left as it was written, and noted in `unknown`. */
export function fillText(text: Text, scope: Scope, unknown: string[]): string {
  if (typeof text === 'string') return text
  const filled = fill(text, scope)
  unknown.push(...filled.missing)
  return filled.text
}
