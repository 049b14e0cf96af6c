import { readFile } from 'node:fs/promises'
import { formatIp } from '#core/ip.ts'

/** One packet that was meant for an address: what it asks or carries, from whom, and when (ms). */
export type Packet = Readonly<{ at: number; kind: 'arp' | 'neighbour' | 'tcp' | 'udp' | 'icmp' | 'group' | 'other'; from: string; to: string; port: number; syn: boolean }>

/** Reads what tcpdump wrote (pcap, little-endian, Ethernet): the packets that the given hardware address sent. */
export async function readCapture(file: string, from: string): Promise<readonly Packet[]> {
  const bytes = await readFile(file)
  if (bytes.length < 24 || bytes.readUInt32LE(0) !== 0xa1b2c3d4 || bytes.readUInt32LE(20) !== 1) throw new Error(`${file} is not a capture of an Ethernet device`)
  const packets: Packet[] = []
  for (let offset = 24; offset + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(offset + 8)
    const at = bytes.readUInt32LE(offset) * 1000 + bytes.readUInt32LE(offset + 4) / 1000
    const frame = bytes.subarray(offset + 16, offset + 16 + length)
    offset += 16 + length
    const source = frame.subarray(6, 12).toString('hex').replaceAll(/(..)(?=.)/g, '$1:')
    if (source === from) packets.push({ at, ...packetOf(frame.readUInt16BE(12), frame.subarray(14)) })
  }
  return packets
}

function packetOf(type: number, body: Buffer): Omit<Packet, 'at'> {
  const nothing = { port: 0, syn: false }
  if (type === 0x0806) return { kind: body.readUInt16BE(6) === 1 ? 'arp' : 'group', from: address(body.subarray(14, 18)), to: address(body.subarray(24, 28)), ...nothing }
  if (type === 0x0800) return { from: address(body.subarray(12, 16)), ...payloadOf(body[9]!, address(body.subarray(16, 20)), body.subarray((body[0]! & 15) * 4)) }
  if (type !== 0x86dd) return { kind: 'other', from: '', to: `type ${type.toString(16)}`, ...nothing }
  const from = address(body.subarray(8, 24))
  const to = address(body.subarray(24, 40))
  let next = body[6]!
  let inner = body.subarray(40)
  if (next === 0) {
    next = inner[0]!
    inner = inner.subarray((inner[1]! + 1) * 8)
  }
  // 135: the search for a neighbour. 136 as an ARP reply: the system answers who asks for us; 130 to 132 and 143: membership of groups, which it tells by itself.
  if (next === 58 && inner[0] === 135) return { kind: 'neighbour', from, to: address(inner.subarray(8, 24)), ...nothing }
  if (next === 58 && ((inner[0]! >= 130 && inner[0]! <= 132) || inner[0] === 136 || inner[0] === 143)) return { kind: 'group', from, to, ...nothing }
  return { from, ...payloadOf(next, to, inner) }
}

function payloadOf(proto: number, to: string, inner: Buffer): Omit<Packet, 'at' | 'from'> {
  if (proto === 6) return { kind: 'tcp', to, port: inner.readUInt16BE(2), syn: (inner[13]! & 0x12) === 2 }
  if (proto === 17) return { kind: 'udp', to, port: inner.readUInt16BE(2), syn: false }
  return { kind: proto === 1 || proto === 58 ? 'icmp' : 'other', to, port: 0, syn: false }
}

function address(bytes: Buffer): string {
  return formatIp({ version: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex')}`) })
}
