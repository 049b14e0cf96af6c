import { endOfDigits, isDigit, isNumber, plainText, type Order } from './order.ts'
import { comparePhpParts, phpParts } from './php.ts'

/**
 * As composer/semver normalises it: four numbers (or a date), then stability; and the parts that PHP compares. Branches
 * (`dev-main`) are no versions.
 */
type Version = readonly string[]

const stabilities: readonly (readonly [string, string])[] = [
  ['stable', 'stable'], ['beta', 'beta'], ['b', 'beta'], ['rc', 'RC'], ['alpha', 'alpha'], ['a', 'alpha'],
  ['patch', 'patch'], ['pl', 'patch'], ['p', 'patch'],
]

export const composer: Order<Version> = {
  read(text) {
    const plain = plainText(text)
    const normal = plain === null ? null : normalise(plain)
    return normal === null ? null : phpParts(normal)
  },
  compare: comparePhpParts,
}

function normalise(text: string): string | null {
  let version = text
  const at = version.lastIndexOf('@')
  const flags = ['stable', 'rc', 'beta', 'alpha', 'dev']
  if (at > 0 && flags.includes(version.slice(at + 1).toLowerCase())) version = version.slice(0, at)
  const plus = version.indexOf('+')
  if (plus > 0 && plus < version.length - 1) version = version.slice(0, plus)
  return readNumbers(version) ?? readDate(version) ?? readBranch(version.toLowerCase())
}

/** `2.x-dev`, `2.1.x-dev`: the tip of a numbered branch, newer than all of it. */
function readBranch(text: string): string | null {
  if (!text.endsWith('dev')) return null
  const dash = '.-'.includes(text.at(-4) ?? ' ') ? 4 : 3
  const parts = text.slice(text.startsWith('v') ? 1 : 0, -dash).split('.')
  if (parts.length > 4 || !isNumber(parts[0]!)) return null
  if (!parts.every((part) => part === 'x' || part === '*' || isNumber(part))) return null
  while (parts.length < 4) parts.push('x')
  return `${parts.map((part) => (isNumber(part) ? part : '9999999')).join('.')}-dev`
}

/** `[v]1[.2[.3[.4]]]` and the rest; the first number of at most five digits. */
function readNumbers(text: string): string | null {
  let at = /^v/i.test(text) ? 1 : 0
  const end = endOfDigits(text, at)
  if (end === at || end - at > 5) return null
  const numbers = [text.slice(at, end)]
  at = end
  while (numbers.length < 4 && text[at] === '.' && isDigit(text.charCodeAt(at + 1))) {
    const stop = endOfDigits(text, at + 1)
    numbers.push(text.slice(at + 1, stop))
    at = stop
  }
  const rest = readStability(text.slice(at))
  while (numbers.length < 4) numbers.push('0')
  return rest === null ? null : numbers.join('.') + rest
}

/** `20240131`, `2024.01.31.12`, `2024-01-31`: years of four digits with months, days, hours of two. */
function readDate(text: string): string | null {
  let at = /^v/i.test(text) ? 1 : 0
  const start = at
  if (endOfDigits(text, at) - at < 4) return null
  at += 4
  let groups = 0
  for (; groups < 6; groups++) {
    const next = at + ('.:-'.includes(text[at] ?? ' ') ? 1 : 0)
    if (!isDigit(text.charCodeAt(next)) || !isDigit(text.charCodeAt(next + 1))) break
    at = next + 2
  }
  if (groups === 0) return null
  const next = at + ('.:-'.includes(text[at] ?? ' ') ? 1 : 0)
  const more = Math.min(endOfDigits(text, next), next + 3)
  if (more > next) at = more
  const rest = readStability(text.slice(at))
  return rest === null ? null : text.slice(start, at).replace(/\D/g, '.') + rest
}

/** `-beta2`, `RC.1`, `-p3`, `-dev`; null for anything else. */
function readStability(rest: string): string | null {
  const text = rest.toLowerCase()
  const start = '._-'.includes(text[0] ?? ' ') ? 1 : 0
  const found = stabilities.find(([word]) => text.startsWith(word, start))
  if (found === undefined) return readDev(text, start)
  const [word, name] = found
  const numbers = start + word.length
  let end = numbers
  for (;;) {
    const digits = end + ('.-'.includes(text[end] ?? ' ') ? 1 : 0)
    const stop = endOfDigits(text, digits)
    if (stop === digits) break
    end = stop
  }
  const dev = readDev(text, end)
  // Only in lower case is `stable` known to mean nothing.
  if (dev === null || rest.slice(start, numbers) === 'stable') return dev === null ? null : ''
  return `-${name}${text.slice(numbers, end).replace(/^[.-]/, '')}${dev}`
}

function readDev(text: string, at: number): string | null {
  if (at === text.length) return ''
  return text.slice('.-'.includes(text[at]!) ? at + 1 : at) === 'dev' ? '-dev' : null
}
