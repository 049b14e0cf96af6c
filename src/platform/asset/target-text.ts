import { domainToASCII } from 'node:url'
import { fail, VigilError } from '#core/errors.ts'
import { countAddresses, formatIpRange, intersect, normalise, parseIpRange, parseIpSet, type IpRange, type IpSet } from '#core/ip-set.ts'

/** Addresses and host names as people paste them. `bad`: the first 100 that cannot be a host; `badCount`: all of them. */
export type TargetText = Readonly<{ set: IpSet; names: readonly string[]; bad: readonly BadTarget[]; badCount: number }>
export type BadTarget = Readonly<{ line: number; text: string; code: string; reason: string }>

export const mostEntries = 300_000

/** What no host can have, or what no single host is behind. */
const reserved: readonly (readonly [IpSet, string])[] = [
  [parseIpSet('0.0.0.0/8'), 'unspecified, 0.0.0.0/8'],
  [parseIpSet('224.0.0.0/4'), 'multicast, 224.0.0.0/4'],
  [parseIpSet('240.0.0.0/4'), 'reserved and broadcast, 240.0.0.0/4'],
  [parseIpSet('::'), 'unspecified, ::'],
  [parseIpSet('ff00::/8'), 'multicast, ff00::/8'],
  [parseIpSet('fe80::/10'), 'link-local, fe80::/10, which needs an interface'],
]
const reservedSet = normalise(reserved.flatMap(([set]) => set))

/**
 * Reads addresses, ranges, CIDR blocks and host names separated by commas, semicolons, white space or new lines; `#` begins a comment. Throws
 * only when there are too many; what cannot be read is listed.
 */
export function parseTargetText(text: string): TargetText {
  const ranges: IpRange[] = []
  const names = new Set<string>()
  const bad: BadTarget[] = []
  let badCount = 0
  let entries = 0
  let line = 0
  for (const row of text.split('\n')) {
    line++
    const content = row.replace(/#.*$/, '').replace(/\s+-\s+/g, '-')
    for (const part of content.split(/[\s,;]+/)) {
      if (part === '') continue
      if (++entries > mostEntries) fail('address.too_many_lines', { most: mostEntries })
      try {
        const one = parseTarget(part)
        if (typeof one === 'string') names.add(one)
        else ranges.push(one)
      } catch (error) {
        if (!(error instanceof VigilError)) throw error
        if (badCount++ < 100) bad.push({ line, text: part.slice(0, 200), code: error.code, reason: error.message })
      }
    }
  }
  return { set: normalise(ranges), names: [...names].sort(), bad, badCount }
}

/** As `parseTargetText`, for where a list must be right as a whole: throws the first thing that is wrong with it. */
export function requireTargets(text: string): Readonly<{ set: IpSet; names: readonly string[] }> {
  const { set, names, bad } = parseTargetText(text)
  const first = bad[0]
  if (first !== undefined) fail('address.line', { line: first.line, reason: first.reason })
  if (set.length === 0 && names.length === 0) fail('address.nothing')
  return { set, names }
}

function parseTarget(part: string): IpRange | string {
  const name = /[a-z]/i.test(part) && !part.includes(':') && !part.includes('/') ? hostName(part) : null
  if (name !== null) return name
  const range = parseIpRange(part)
  if (intersect([range], reservedSet).length > 0) {
    const why = reserved.find(([set]) => intersect([range], set).length > 0)![1]
    fail('address.reserved', { address: part, why: countAddresses([range]) === 1n ? why : `it holds ${why}` })
  }
  return range
}

/** Lower-case ASCII form of a host name, or null when it is none. The last label is not all digits, so that 10.0.0.256 is no name. */
export function hostName(text: string): string | null {
  const name = domainToASCII(text.replace(/\.$/, '')).toLowerCase()
  if (name === '' || name.length > 253) return null
  const labels = name.split('.')
  if (!labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) || !/[a-z]/.test(labels.at(-1)!)) return null
  // A URL parser reads 0x7f.1 as an address; so may a resolver.
  return /^0x[0-9a-f]*$/.test(labels.at(-1)!) ? null : name
}

/** Shortest text of ranges and names, cut to `most` characters. */
export function formatTargets(set: IpSet, names: readonly string[], most: number): string {
  let text = ''
  for (const part of [...names, ...set.map(formatIpRange)]) {
    if (text.length + part.length + 2 > most) return `${text}, …`
    text += text === '' ? part : `, ${part}`
  }
  return text
}
