import { finiteField, factsOf } from './suites.ts'

export type ServerHello = Readonly<{
  /** Negotiated version on the wire and suite. */
  version: number
  suite: number
  session: Uint8Array
  compression: number
  /** By type. */
  extensions: ReadonlyMap<number, Uint8Array>
  /** Group of TLS 1.3, from a share or the demand for one. */
  group: number | null
}>

/** What a server said in the clear before encryption began, as far as it came. */
export type ServerFlight = Readonly<{
  /** Alert description, if it refused. */
  alert: number | null
  hello: ServerHello | null
  certificates: readonly Uint8Array[]
  /** The key exchange was seen: its prime, or its curve, and how it was signed (TLS 1.2). */
  prime: Uint8Array | null
  /** Bits of the prime of an ephemeral finite-field key exchange. */
  dhBits: number | null
  curve: number | null
  signature: number | null
  stapled: boolean
  done: boolean
  /** The bytes are not TLS. */
  foreign: boolean
}>

export const silent: ServerFlight = { alert: null, hello: null, certificates: [], prime: null, dhBits: null, curve: null, signature: null, stapled: false, done: false, foreign: false }

const mostCertificates = 10

/**
 * Reads TLS records (RFC 5246 §6.2.1) and the handshake messages in them, which may be spread over several. Never reads beyond what is there: a
 * length that lies ends the reading, not the program.
 */
export function readFlight(bytes: Uint8Array): ServerFlight {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let alert: number | null = null
  let foreign = false
  for (let at = 0; at + 5 <= records.length;) {
    const type = records[at]!
    const length = records.readUInt16BE(at + 3)
    if (records[at + 1] !== 3 || type < 20 || type > 24) {
      foreign = at === 0
      break
    }
    const end = Math.min(at + 5 + length, records.length)
    // Warnings (unrecognised name) come before an answer and refuse nothing.
    if (type === 21 && end >= at + 7 && (records[at + 5] === 2 || records[at + 6] !== 112)) alert ??= records[at + 6]!
    at += 5 + length
  }
  return { ...readMessages(messagesOf(handshakeOf(bytes))), alert, foreign }
}

/** What the handshake records hold, put together, up to the first record that is no TLS. */
export function handshakeOf(bytes: Uint8Array): Buffer {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = []
  for (let at = 0; at + 5 <= records.length && records[at + 1] === 3 && records[at]! >= 20 && records[at]! <= 24;) {
    const end = at + 5 + records.readUInt16BE(at + 3)
    if (records[at] === 22) parts.push(records.subarray(at + 5, Math.min(end, records.length)))
    at = end
  }
  return Buffer.concat(parts)
}

/** The handshake messages that are whole. */
export function messagesOf(handshake: Buffer): readonly Readonly<{ type: number; body: Buffer }>[] {
  const found: { type: number; body: Buffer }[] = []
  for (let at = 0; at + 4 <= handshake.length;) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3)
    if (end > handshake.length) break
    found.push({ type: handshake[at]!, body: handshake.subarray(at + 4, end) })
    at = end
  }
  return found
}

function readMessages(messages: ReturnType<typeof messagesOf>): Omit<ServerFlight, 'alert' | 'foreign'> {
  let found: Omit<ServerFlight, 'alert' | 'foreign'> = silent
  for (const { type, body } of messages) {
    const { hello } = found
    if (type === 2 && hello === null) found = { ...found, hello: readHello(body) }
    if (type === 11 && hello !== null && hello.version < 0x0304) found = { ...found, certificates: readCertificates(body) }
    if (type === 12 && hello !== null) found = { ...found, ...readExchange(body, hello) }
    if (type === 22) found = { ...found, stapled: true }
    if (type === 14) found = { ...found, done: true }
  }
  return found
}

function readHello(body: Buffer): ServerHello | null {
  if (body.length < 38) return null
  const session = body[34]!
  const at = 35 + session
  if (at + 3 > body.length) return null
  const extensions = new Map<number, Uint8Array>()
  for (let next = at + 5; next + 4 <= body.length;) {
    const length = body.readUInt16BE(next + 2)
    if (next + 4 + length > body.length) break
    extensions.set(body.readUInt16BE(next), body.subarray(next + 4, next + 4 + length))
    next += 4 + length
  }
  return {
    version: wordOf(extensions.get(43), 0) ?? body.readUInt16BE(0),
    suite: body.readUInt16BE(at), session: body.subarray(35, at), compression: body[at + 2]!, extensions, group: wordOf(extensions.get(51), 0),
  }
}

function wordOf(data: Uint8Array | undefined, at: number): number | null {
  return data === undefined || data.length < at + 2 ? null : data[at]! * 256 + data[at + 1]!
}

function readCertificates(body: Buffer): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 3; at + 3 <= body.length && found.length < mostCertificates;) {
    const length = body.readUIntBE(at, 3)
    if (at + 3 + length > body.length) break
    found.push(Uint8Array.from(body.subarray(at + 3, at + 3 + length)))
    at += 3 + length
  }
  return found
}

/** ServerKeyExchange: of a finite field (RFC 5246 §7.4.3) or a named curve (RFC 8422 §5.4), and in TLS 1.2 the scheme it is signed by. */
function readExchange(body: Buffer, { suite, version }: ServerHello): Partial<ServerFlight> {
  const signed = version === 0x0303 && factsOf(suite)?.proof !== 'anon'
  if (finiteField.has(suite)) {
    let ends = 0
    for (let part = 0; part < 3 && ends + 2 <= body.length; part++) ends += 2 + body.readUInt16BE(ends)
    const prime = body.length < 2 ? Buffer.alloc(0) : body.subarray(2, 2 + body.readUInt16BE(0))
    const first = prime.findIndex((byte) => byte !== 0)
    if (first < 0) return {}
    return { prime: Uint8Array.from(prime.subarray(first)), dhBits: (prime.length - first) * 8 - Math.clz32(prime[first]!) + 24, ...(signed ? { signature: wordOf(body, ends) } : {}) }
  }
  if (body[0] !== 3 || body.length < 4) return {}
  return { curve: body.readUInt16BE(1), ...(signed ? { signature: wordOf(body, 4 + body[3]!) } : {}) }
}
