import { compareDigits, compareText, endOfDigits, isDigit, isLetter, plainText, withoutZeros, type Order } from './order.ts'

/**
 * Runs of digits and of letters: `1.0-rc1` is 1, 0, pre, rc, 1. Zeros at the end of the numbers, and at the very end, have been
 * dropped.
 */
type Segments = readonly string[]

/** As Gem::Version: a word comes before a number, so that anything with letters is older than the release. */
export const gem: Order<Segments> = {
  read(text) {
    const plain = plainText(text)
    if (plain === null || !isSpelt(plain)) return null
    const segments = segmentsOf(plain.replaceAll('-', '.pre.'))
    const firstWord = segments.findIndex((segment) => !isDigit(segment.charCodeAt(0)))
    if (firstWord < 0) return withoutLastZeros(segments)
    return [...withoutLastZeros(segments.slice(0, firstWord)), ...withoutLastZeros(segments.slice(firstWord))]
  },
  compare(a, b) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const one = a[index] ?? '0'
      const other = b[index] ?? '0'
      const isNumber = isDigit(one.charCodeAt(0))
      if (isNumber !== isDigit(other.charCodeAt(0))) return isNumber ? 1 : -1
      const order = isNumber ? compareDigits(one, other) : compareText(one, other)
      if (order !== 0) return order
    }
    return 0
  },
}

/** Starts with a number; parts by dots, and after the first dash parts that may hold dashes. */
function isSpelt(text: string): boolean {
  const dash = text.indexOf('-')
  const before = (dash < 0 ? text : text.slice(0, dash)).split('.')
  if (endOfDigits(before[0]!, 0) !== before[0]!.length) return false
  return before.every((part) => isWord(part, false)) && (dash < 0 || text.slice(dash + 1).split('.').every((part) => isWord(part, true)))
}

function isWord(text: string, dashes: boolean): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && !isLetter(code) && !(dashes && code === 45)) return false
  }
  return text.length > 0
}

function segmentsOf(text: string): string[] {
  const segments: string[] = []
  for (let at = 0; at < text.length;) {
    let end = endOfDigits(text, at)
    if (end > at) segments.push(withoutZeros(text.slice(at, end)))
    else {
      while (end < text.length && isLetter(text.charCodeAt(end))) end++
      if (end > at) segments.push(text.slice(at, end))
    }
    at = Math.max(end, at + 1)
  }
  return segments
}

function withoutLastZeros(segments: readonly string[]): readonly string[] {
  let length = segments.length
  while (length > 0 && segments[length - 1] === '0') length--
  return segments.slice(0, length)
}
