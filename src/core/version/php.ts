import { compareDigits, endOfDigits, isDigit } from './order.ts'

/** Words of PHP's version_compare in their order; any other comes before all of them, a number stands between RC and pl. */
const ranks: Readonly<Record<string, number>> = { dev: 0, alpha: 1, a: 1, beta: 2, b: 2, RC: 3, rc: 3, pl: 5, p: 5 }
const number = 4
const prefixes = Object.keys(ranks).sort((a, b) => b.length - a.length)

/** Parts of a version: at `-`, `_`, `+` and `.`, and between digits and anything else. */
export function phpParts(text: string): readonly string[] {
  const parts: string[] = []
  for (let at = 0; at < text.length;) {
    let end = endOfDigits(text, at)
    if (end === at) while (end < text.length && !isDigit(text.charCodeAt(end)) && !'-_+.'.includes(text[end]!)) end++
    if (end > at) parts.push(text.slice(at, end))
    at = Math.max(end, at + 1)
  }
  return parts
}

/** As PHP's version_compare, over parts. */
export function comparePhpParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const one = a[index]
    const other = b[index]
    if (one === undefined) return isDigit(other!.charCodeAt(0)) ? -1 : number - rank(other!)
    if (other === undefined) return isDigit(one.charCodeAt(0)) ? 1 : rank(one) - number
    const bothNumbers = isDigit(one.charCodeAt(0)) && isDigit(other.charCodeAt(0))
    const order = bothNumbers ? compareDigits(one, other) : rank(one) - rank(other)
    if (order !== 0) return order
  }
  return 0
}

function rank(part: string): number {
  if (isDigit(part.charCodeAt(0))) return number
  // Only how a word begins is looked at: `alphabet` is an alpha.
  const word = prefixes.find((prefix) => part.startsWith(prefix))
  return word === undefined ? -1 : ranks[word]!
}
