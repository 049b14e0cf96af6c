import { createCipheriv, createDecipheriv, createHmac, randomBytes, type Cipheriv, type Decipheriv } from 'node:crypto'
import { failed, type Connection, type Failure } from '../../net.ts'
import { bytesOf, u32 } from '../wire/byte-reader.ts'
import { message } from './ssh-message.ts'

type Gcm = 'aes-128-gcm' | 'aes-256-gcm'
type Cipher = Readonly<{ openssl: string; key: number; iv: number; block: number; aead?: Gcm }>

/** Ciphers and MACs that we can speak, best first. Weak ones are here only to look at servers that have no other. */
export const ciphers: Readonly<Record<string, Cipher>> = {
  'aes256-gcm@openssh.com': { openssl: 'aes-256-gcm', key: 32, iv: 12, block: 16, aead: 'aes-256-gcm' },
  'aes128-gcm@openssh.com': { openssl: 'aes-128-gcm', key: 16, iv: 12, block: 16, aead: 'aes-128-gcm' },
  'aes128-ctr': { openssl: 'aes-128-ctr', key: 16, iv: 16, block: 16 },
  'aes192-ctr': { openssl: 'aes-192-ctr', key: 24, iv: 16, block: 16 },
  'aes256-ctr': { openssl: 'aes-256-ctr', key: 32, iv: 16, block: 16 },
  'aes128-cbc': { openssl: 'aes-128-cbc', key: 16, iv: 16, block: 16 },
  'aes256-cbc': { openssl: 'aes-256-cbc', key: 32, iv: 16, block: 16 },
  '3des-cbc': { openssl: 'des-ede3-cbc', key: 24, iv: 8, block: 8 },
}

export const macs: Readonly<Record<string, Readonly<{ hash: string; key: number; length: number; etm: boolean }>>> = {
  'hmac-sha2-256-etm@openssh.com': { hash: 'sha256', key: 32, length: 32, etm: true },
  'hmac-sha2-512-etm@openssh.com': { hash: 'sha512', key: 64, length: 64, etm: true },
  'hmac-sha2-256': { hash: 'sha256', key: 32, length: 32, etm: false },
  'hmac-sha2-512': { hash: 'sha512', key: 64, length: 64, etm: false },
  'hmac-sha1-etm@openssh.com': { hash: 'sha1', key: 20, length: 20, etm: true },
  'hmac-sha1': { hash: 'sha1', key: 20, length: 20, etm: false },
  'hmac-sha1-96': { hash: 'sha1', key: 20, length: 12, etm: false },
  'hmac-md5': { hash: 'md5', key: 16, length: 16, etm: false },
  'hmac-md5-96': { hash: 'md5', key: 16, length: 12, etm: false },
}

export type DirectionKeys = Readonly<{ cipher: string; mac: string; key: Uint8Array; iv: Uint8Array; integrity: Uint8Array }>

/** The binary packet protocol (RFC 4253 6) over one connection: payloads in and out. */
export interface Transport {
  send(payload: Uint8Array): void
  receive(): Promise<Uint8Array | Failure>
  secure(outgoing: DirectionKeys, incoming: DirectionKeys): void
}

const longestPacket = 65_536
/** Packets that only fill the line, passed over. */
const mostIdle = 20

export function transportOver(connection: Connection): Transport {
  let sentPackets = 0
  let seenPackets = 0
  let seal: ((packet: Uint8Array, sequence: number) => Uint8Array) | null = null
  let opening: Opening | null = null
  let alignment: Readonly<{ block: number; outside: boolean }> = { block: 8, outside: false }

  async function receiveOne(): Promise<Uint8Array | Failure> {
    const packet = await (opening === null ? readPlain(connection) : opening(connection, seenPackets))
    seenPackets = (seenPackets + 1) >>> 0
    return packet
  }

  return {
    send(payload) {
      const packet = pad(payload, alignment)
      connection.write(seal === null ? packet : seal(packet, sentPackets))
      sentPackets = (sentPackets + 1) >>> 0
    },
    async receive() {
      for (let idle = 0; idle < mostIdle; idle++) {
        const payload = await receiveOne()
        if (failed(payload)) return payload
        const [kind] = payload
        if (kind === message.disconnect) return { failed: 'closed', text: 'the server disconnected' }
        if (kind !== message.ignore && kind !== message.debug && kind !== message.unimplemented && kind !== message.extInfo) return payload
      }
      return { failed: 'protocol', text: 'nothing but idle packets' }
    },
    secure(outgoing, incoming) {
      const cipher = ciphers[outgoing.cipher]!
      alignment = { block: cipher.block, outside: cipher.aead !== undefined || macs[outgoing.mac]!.etm }
      seal = sealer(outgoing)
      opening = opener(incoming)
    },
  }
}

/** Length, padding length, payload, padding. With a length outside the encryption it does not count for the alignment. */
function pad(payload: Uint8Array, { block, outside }: Readonly<{ block: number; outside: boolean }>): Uint8Array {
  const unpadded = (outside ? 1 : 5) + payload.length
  let padding = block - (unpadded % block)
  if (padding < 4) padding += block
  return bytesOf(u32(1 + payload.length + padding), padding, payload, randomBytes(padding))
}

