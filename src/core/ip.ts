/** Literal IP addresses as numbers. IPv4 lives in 0…2³²−1, IPv6 in 0…2¹²⁸−1, told apart by `version`. */
export type Ip = Readonly<{ version: 4 | 6; value: bigint }>

/** Parses a literal address; null when it is not one. No leading zeros, no zone ids, no surrounding spaces. */
export function parseIp(text: string): Ip | null {
  if (text.length > 45) return null
  if (text.includes(':')) return parseIp6(text)
  const value = parseIp4(text)
  return value === null ? null : { version: 4, value: BigInt(value) }
}

export function parseIp4(text: string): number | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let value = 0
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return null
    const octet = Number(part)
    if (octet > 255) return null
    value = value * 256 + octet
  }
  return value
}

function parseIp6(text: string): Ip | null {
  let source = text
  const dot = source.lastIndexOf(':')
  if (source.includes('.')) {
    const tail = parseIp4(source.slice(dot + 1))
    if (tail === null) return null
    source = `${source.slice(0, dot + 1)}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return null
  const groups = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'))
  const head = groups(halves[0])
  const tail = groups(halves[1])
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  let value = 0n
  for (const group of [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
    value = (value << 16n) | BigInt(Number.parseInt(group, 16))
  }
  // An IPv4-mapped address is the IPv4 host: one host, one identity.
  if (value >> 32n === 0xffffn) return { version: 4, value: value & 0xffffffffn }
  return { version: 6, value }
}

/** Canonical text (RFC 5952 for IPv6). */
export function formatIp(ip: Ip): string {
  if (ip.version === 4) {
    const value = Number(ip.value)
    return `${Math.floor(value / 16777216)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
  }
  const groups = Array.from({ length: 8 }, (_, index) => Number((ip.value >> BigInt(112 - index * 16)) & 0xffffn))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.start < 0) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}
