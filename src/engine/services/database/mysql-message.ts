import { bytesOf, clean, parse, u32le, type ByteReader } from '../wire/byte-reader.ts'

/** Capability flags of the handshake, as far as we use them. */
export const capability = { longPassword: 1, connectWithDatabase: 8, protocol41: 0x200, tls: 0x800, transactions: 0x2000, secureConnection: 0x8000, pluginAuth: 0x80000 } as const

export type Handshake = Readonly<{ protocol: number; version: string; capabilities: number; plugin: string | null }>

/** Length of the first whole packet: three bytes of length, one of sequence. */
export function packetEnd(received: Uint8Array): number | null {
  if (received.length < 4) return null
  const end = 4 + (received[0]! | (received[1]! << 8) | (received[2]! << 16))
  return received.length >= end ? end : null
}

/** Body of the packet at the reader. */
function body(reader: ByteReader): Readonly<{ sequence: number; bytes: Uint8Array }> {
  const length = reader.u16le() | (reader.u8() << 16)
  const sequence = reader.u8()
  return { sequence, bytes: reader.take(length) }
}

export function parsePacket(bytes: Uint8Array): Readonly<{ sequence: number; bytes: Uint8Array }> | null {
  return parse(bytes, body)
}

/** Greeting of protocol 10, or null. */
export function parseHandshake(bytes: Uint8Array): Handshake | null {
  const packet = parsePacket(bytes)
  if (packet === null || packet.sequence !== 0) return null
  return parse(packet.bytes, (reader) => {
    const protocol = reader.u8()
    if (protocol !== 10 && protocol !== 9) return null
    const version = untilNul(reader, 120)
    if (!/^\d[\x20-\x7e]*$/.test(version)) return null
    reader.skip(4)
    if (protocol === 9) return { protocol, version, capabilities: 0, plugin: null }
    reader.skip(8 + 1)
    let capabilities = reader.u16le()
    if (reader.left < 16) return { protocol, version, capabilities, plugin: null }
    reader.skip(1 + 2)
    capabilities |= reader.u16le() << 16
    const dataLength = reader.u8()
    reader.skip(10)
    if ((capabilities & capability.secureConnection) !== 0) reader.skip(Math.min(reader.left, Math.max(13, dataLength - 8)))
    const plugin = (capabilities & capability.pluginAuth) !== 0 && reader.left > 0 ? clean(reader.text(reader.left).split('\0')[0] ?? '', 80) : null
    return { protocol, version: clean(version, 120), capabilities: capabilities >>> 0, plugin }
  })
}

/** ERR packet; before the handshake it carries no SQL state. */
export function parseError(bytes: Uint8Array): Readonly<{ code: number; text: string }> | null {
  const packet = parsePacket(bytes)
  if (packet === null) return null
  return parse(packet.bytes, (reader) => {
    if (reader.u8() !== 0xff) return null
    const code = reader.u16le()
    const text = reader.text(Math.min(reader.left, 512)).replace(/^#.{5}/, '')
    // Codes of the server begin at 1000; anything else is a stranger's packet.
    return code < 1000 || code > 5000 || !/^[\x20-\x7e]/.test(text) ? null : { code, text: clean(text, 300) }
  })
}

function untilNul(reader: ByteReader, most: number): string {
  let text = ''
  for (;;) {
    const byte = reader.u8()
    if (byte === 0) return text
    if (text.length >= most) return ''
    text += String.fromCharCode(byte)
  }
}

export function packet(sequence: number, content: Uint8Array): Uint8Array {
  return bytesOf([content.length & 255, (content.length >> 8) & 255, (content.length >> 16) & 255, sequence], content)
}

const ourCapabilities = capability.longPassword | capability.protocol41 | capability.transactions | capability.secureConnection | capability.pluginAuth
const utf8 = 33

/** The 32 bytes that begin a login, alone the wish for TLS. */
export function loginHead(tls: boolean): Uint8Array {
  return bytesOf(u32le(ourCapabilities | (tls ? capability.tls : 0)), u32le(16_777_216), utf8, new Uint8Array(23))
}

/** A login without a password: an empty answer to any challenge. */
export function loginMessage(user: string, tls: boolean): Uint8Array {
  return bytesOf(loginHead(tls), user, 0, 0, 'mysql_native_password', 0)
}

export function query(text: string): Uint8Array {
  return packet(0, bytesOf(3, text))
}

/** The first column of a text result set, at most `most` values; null when it is none. */
export function parseColumn(bytes: Uint8Array, most: number): readonly string[] | null {
  const packets: Uint8Array[] = []
  parse(bytes, (reader) => {
    while (reader.left >= 4 && packets.length < most + 64) packets.push(body(reader).bytes)
  })
  const columns = packets[0]?.length === 1 ? (packets[0][0] ?? 0) : 0
  if (columns === 0 || columns >= 0xfb) return null
  const values: string[] = []
  // Column definitions, their EOF, then rows.
  for (const row of packets.slice(1 + columns + 1)) {
    if (row[0] === 0xfe || row[0] === 0xff || values.length >= most) break
    const value = parse(row, (reader) => {
      const length = reader.u8()
      return length < 0xfb ? clean(reader.text(length), 120) : null
    })
    if (value !== null) values.push(value)
  }
  return values
}

/** All of a result set has come: an EOF after the rows, or an error. */
export function resultEnd(received: Uint8Array): number | null {
  let at = 0
  let ends = 0
  while (at + 4 <= received.length) {
    const length = received[at]! | (received[at + 1]! << 8) | (received[at + 2]! << 16)
    if (at + 4 + length > received.length) return null
    const first = received[at + 4]
    if (first === 0xff && at === 0) return at + 4 + length
    if (first === 0xfe && length < 9) ends++
    at += 4 + length
    if (ends === 2) return at
  }
  return null
}

/** AuthSwitchRequest's answer for a user without a password: nothing, or for a cleartext plugin one NUL. */
export function switchAnswer(sequence: number, request: Uint8Array): Uint8Array {
  const plugin = parse(request, (reader) => {
    reader.skip(1)
    return reader.left === 0 ? '' : untilNul(reader, 64)
  })
  return packet(sequence, plugin === 'mysql_clear_password' ? Uint8Array.of(0) : new Uint8Array(0))
}