function sealer(keys: DirectionKeys): (packet: Uint8Array, sequence: number) => Uint8Array {
  const cipher = ciphers[keys.cipher]!
  const { aead } = cipher
  if (aead !== undefined) {
    const iv = Uint8Array.from(keys.iv)
    return (packet) => {
      const encrypt = createCipheriv(aead, keys.key, iv)
      encrypt.setAAD(packet.subarray(0, 4))
      const body = Buffer.concat([encrypt.update(packet.subarray(4)), encrypt.final()])
      countUp(iv)
      return bytesOf(packet.subarray(0, 4), body, encrypt.getAuthTag())
    }
  }
  const mac = macs[keys.mac]!
  const encrypt: Cipheriv = createCipheriv(cipher.openssl, keys.key, keys.iv).setAutoPadding(false)
  const sign = signer(keys)
  return (packet, sequence) => {
    if (mac.etm) {
      const sealed = bytesOf(packet.subarray(0, 4), encrypt.update(packet.subarray(4)))
      return bytesOf(sealed, sign(sequence, sealed))
    }
    return bytesOf(encrypt.update(packet), sign(sequence, packet))
  }
}

type Opening = (connection: Connection, sequence: number) => Promise<Uint8Array | Failure>

function opener(keys: DirectionKeys): Opening {
  const cipher = ciphers[keys.cipher]!
  const mac = macs[keys.mac]!
  const iv = Uint8Array.from(keys.iv)
  const decrypt: Decipheriv | null = cipher.aead !== undefined ? null : createDecipheriv(cipher.openssl, keys.key, keys.iv).setAutoPadding(false)
  const sign = signer(keys)
  const bad: Failure = { failed: 'protocol', text: 'a packet does not decrypt' }
  return async (connection, sequence) => {
    const outside = cipher.aead !== undefined || mac.etm
    const head = await take(connection, outside ? 4 : cipher.block)
    if (failed(head)) return head
    const start = outside || decrypt === null ? head : bytesOf(decrypt.update(head))
    const length = Buffer.from(start).readUInt32BE(0)
    if (length < 2 || length > longestPacket || (outside ? length : length + 4) % cipher.block !== 0) return bad
    const tag = cipher.aead !== undefined ? 16 : mac.length
    const rest = await take(connection, length + 4 - head.length + tag)
    if (failed(rest)) return rest
    const sealed = rest.subarray(0, rest.length - tag)
    const proof = rest.subarray(rest.length - tag)
    if (cipher.aead !== undefined || decrypt === null) {
      const opened = cipher.aead === undefined ? null : openAead(cipher.aead, keys.key, iv, head, sealed, proof)
      countUp(iv)
      return opened === null ? bad : payloadOf(opened) ?? bad
    }
    const plain = bytesOf(decrypt.update(sealed))
    const packet = mac.etm ? bytesOf(head, sealed) : bytesOf(start, plain)
    if (!Buffer.from(sign(sequence, packet)).equals(proof)) return bad
    return payloadOf(mac.etm ? plain : packet.subarray(4)) ?? bad
  }
}

function openAead(name: Gcm, key: Uint8Array, iv: Uint8Array, head: Uint8Array, sealed: Uint8Array, tag: Uint8Array): Uint8Array | null {
  const decrypt = createDecipheriv(name, key, iv, { authTagLength: 16 })
  decrypt.setAAD(head)
  decrypt.setAuthTag(tag)
  try {
    return bytesOf(decrypt.update(sealed), decrypt.final())
  } catch {
    return null
  }
}

function signer(keys: DirectionKeys): (sequence: number, packet: Uint8Array) => Uint8Array {
  const mac = macs[keys.mac]!
  return (sequence, packet) => createHmac(mac.hash, keys.integrity).update(bytesOf(u32(sequence), packet)).digest().subarray(0, mac.length)
}

/** The invocation counter of RFC 5647. */
function countUp(iv: Uint8Array): void {
  for (let at = 11; at >= 4; at--) {
    iv[at] = (iv[at]! + 1) & 255
    if (iv[at] !== 0) return
  }
}

async function readPlain(connection: Connection): Promise<Uint8Array | Failure> {
  const head = await take(connection, 4)
  if (failed(head)) return head
  const length = Buffer.from(head).readUInt32BE(0)
  if (length < 2 || length > longestPacket) return { failed: 'protocol', text: 'not an SSH packet' }
  const body = await take(connection, length)
  if (failed(body)) return body
  return payloadOf(body) ?? { failed: 'protocol', text: 'a packet of nothing but padding' }
}

function payloadOf(body: Uint8Array): Uint8Array | null {
  const end = body.length - (body[0] ?? 255)
  return end <= 1 ? null : body.subarray(1, end)
}

async function take(connection: Connection, length: number): Promise<Uint8Array | Failure> {
  const heard = await connection.read({ until: (received) => (received.length >= length ? length : null), most: longestPacket * 2 })
  if (failed(heard)) return heard
  return heard.bytes.length < length ? { failed: 'closed', text: 'the server hung up' } : heard.bytes
}
