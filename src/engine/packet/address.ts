import { contains, type IpSet } from '#core/ip-set.ts'
import { parseIp, type Ip } from '#core/ip.ts'

/** An address as it stands in packets. `key` names it in maps: a number for IPv4, since that is looked up for every packet. */
export type PacketAddress = Readonly<{ text: string; version: 4 | 6; bytes: Uint8Array; name: Uint8Array; key: number | string }>

/** The second wall beside Net's: what stands in no scope or is excluded has no PacketAddress, and without one no frame can be built. */
export type Wall = (text: string) => PacketAddress | null

export function wallOf(scope: IpSet, exclude: IpSet): Wall {
  return (text) => {
    const ip = parseIp(text)
    return ip === null || !contains(scope, ip) || contains(exclude, ip) ? null : packetAddress(text, ip)
  }
}

export function packetAddress(text: string, ip: Ip): PacketAddress {
  const bytes = bytesOf(ip)
  const name = new Uint8Array(ip.version === 4 ? 16 : 28)
  name[0] = ip.version === 4 ? 2 : 10
  name.set(bytes, ip.version === 4 ? 4 : 8)
  return { text, version: ip.version, bytes, name, key: keyAt(bytes, 0, ip.version) }
}

export function bytesOf({ version, value }: Ip): Uint8Array {
  const length = version === 4 ? 4 : 16
  const bytes = new Uint8Array(length)
  for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n)
  return bytes
}

/** The key of the address that stands at an offset. */
export function keyAt(bytes: Uint8Array, at: number, version: 4 | 6): number | string {
  if (version === 4) return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  let key = ''
  for (let index = at; index < at + 16; index += 2) key += String.fromCharCode((bytes[index]! << 8) | bytes[index + 1]!)
  return key
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
