import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** The binary packet protocol of SSH (RFC 4253 6), one side of it. */
export type Packets = Readonly<{
  seal(payload: Buffer): Buffer
  /** The first whole packet, or null while it is not all there. Throws on a forged or impossible one. */
  take(bytes: Buffer): Readonly<{ payload: Buffer; used: number }> | null
}>

export type Keys = Readonly<{ key: Buffer; iv: Buffer; integrity: Buffer }>

const longest = 35_000
const macLength = 32

/** Before the keys: padded, in the clear. */
export function plainPackets(): Packets {
  return {
    seal: (payload) => pad(payload, 8),
    take(bytes) {
      if (bytes.length < 5) return null
      const length = checkLength(bytes.readUInt32BE(0))
      return bytes.length < length + 4 ? null : { payload: unpad(bytes.subarray(4, length + 4)), used: length + 4 }
    },
  }
}

/** After: aes128-ctr and hmac-sha2-256. `sent` and `received` are the packets that went before in the clear. */
export function sealedPackets(out: Keys, into: Keys, sent: number, received: number): Packets {
  const cipher = createCipheriv('aes-128-ctr', out.key, out.iv)
  const decipher = createDecipheriv('aes-128-ctr', into.key, into.iv)
  let head: Buffer | null = null
  let outgoing = sent
  let incoming = received
  return {
    seal(payload) {
      const packet = pad(payload, 16)
      const proof = mac(out.integrity, outgoing++, packet)
      return Buffer.concat([cipher.update(packet), proof])
    },
    take(bytes) {
      if (bytes.length < 16) return null
      head ??= decipher.update(bytes.subarray(0, 16))
      const length = checkLength(head.readUInt32BE(0))
      const end = length + 4
      if (bytes.length < end + macLength) return null
      const packet = Buffer.concat([head, decipher.update(bytes.subarray(16, end))])
      head = null
      if (!mac(into.integrity, incoming++, packet).equals(bytes.subarray(end, end + macLength))) throw new Error('forged packet')
      return { payload: unpad(packet.subarray(4)), used: end + macLength }
    },
  }
}

export function sshText(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

/** A positive number as SSH writes it: no leading zeros, but one where the first bit is set. */
export function sshNumber(value: Buffer): Buffer {
  const first = value.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Buffer.alloc(0) : value.subarray(first)
  return sshText((digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits)
}

function pad(payload: Buffer, block: number): Buffer {
  const padding = block - ((payload.length + 5) % block) + (block - ((payload.length + 5) % block) < 4 ? block : 0)
  return Buffer.concat([number(payload.length + padding + 1), Buffer.of(padding), payload, randomBytes(padding)])
}

function unpad(packet: Buffer): Buffer {
  return packet.subarray(1, packet.length - packet[0]!)
}

function checkLength(length: number): number {
  if (length < 12 || length > longest) throw new Error('impossible packet')
  return length
}

function mac(key: Buffer, sequence: number, packet: Buffer): Buffer {
  return createHmac('sha256', key).update(number(sequence)).update(packet).digest()
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
