import { compareText, isDigit, isLetter, endOfDigits, plainText, type Order } from './order.ts'

/** `[epoch:]version[-release]`. A release that is not told comes before every other. */
type Version = Readonly<{ epoch: string; version: string; release: string | null }>

/** As rpm orders packages; rpm takes any text for a version. */
export const rpm: Order<Version> = {
  read(text) {
    const plain = plainText(text)
    if (plain === null) return null
    const digits = endOfDigits(plain, 0)
    const hasEpoch = plain[digits] === ':'
    const epoch = hasEpoch && digits > 0 ? plain.slice(0, digits) : '0'
    const rest = hasEpoch ? plain.slice(digits + 1) : plain
    const dash = rest.lastIndexOf('-')
    return { epoch, version: dash < 0 ? rest : rest.slice(0, dash), release: dash < 0 ? null : rest.slice(dash + 1) }
  },
  compare(a, b) {
    const order = compareParts(a.epoch, b.epoch) || compareParts(a.version, b.version)
    if (order !== 0) return order
    if (a.release === null || b.release === null) return (a.release === null ? 0 : 1) - (b.release === null ? 0 : 1)
    return compareParts(a.release, b.release)
  },
}

const tilde = 126
const caret = 94

/** Runs of digits or of letters; `~` comes before everything, even the end; `^` after the end and before everything else. */
function compareParts(a: string, b: string): number {
  let left = skip(a, 0)
  let right = skip(b, 0)
  for (; ; left = skip(a, left), right = skip(b, right)) {
    const one = a.charCodeAt(left)
    const other = b.charCodeAt(right)
    if (one === tilde || other === tilde) {
      if (one !== tilde) return 1
      if (other !== tilde) return -1
      left++
      right++
      continue
    }
    const endsLeft = left >= a.length
    const endsRight = right >= b.length
    if (one === caret || other === caret) {
      if (endsLeft) return -1
      if (endsRight) return 1
      if (one !== caret) return 1
      if (other !== caret) return -1
      left++
      right++
      continue
    }
    if (endsLeft || endsRight) return Number(endsRight) - Number(endsLeft)
    const isNumber = isDigit(one)
    if (isNumber !== isDigit(other)) return isNumber ? 1 : -1
    const endLeft = endOfRun(a, left, isNumber)
    const endRight = endOfRun(b, right, isNumber)
    if (isNumber) {
      while (left < endLeft && a.charCodeAt(left) === 48) left++
      while (right < endRight && b.charCodeAt(right) === 48) right++
      if (endLeft - left !== endRight - right) return endLeft - left - (endRight - right)
    }
    const order = compareText(a.slice(left, endLeft), b.slice(right, endRight))
    if (order !== 0) return order
    left = endLeft
    right = endRight
  }
}

/** To the next letter, digit, tilde or caret. */
function skip(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isDigit(code) || isLetter(code) || code === tilde || code === caret) break
  }
  return at
}

function endOfRun(text: string, from: number, digits: boolean): number {
  let end = from
  while (end < text.length && (digits ? isDigit(text.charCodeAt(end)) : isLetter(text.charCodeAt(end)))) end++
  return end
}
