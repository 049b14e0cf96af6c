import type { PacketAddress } from './address.ts'

/** A packet but for what differs by port. Its addresses are fixed when it is made, which takes a PacketAddress: see `Wall`. */
export type Template = Readonly<{
  bytes: Uint8Array
  to: PacketAddress
  /** The socket address it is sent to. */
  name: Uint8Array
  /** Where the TCP or UDP header begins, and the sum of all that its checksum covers and that stays. */
  transport: number
  sum: number
}>

const ports = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 } as const
const hops = 64

/** A SYN such as a current Linux sends, so that what answers shows its own options, and nothing on the way stumbles over an odd one. */
export function synTemplate(from: Uint8Array, fromPort: number, to: PacketAddress, clock: number): Template {
  const { bytes, view, transport } = packet(from, to, ports.tcp, 40)
  view.setUint16(transport, fromPort)
  bytes[transport + 12] = 10 << 4
  bytes[transport + 13] = 0x02
  view.setUint16(transport + 14, 64_240)
  // Segment size, selective acknowledgement, time stamp, padding, window scale.
  bytes.set([2, 4, 5, to.version === 4 ? 0xb4 : 0xa0, 4, 2, 8, 10], transport + 20)
  view.setUint32(transport + 28, clock >>> 0)
  bytes.set([1, 3, 3, 7], transport + 36)
  return { bytes, to, name: to.name, transport, sum: sumOf(bytes, transport, 40) + pseudoSum(from, to, ports.tcp, 40) }
}

/** The same packet as an Ethernet frame to a neighbour whose hardware address is known, which spares the kernel the search for the way. `device` is the socket address of the device. */
export function framed(template: Template, own: Uint8Array, far: Uint8Array, device: Uint8Array): Template {
  const bytes = Uint8Array.of(...far, ...own, ...(template.to.version === 4 ? [0x08, 0x00] : [0x86, 0xdd]), ...template.bytes)
  return { ...template, bytes, name: device, transport: template.transport + 14 }
}

/** Writes a template into memory as the SYN for one port; only what differs, where it already lies there. */
export function writeSyn(memory: Uint8Array, at: number, template: Template, port: number, sequence: number, isThere = false): void {
  if (!isThere) memory.set(template.bytes, at)
  const tcp = at + template.transport
  memory[tcp + 2] = port >>> 8
  memory[tcp + 3] = port
  memory[tcp + 4] = sequence >>> 24
  memory[tcp + 5] = sequence >>> 16
  memory[tcp + 6] = sequence >>> 8
  memory[tcp + 7] = sequence
  const check = ~fold(template.sum + port + (sequence >>> 16) + (sequence & 0xffff))
  memory[tcp + 16] = check >>> 8
  memory[tcp + 17] = check
}

/** An echo request with the cookie as its payload. */
export function echoPacket(from: Uint8Array, to: PacketAddress, id: number, cookie: number): Uint8Array {
  const proto = to.version === 4 ? ports.icmp : ports.icmp6
  const { bytes, view, transport } = packet(from, to, proto, 16)
  bytes[transport] = to.version === 4 ? 8 : 128
  view.setUint16(transport + 4, id)
  view.setUint16(transport + 6, 1)
  view.setUint32(transport + 8, cookie)
  const sum = sumOf(bytes, transport, 16) + (to.version === 4 ? 0 : pseudoSum(from, to, proto, 16))
  view.setUint16(transport + 2, ~fold(sum) & 0xffff)
  return bytes
}

export function udpPacket(from: Uint8Array, fromPort: number, to: PacketAddress, port: number, payload: Uint8Array): Uint8Array {
  const length = 8 + payload.length
  const { bytes, view, transport } = packet(from, to, ports.udp, length)
  view.setUint16(transport, fromPort)
  view.setUint16(transport + 2, port)
  view.setUint16(transport + 4, length)
  bytes.set(payload, transport + 8)
  const check = ~fold(sumOf(bytes, transport, length) + pseudoSum(from, to, ports.udp, length)) & 0xffff
  view.setUint16(transport + 6, check === 0 ? 0xffff : check)
  return bytes
}

/** Who has an address: to everybody on the network (ARP). */
export function arpFrame(mac: Uint8Array, from: Uint8Array, to: PacketAddress): Uint8Array {
  const bytes = new Uint8Array(42)
  bytes.fill(0xff, 0, 6)
  bytes.set(mac, 6)
  bytes.set([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1], 12)
  bytes.set(mac, 22)
  bytes.set(from, 28)
  bytes.set(to.bytes, 38)
  return bytes
}

/** The same over IPv6: to the few that share the last 24 bits (neighbour solicitation). */
export function solicitationFrame(mac: Uint8Array, from: Uint8Array, to: PacketAddress): Uint8Array {
  const last = to.bytes.subarray(13)
  const group: PacketAddress = { ...to, bytes: Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...last) }
  const { bytes, view, transport } = packet(from, group, ports.icmp6, 32)
  bytes[7] = 255
  bytes[transport] = 135
  bytes.set(to.bytes, transport + 8)
  bytes.set([1, 1, ...mac], transport + 24)
  view.setUint16(transport + 2, ~fold(sumOf(bytes, transport, 32) + pseudoSum(from, group, ports.icmp6, 32)) & 0xffff)
  return Uint8Array.of(0x33, 0x33, 0xff, ...last, ...mac, 0x86, 0xdd, ...bytes)
}

function packet(from: Uint8Array, to: PacketAddress, proto: number, length: number): { bytes: Uint8Array; view: DataView; transport: number } {
  const transport = to.version === 4 ? 20 : 40
  const bytes = new Uint8Array(transport + length)
  const view = new DataView(bytes.buffer)
  if (to.version === 4) {
    bytes[0] = 0x45
    view.setUint16(2, bytes.length)
    view.setUint16(6, 0x4000)
    bytes[8] = hops
    bytes[9] = proto
    bytes.set(from, 12)
    bytes.set(to.bytes, 16)
    view.setUint16(10, ~fold(sumOf(bytes, 0, 20)) & 0xffff)
  } else {
    bytes[0] = 0x60
    view.setUint16(4, length)
    bytes[6] = proto
    bytes[7] = hops
    bytes.set(from, 8)
    bytes.set(to.bytes, 24)
  }
  return { bytes, view, transport }
}

function sumOf(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0
  for (let index = at; index < at + length; index += 2) sum += (bytes[index]! << 8) | (index + 1 < at + length ? bytes[index + 1]! : 0)
  return sum
}

function pseudoSum(from: Uint8Array, to: PacketAddress, proto: number, length: number): number {
  return sumOf(from, 0, from.length) + sumOf(to.bytes, 0, to.bytes.length) + proto + length
}

function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16)
  return (once & 0xffff) + (once >>> 16)
}
