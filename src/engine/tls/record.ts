import { finiteField } from './suites.ts'

/** What a server said in the clear before encryption began, as far as it came. */
export type ServerFlight = Readonly<{
  /** Alert description, if it refused. */
  alert: number | null
  /** Negotiated version on the wire and suite. */
  hello: Readonly<{ version: number; suite: number }> | null
  certificates: readonly Uint8Array[]
  /** Bits of the prime of an ephemeral finite-field key exchange. */
  dhBits: number | null
  done: boolean
  /** The bytes are not TLS. */
  foreign: boolean
}>

const mostCertificates = 10

/**
 * Reads TLS records (RFC 5246 §6.2.1) and the handshake messages in them, which may be spread over several. Never reads beyond what is there: a
 * length that lies ends the reading, not the program.
 */
export function readFlight(bytes: Uint8Array): ServerFlight {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const handshake: Buffer[] = []
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
    if (type === 22) handshake.push(records.subarray(at + 5, end))
    if (type === 21 && end >= at + 7) alert ??= records[at + 6]!
    at += 5 + length
  }
  return { ...readMessages(Buffer.concat(handshake)), alert, foreign }
}

function readMessages(data: Buffer): Omit<ServerFlight, 'alert' | 'foreign'> {
  let hello: ServerFlight['hello'] = null
  let certificates: readonly Uint8Array[] = []
  let dhBits: number | null = null
  let done = false
  for (let at = 0; at + 4 <= data.length;) {
    const type = data[at]!
    const length = data.readUIntBE(at + 1, 3)
    if (at + 4 + length > data.length) break
    const body = data.subarray(at + 4, at + 4 + length)
    if (type === 2) hello ??= readHello(body)
    if (type === 11 && hello !== null && hello.version < 0x0304) certificates = readCertificates(body)
    if (type === 12 && body.length > 4 && hello !== null && finiteField.includes(hello.suite)) dhBits = primeBits(body)
    if (type === 14) done = true
    at += 4 + length
  }
  return { hello, certificates, dhBits, done }
}

function readHello(body: Buffer): ServerFlight['hello'] {
  if (body.length < 38) return null
  const session = body[34]!
  const at = 35 + session
  if (at + 3 > body.length) return null
  let version = body.readUInt16BE(0)
  const suite = body.readUInt16BE(at)
  for (let next = at + 5; next + 4 <= body.length;) {
    const type = body.readUInt16BE(next)
    const length = body.readUInt16BE(next + 2)
    if (type === 43 && length === 2 && next + 6 <= body.length) version = body.readUInt16BE(next + 4)
    next += 4 + length
  }
  return { version, suite }
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

/** ServerDHParams begin with the prime (RFC 5246 §7.4.3). */
function primeBits(body: Buffer): number | null {
  const length = body.readUInt16BE(0)
  if (length < 1 || length + 2 > body.length) return null
  const prime = body.subarray(2, 2 + length)
  const first = prime.findIndex((byte) => byte !== 0)
  return first < 0 ? null : (prime.length - first) * 8 - Math.clz32(prime[first]!) + 24
}
