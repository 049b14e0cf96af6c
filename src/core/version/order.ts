/**
 * The order of versions of one package system. `read` gives null for what that system does not take for a version; both take
 * linear time.
 */
export type Order<V> = Readonly<{ read(text: string): V | null; compare(a: V, b: V): number }>

const longest = 256

/** What is worth reading at all, trimmed: short, and of printable ASCII without blanks. Null for anything else. */
export function plainText(text: string): string | null {
  if (text.length > longest) return null
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code <= 32 || code > 126) return null
  }
  return start === end ? null : text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

/** Where the run of digits that starts at `from` ends. */
export function endOfDigits(text: string, from: number): number {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

export function isNumber(text: string): boolean {
  return text.length > 0 && endOfDigits(text, 0) === text.length
}

/** Order of two runs of decimal digits of any length. */
export function compareDigits(a: string, b: string): number {
  const left = withoutZeros(a)
  const right = withoutZeros(b)
  if (left.length !== right.length) return left.length - right.length
  return compareText(left, right)
}

export function withoutZeros(digits: string): string {
  let start = 0
  while (start < digits.length - 1 && digits.charCodeAt(start) === 48) start++
  return start === 0 ? digits : digits.slice(start)
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
