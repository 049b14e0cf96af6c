import type { Interval } from '#core/knowledge/affected.ts'

/**
 * A requirement of Cargo as one stretch: comparators joined by commas, of `>=`, `>`, `<`, `<=`, `=`, `^`, `~`, a bare version (which means `^`) and `*`.
 * Null when it is none.
 */
export function readRequirement(text: string): Interval | null {
  let result: { -readonly [K in keyof Interval]: Interval[K] } = {}
  const parts = text.split(',')
  if (text.length > 300 || parts.length > 10) return null
  for (const part of parts) {
    const found = /^\s*(>=|<=|>|<|=|\^|~)?\s*[vV]?(\d+(?:\.\d+){0,2}|\*)((?:\.[*xX])?)((?:-[\w.-]+)?(?:\+[\w.-]+)?)\s*$/.exec(part)
    if (found === null) return null
    const one = comparator(found[1] ?? '', found[2]!, found[3] !== '', found[4]!)
    if (one === null) return null
    result = { ...result, ...one }
    if (one.before !== undefined) delete result.upTo
    if (one.upTo !== undefined) delete result.before
  }
  return result
}

function comparator(operator: string, version: string, isWild: boolean, tail: string): Interval | null {
  if (version === '*') return tail === '' ? {} : null
  const numbers = version.split('.').map(Number)
  if (numbers.some((one) => !Number.isSafeInteger(one))) return null
  const at = `${full(numbers)}${tail.replace(/\+.*$/, '')}`
  if (isWild) return { from: full(numbers), before: next(numbers, numbers.length - 1) }
  switch (operator) {
    case '>=':
      return { from: at }
    case '>':
      // `> 1.2` is above all of 1.2.
      return numbers.length < 3 ? { from: next(numbers, numbers.length - 1) } : { from: at, fromExclusive: true }
    case '<':
      return { before: at }
    case '<=':
      return numbers.length < 3 ? { before: next(numbers, numbers.length - 1) } : { upTo: at }
    case '=':
      return numbers.length < 3 ? { from: full(numbers), before: next(numbers, numbers.length - 1) } : { from: at, upTo: at }
    case '~':
      return { from: at, before: next(numbers, numbers.length === 1 ? 0 : 1) }
    default: {
      // The first number that is not zero may not rise.
      const index = numbers.findIndex((one) => one !== 0)
      return { from: at, before: next(numbers, index < 0 ? numbers.length - 1 : index) }
    }
  }
}

function full(numbers: readonly number[]): string {
  return [numbers[0], numbers[1] ?? 0, numbers[2] ?? 0].join('.')
}

function next(numbers: readonly number[], index: number): string {
  return full(numbers.map((one, at) => (at < index ? one : at === index ? one + 1 : 0)))
}
