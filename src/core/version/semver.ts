import { compareDigits, compareText, isDigit, isLetter, isNumber, plainText, type Order } from './order.ts'

/** Semantic Versioning 2.0: three numbers, then what comes before the release. Build metadata has no say. */
export type SemanticVersion = Readonly<{ numbers: readonly string[]; before: readonly string[] }>

/**
 * As node-semver: a leading `v` is allowed, and nothing may be missing: `v4` of a GitHub action names whatever is newest, no
 * version.
 */
export const semver: Order<SemanticVersion> = {
  read(text) {
    const plain = plainText(text)
    return plain === null ? null : readSemantic(plain.startsWith('v') ? plain.slice(1) : plain, 3, 3)
  },
  compare: compareSemantic,
}

/** Reads `1.2.3-rc.1+build`, with at least `least` and at most `most` numbers. Leading zeros are refused unless `zeros`. */
export function readSemantic(text: string, least: number, most: number, zeros = false): SemanticVersion | null {
  const plus = text.indexOf('+')
  const core = plus < 0 ? text : text.slice(0, plus)
  if (plus >= 0 && !text.slice(plus + 1).split('.').every(isIdentifier)) return null
  const dash = core.indexOf('-')
  const numbers = (dash < 0 ? core : core.slice(0, dash)).split('.')
  if (numbers.length < least || numbers.length > most) return null
  if (!numbers.every((part) => isNumber(part) && (zeros || !hasZeros(part)))) return null
  const before = dash < 0 ? [] : core.slice(dash + 1).split('.')
  return before.every((part) => isIdentifier(part) && (zeros || !isNumber(part) || !hasZeros(part))) ? { numbers, before } : null
}

export function compareSemantic(a: SemanticVersion, b: SemanticVersion): number {
  const length = Math.max(a.numbers.length, b.numbers.length)
  for (let index = 0; index < length; index++) {
    const order = compareDigits(a.numbers[index] ?? '0', b.numbers[index] ?? '0')
    if (order !== 0) return order
  }
  return compareBefore(a.before, b.before, compareIdentifiers)
}

/** A version with something before its release is older than without; of two, the one that goes on is newer. */
export function compareBefore(a: readonly string[], b: readonly string[], compare: (a: string, b: string) => number): number {
  if (a.length === 0 || b.length === 0) return (a.length === 0 ? 1 : 0) - (b.length === 0 ? 1 : 0)
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index]!, b[index]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareIdentifiers(a: string, b: string): number {
  const one = isNumber(a)
  const other = isNumber(b)
  if (one && other) return compareDigits(a, b)
  if (one !== other) return one ? -1 : 1
  return compareText(a, b)
}

function hasZeros(digits: string): boolean {
  return digits.length > 1 && digits.charCodeAt(0) === 48
}

function isIdentifier(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && !isLetter(code) && code !== 45) return false
  }
  return text.length > 0
}
