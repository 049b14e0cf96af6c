import { endOfDigits, isDigit, isLetter, isNumber, plainText, withoutZeros, type Order } from './order.ts'

/** `[epoch:]upstream[-revision]`, as deb-version(7) has it. */
type Version = Readonly<{ epoch: number; upstream: string; revision: string }>

const largestEpoch = 2_147_483_647

/**
 * As dpkg --compare-versions: what dpkg only warns of (a version that starts with a letter, an odd character) is read, what it
 * refuses is null.
 */
export const dpkg: Order<Version> = {
  read(text) {
    const plain = plainText(text)
    if (plain === null) return null
    const colon = plain.indexOf(':')
    // dpkg reads `+1:` as 1.
    const epoch = colon < 0 ? '0' : plain.slice(plain.startsWith('+') ? 1 : 0, colon)
    if (!isNumber(epoch) || withoutZeros(epoch).length > 10 || Number(epoch) > largestEpoch) return null
    const rest = plain.slice(colon + 1)
    const dash = rest.lastIndexOf('-')
    const upstream = dash < 0 ? rest : rest.slice(0, dash)
    const revision = dash < 0 ? '' : rest.slice(dash + 1)
    if (upstream === '' || (dash >= 0 && revision === '')) return null
    return { epoch: Number(epoch), upstream, revision }
  },
  compare(a, b) {
    if (a.epoch !== b.epoch) return a.epoch - b.epoch
    return compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
  },
}

/** Stretches of non-digits and of numbers by turns; `~` comes before the end, letters before all other characters. */
function compareParts(a: string, b: string): number {
  let left = 0
  let right = 0
  while (left < a.length || right < b.length) {
    for (;;) {
      const one = left < a.length ? a.charCodeAt(left) : 0
      const other = right < b.length ? b.charCodeAt(right) : 0
      const isOver = (one === 0 || isDigit(one)) && (other === 0 || isDigit(other))
      if (isOver) break
      const order = rank(one) - rank(other)
      if (order !== 0) return order
      left++
      right++
    }
    const endLeft = endOfDigits(a, left)
    const endRight = endOfDigits(b, right)
    while (left < endLeft && a.charCodeAt(left) === 48) left++
    while (right < endRight && b.charCodeAt(right) === 48) right++
    if (endLeft - left !== endRight - right) return endLeft - left - (endRight - right)
    for (; left < endLeft; left++, right++) {
      const order = a.charCodeAt(left) - b.charCodeAt(right)
      if (order !== 0) return order
    }
  }
  return 0
}

function rank(code: number): number {
  if (code === 0 || isDigit(code)) return 0
  if (code === 126) return -1
  return isLetter(code) ? code : code + 256
}
