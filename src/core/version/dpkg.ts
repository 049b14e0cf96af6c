import { endOfDigits, isDigit, isLetter, plainText, type Order } from './order.ts'

/** `[epoch:]upstream[-revision]`, as deb-version(7) has it: where in the text each lies. Without revision `dash` is the end of the text. */
type Version = Readonly<{ epoch: number; text: string; upstream: number; dash: number }>

const largestEpoch = 2_147_483_647
const [colonCode, plusCode, dashCode, tildeCode, zeroCode] = [58, 43, 45, 126, 48] as const

/**
 * As dpkg --compare-versions: what dpkg only warns of (a version that starts with a letter, an odd character) is read, what it
 * refuses is null.
 */
export const dpkg: Order<Version> = {
  read(given) {
    const text = plainText(given)
    if (text === null) return null
    let colon = -1
    let dash = -1
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code === colonCode && colon < 0) colon = index
      else if (code === dashCode) dash = index
    }
    const epoch = colon < 0 ? 0 : epochOf(text, colon)
    if (epoch === null) return null
    const upstream = colon + 1
    // A dash before the colon would be in the epoch, which is refused already.
    const end = dash < 0 ? text.length : dash
    if (end === upstream || dash === text.length - 1) return null
    return { epoch, text, upstream, dash: end }
  },
  compare(a, b) {
    if (a.epoch !== b.epoch) return a.epoch - b.epoch
    return compareParts(a.text, a.upstream, a.dash, b.text, b.upstream, b.dash)
      || compareParts(a.text, Math.min(a.dash + 1, a.text.length), a.text.length, b.text, Math.min(b.dash + 1, b.text.length), b.text.length)
  },
}

/** Null for what is no number, or one that dpkg does not take. */
function epochOf(text: string, end: number): number | null {
  // dpkg reads `+1:` as 1.
  const start = text.charCodeAt(0) === plusCode ? 1 : 0
  if (start === end || endOfDigits(text, start) !== end) return null
  let epoch = 0
  for (let index = start; index < end; index++) {
    epoch = epoch * 10 + text.charCodeAt(index) - zeroCode
    if (epoch > largestEpoch) return null
  }
  return epoch
}

/** Stretches of non-digits and of numbers by turns; `~` comes before the end, letters before all other characters. */
function compareParts(a: string, left: number, endOfA: number, b: string, right: number, endOfB: number): number {
  while (left < endOfA || right < endOfB) {
    for (;;) {
      const one = left < endOfA ? a.charCodeAt(left) : 0
      const other = right < endOfB ? b.charCodeAt(right) : 0
      const isOver = (one === 0 || isDigit(one)) && (other === 0 || isDigit(other))
      if (isOver) break
      const order = rank(one) - rank(other)
      if (order !== 0) return order
      left++
      right++
    }
    while (left < endOfA && a.charCodeAt(left) === zeroCode) left++
    while (right < endOfB && b.charCodeAt(right) === zeroCode) right++
    // Of two numbers the longer is larger; of two as long, the one with the larger digit first.
    let first = 0
    for (;;) {
      const one = left < endOfA && isDigit(a.charCodeAt(left))
      const other = right < endOfB && isDigit(b.charCodeAt(right))
      if (!one || !other) {
        if (one !== other) return one ? 1 : -1
        break
      }
      if (first === 0) first = a.charCodeAt(left) - b.charCodeAt(right)
      left++
      right++
    }
    if (first !== 0) return first
  }
  return 0
}

function rank(code: number): number {
  if (code === 0 || isDigit(code)) return 0
  if (code === tildeCode) return -1
  return isLetter(code) ? code : code + 256
}
