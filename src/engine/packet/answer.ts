import { keyAt } from './address.ts'

/**
 * What one received packet says, read in place. One object is filled again and again: hundreds of thousands come a second.
 * `error` quotes what we sent; `key` is then whom we had sent it to, and `by` where in the packet the address of its sender stands.
 */
export type Answer = {
  kind: 'syn-ack' | 'reset' | 'error' | 'echo' | 'udp' | 'arp' | 'neighbour'
  version: 4 | 6
  key: number | string
  /** The port of the target; of an error the quoted one. */
  port: number
  /** The protocol of what an error quotes: 6, 17, 1 or 58. */
  proto: number
  /** The cookie as it came back: acknowledged less one, quoted, or in the payload of an echo. */
  cookie: number
  type: number
  code: number
  by: number
  /** Where the network header and the TCP header are, for who wants to know the stack. */
  network: number
  transport: number
}

export function newAnswer(): Answer {
  return { kind: 'reset', version: 4, key: 0, port: 0, proto: 0, cookie: 0, type: 0, code: 0, by: 0, network: 0, transport: 0 }
}

/** False: it is no answer to anything. Everything in it is hostile: nothing is read beyond `length`. */
export function readAnswer(bytes: Uint8Array, at: number, length: number, ethernetType: number, ownPort: number, into: Answer): boolean {
  into.network = at
  if (ethernetType === 0x0806) {
    if (length < 28) return false
    into.kind = 'arp'
    into.version = 4
    into.key = keyAt(bytes, at + 14, 4)
    into.by = at + 8
    return true
  }
  return ethernetType === 0x0800 ? read4(bytes, at, length, ownPort, into) : read6(bytes, at, length, ownPort, into)
}

function read4(bytes: Uint8Array, at: number, length: number, ownPort: number, into: Answer): boolean {
  const header = (bytes[at]! & 15) * 4
  if (length < header + 8 || header < 20) return false
  into.version = 4
  into.by = at + 12
  into.transport = at + header
  const proto = bytes[at + 9]!
  if (proto !== 1) {
    into.key = keyAt(bytes, at + 12, 4)
    return readTransport(bytes, at + header, length - header, proto, ownPort, into)
  }
  const icmp = at + header
  into.type = bytes[icmp]!
  into.code = bytes[icmp + 1]!
  if (into.type === 0) {
    into.key = keyAt(bytes, at + 12, 4)
    return readEcho(bytes, icmp, length - header, ownPort, into)
  }
  const inner = icmp + 8
  const rest = length - header - 8
  const innerHeader = rest < 20 ? 0 : (bytes[inner]! & 15) * 4
  if (innerHeader < 20 || rest < innerHeader + 8) return false
  into.key = keyAt(bytes, inner + 16, 4)
  return readQuote(bytes, inner + innerHeader, rest - innerHeader, bytes[inner + 9]!, ownPort, into)
}

function read6(bytes: Uint8Array, at: number, length: number, ownPort: number, into: Answer): boolean {
  if (length < 48) return false
  into.version = 6
  into.by = at + 8
  into.transport = at + 40
  const proto = bytes[at + 6]!
  const icmp = at + 40
  if (proto !== 58) {
    into.key = keyAt(bytes, at + 8, 6)
    return readTransport(bytes, icmp, length - 40, proto, ownPort, into)
  }
  into.type = bytes[icmp]!
  into.code = bytes[icmp + 1]!
  if (into.type === 129) {
    into.key = keyAt(bytes, at + 8, 6)
    return readEcho(bytes, icmp, length - 40, ownPort, into)
  }
  if (into.type === 136) {
    if (length < 64) return false
    into.kind = 'neighbour'
    into.key = keyAt(bytes, icmp + 8, 6)
    return true
  }
  if (length < 96) return false
  into.key = keyAt(bytes, icmp + 8 + 24, 6)
  return readQuote(bytes, icmp + 48, length - 88, bytes[icmp + 8 + 6]!, ownPort, into)
}

function readTransport(bytes: Uint8Array, at: number, length: number, proto: number, ownPort: number, into: Answer): boolean {
  into.port = (bytes[at]! << 8) | bytes[at + 1]!
  if (((bytes[at + 2]! << 8) | bytes[at + 3]!) !== ownPort) return false
  if (proto === 17) {
    into.kind = 'udp'
    return true
  }
  if (proto !== 6 || length < 20) return false
  const flags = bytes[at + 13]!
  // Only what acknowledges carries the cookie; a bare RST may be anybody's.
  if ((flags & 0x10) === 0) return false
  into.cookie = (word(bytes, at + 8) - 1) >>> 0
  if ((flags & 0x04) !== 0) into.kind = 'reset'
  else if ((flags & 0x02) !== 0) into.kind = 'syn-ack'
  else return false
  return true
}

function readEcho(bytes: Uint8Array, at: number, length: number, ownPort: number, into: Answer): boolean {
  if (length < 12 || ((bytes[at + 4]! << 8) | bytes[at + 5]!) !== ownPort) return false
  into.kind = 'echo'
  into.cookie = word(bytes, at + 8)
  return true
}

function readQuote(bytes: Uint8Array, at: number, length: number, proto: number, ownPort: number, into: Answer): boolean {
  into.kind = 'error'
  into.proto = proto
  if (length < 8) return false
  if (proto === 1 || proto === 58) {
    if (((bytes[at + 4]! << 8) | bytes[at + 5]!) !== ownPort || length < 12) return false
    into.cookie = word(bytes, at + 8)
    return true
  }
  if (((bytes[at]! << 8) | bytes[at + 1]!) !== ownPort) return false
  into.port = (bytes[at + 2]! << 8) | bytes[at + 3]!
  into.cookie = word(bytes, at + 4)
  return true
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
