import { parseIp4 } from '#core/ip.ts'
import type { Helper } from '../call.ts'
import { inRange, parseVersion } from './go-version.ts'
import { integer, none, text } from './argument.ts'

/** Helpers over numbers, versions and addresses. */
export const numberHelpers: Readonly<Record<string, Helper>> = {
  tonumber: ([of]) => {
    const written = text(of)
    return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(written) ? Number(written) : none(`${written.slice(0, 40)} is no number`)
  },
  dectohex: ([of]) => (typeof of === 'number' ? Math.trunc(of).toString(16) : none('a number is wanted')),
  hextodec: ([of]) => based(text(of), '0x', 16, /^-?[0-9a-f]+$/i),
  octtodec: ([of]) => based(text(of), '0o', 8, /^-?[0-7]+$/),
  bintodec: ([of]) => based(text(of), '0b', 2, /^-?[01]+$/),
  compareversions: ([of, ...ranges]) => {
    const version = parseVersion(text(of)) ?? none('it is no version')
    return inRange(version, ranges.map(text).join(',')) ?? none('a range that is none')
  },
  ipformat: ([of, kind]) => address(text(of), integer(kind)),
}

function based(written: string, prefix: string, base: number, digits: RegExp): number {
  const plain = written.startsWith(prefix) ? written.slice(prefix.length) : written
  return digits.test(plain) && plain.length < 54 ? parseInt(plain, base) : none(`${written.slice(0, 40)} is no number`)
}

/** Other ways to write an IPv4 address; the numbers are those of the documentation. */
function address(of: string, kind: number): string {
  const value = parseIp4(of) ?? none('it is no IPv4 address')
  const parts = of.split('.').map(Number)
  switch (kind) {
    case 1:
      return of
    case 2:
      return parts[1] === 0 && parts[2] === 0 ? `${parts[0]}.${parts[3]}` : parts[2] === 0 ? `${parts[0]}.${parts[1]}.${parts[3]}` : of
    case 3:
      return parts.map((one) => `0${one.toString(8) === '0' ? '' : one.toString(8)}`).join('.')
    case 4:
      return `0x${value.toString(16).padStart(8, '0')}`
    case 5:
      return String(0xffff * 2 ** 32 + value)
    case 6:
      return value.toString(2).padStart(32, '0')
    case 11:
      return `${parts[0]}.${parts[1]}.${parts[2]! * 256 + parts[3]!}`
    default:
      return none(`the way ${kind} to write an address`)
  }
}
