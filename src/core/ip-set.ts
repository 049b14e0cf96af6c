import { fail } from './errors.ts'
import { formatIp, parseIp, type Ip } from './ip.ts'

/** An inclusive run of addresses of one version. */
export type IpRange = Readonly<{ version: 4 | 6; first: bigint; last: bigint }>

/**
 * A set of addresses: disjoint, sorted, merged ranges. Text form: `10.0.0.0/24,10.1.0.5-10.1.0.9,::1`. All operations are pure
 * and take time in the number of ranges, never of addresses: a set may hold 2¹²⁸ of them.
 */
export type IpSet = readonly IpRange[]

export const emptyIpSet: IpSet = []

/** Parses `address`, `first-last`, `a.b.c.d-e` (last octet) or CIDR. Throws the catalogue's error naming what was passed. */
export function parseIpRange(text: string): IpRange {
  const address = text.trim()
  if (address.includes(':') && address.includes('%')) fail('address.zone', { address })
  const slash = address.indexOf('/')
  if (slash >= 0) return parseCidr(address, slash)
  const dash = address.indexOf('-')
  if (dash >= 0) {
    const from = parseIp(address.slice(0, dash).trim())
    const end = address.slice(dash + 1).trim()
    if (from === null) fail('address.malformed', { address })
    const to = /^[0-9]{1,3}$/.test(end) && from.version === 4
      ? parseIp(`${formatIp(from).split('.').slice(0, 3).join('.')}.${Number(end)}`)
      : parseIp(end)
    if (to === null || to.version !== from.version) fail('address.malformed', { address })
    if (to.value < from.value) fail('address.reversed', { address })
    return { version: from.version, first: from.value, last: to.value }
  }
  const ip = parseIp(address)
  if (ip === null) fail('address.malformed', { address })
  return { version: ip.version, first: ip.value, last: ip.value }
}

function parseCidr(address: string, slash: number): IpRange {
  const base = parseIp(address.slice(0, slash))
  const prefixText = address.slice(slash + 1)
  if (base === null || !/^[0-9]{1,3}$/.test(prefixText)) fail('address.malformed', { address })
  const width = base.version === 4 ? 32 : 128
  const prefix = Number(prefixText)
  if (prefix > width) fail('address.bad_prefix', { address, most: width })
  const size = 1n << BigInt(width - prefix)
  const first = (base.value / size) * size
  if (first !== base.value) fail('address.host_bits', { address, meant: `${formatIp({ version: base.version, value: first })}/${prefix}` })
  return { version: base.version, first, last: first + size - 1n }
}

/** Parses a list separated by commas, spaces or new lines. */
export function parseIpSet(text: string): IpSet {
  return normalise(text.split(/[\s,;]+/).filter((part) => part !== '').map(parseIpRange))
}

export function normalise(ranges: readonly IpRange[]): IpSet {
  const sorted = [...ranges].sort((a, b) => a.version - b.version || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const merged: IpRange[] = []
  for (const range of sorted) {
    const before = merged.at(-1)
    if (before !== undefined && before.version === range.version && range.first <= before.last + 1n) {
      if (range.last > before.last) merged[merged.length - 1] = { ...before, last: range.last }
    } else merged.push(range)
  }
  return merged
}

export function union(a: IpSet, b: IpSet): IpSet {
  return normalise([...a, ...b])
}

export function subtract(a: IpSet, b: IpSet): IpSet {
  const rest: IpRange[] = []
  let next = 0
  for (const range of a) {
    let first = range.first
    // Both are sorted: a hole that ends before this range touches no later one either.
    while (next < b.length && endsBefore(b[next]!, range)) next++
    for (let index = next; index < b.length && first <= range.last; index++) {
      const hole = b[index]!
      if (hole.version !== range.version || hole.first > range.last) break
      if (hole.first > first) rest.push({ version: range.version, first, last: hole.first - 1n })
      first = hole.last + 1n
    }
    if (first <= range.last) rest.push({ version: range.version, first, last: range.last })
  }
  return rest
}

function endsBefore(hole: IpRange, range: IpRange): boolean {
  return hole.version < range.version || (hole.version === range.version && hole.last < range.first)
}

export function intersect(a: IpSet, b: IpSet): IpSet {
  return subtract(a, subtract(a, b))
}

/** Binary search: this stands on the path of every packet. */
export function contains(set: IpSet, ip: Ip): boolean {
  let low = 0
  let high = set.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const range = set[middle]!
    if (range.version < ip.version || (range.version === ip.version && range.last < ip.value)) low = middle + 1
    else if (range.version > ip.version || range.first > ip.value) high = middle - 1
    else return true
  }
  return false
}

export function countAddresses(set: IpSet): bigint {
  return set.reduce((sum, range) => sum + range.last - range.first + 1n, 0n)
}

/** Every address in order, lazily. */
export function* addressesOf(set: IpSet): Generator<string> {
  for (const range of set) {
    for (let value = range.first; value <= range.last; value++) yield formatIp({ version: range.version, value })
  }
}

/** Shortest text of a range: an address, a CIDR block where it is one, else `first-last`. */
export function formatIpRange(range: IpRange): string {
  const first = formatIp({ version: range.version, value: range.first })
  const size = range.last - range.first + 1n
  if (size === 1n) return first
  const isPowerOfTwo = (size & (size - 1n)) === 0n
  if (isPowerOfTwo && range.first % size === 0n) {
    const width = range.version === 4 ? 32 : 128
    return `${first}/${width - (size.toString(2).length - 1)}`
  }
  return `${first}-${formatIp({ version: range.version, value: range.last })}`
}

export function formatIpSet(set: IpSet): string {
  return set.map(formatIpRange).join(',')
}
