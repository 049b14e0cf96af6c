import { textOf } from '#core/template/bytes.ts'
import { BadPattern } from '#core/template/pattern/node.ts'
import { translatePattern } from '#core/template/pattern/translate.ts'
import type { Pattern } from '#core/template/plan.ts'
import { NoValue } from './scope.ts'

const kept = new Map<string, RegExp>()
const most = 30_000

/** A pattern that an expression gives as text, translated once. */
export function regexOf(bytes: string): RegExp {
  return keep(`r${bytes}`, () => {
    try {
      const { source, flags } = translatePattern(textOf(bytes))
      return new RegExp(source, flags)
    } catch (error) {
      if (error instanceof BadPattern) throw new NoValue(error.message)
      throw error
    }
  })
}

/** A pattern of a plan. `flags` may add g or y. */
export function compiled(pattern: Pattern, flags = ''): RegExp {
  return keep(`p${flags}/${pattern.flags}/${pattern.source}`, () => new RegExp(pattern.source, pattern.flags + flags))
}

function keep(key: string, make: () => RegExp): RegExp {
  let known = kept.get(key)
  if (known === undefined) {
    known = make()
    if (kept.size >= most) kept.clear()
    kept.set(key, known)
  }
  known.lastIndex = 0
  return known
}
