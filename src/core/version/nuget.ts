import { isNumber, plainText, withoutZeros, type Order } from './order.ts'
import { compareBefore, compareSemantic, readSemantic, type SemanticVersion } from './semver.ts'

const largest = 2_147_483_647

/**
 * As NuGet.Versioning: one to four numbers of 32 bits, leading zeros allowed, then Semantic Versioning 2.0 without regard to
 * case.
 */
export const nuget: Order<SemanticVersion> = {
  read(text) {
    const plain = plainText(text)
    const version = plain === null ? null : readSemantic(plain, 1, 4, true)
    if (version === null || !version.numbers.every(isSmall)) return null
    return { numbers: version.numbers, before: version.before.map((part) => part.toUpperCase()) }
  },
  compare(a, b) {
    const order = compareSemantic({ numbers: a.numbers, before: [] }, { numbers: b.numbers, before: [] })
    return order === 0 ? compareBefore(a.before, b.before, compareLabels) : order
  },
}

function isSmall(digits: string): boolean {
  return withoutZeros(digits).length <= 10 && Number(digits) <= largest
}

/** Labels are numbers while they fit 32 bits, a dash before them is a minus; else they are words. */
function compareLabels(a: string, b: string): number {
  const one = numberOf(a)
  const other = numberOf(b)
  if (one !== null && other !== null) return one - other
  if (one !== null || other !== null) return one === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

function numberOf(label: string): number | null {
  const negative = label.startsWith('-')
  const digits = negative ? label.slice(1) : label
  if (!isNumber(digits) || withoutZeros(digits).length > 10) return null
  const value = negative ? -Number(digits) : Number(digits)
  return value <= largest && value >= -largest - 1 ? value : null
}
