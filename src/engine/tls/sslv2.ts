import { randomBytes } from 'node:crypto'
import { words } from './hello.ts'

/** Cipher kinds of SSL 2.0 (draft-hickman-netscape-ssl-00) and the one that OpenSSL added. */
const names: Readonly<Record<number, string>> = {
  0x010080: 'SSL_CK_RC4_128_WITH_MD5', 0x020080: 'SSL_CK_RC4_128_EXPORT40_WITH_MD5', 0x030080: 'SSL_CK_RC2_128_CBC_WITH_MD5', 0x040080: 'SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5',
  0x050080: 'SSL_CK_IDEA_128_CBC_WITH_MD5', 0x060040: 'SSL_CK_DES_64_CBC_WITH_MD5', 0x0700c0: 'SSL_CK_DES_192_EDE3_CBC_WITH_MD5', 0x080080: 'SSL_CK_RC4_64_WITH_MD5',
}

/** CLIENT-HELLO of SSL 2.0 with all of its ciphers. */
export function sslv2Hello(): Uint8Array {
  const ciphers = Buffer.concat(Object.keys(names).map((kind) => Buffer.from(Number(kind).toString(16).padStart(6, '0'), 'hex')))
  const body = Buffer.concat([Buffer.from([1]), words([0x0002, ciphers.length, 0, 16]), ciphers, randomBytes(16)])
  return Buffer.concat([words([0x8000 | body.length]), body])
}

export type Sslv2Answer = Readonly<{ suites: readonly string[]; certificate: Uint8Array | null }>

/** Bytes of the whole record, once they are all there; null before. */
export function sslv2End(bytes: Uint8Array): number | null {
  if (bytes.length < 2) return null
  if ((bytes[0]! & 0x80) === 0) return bytes.length
  const end = 2 + ((bytes[0]! & 0x7f) << 8 | bytes[1]!)
  return bytes.length >= end ? end : null
}

/** SERVER-HELLO: length, type 4, session-id-hit, certificate type, version 2, three lengths, certificate, ciphers. Null when it is none. */
export function readSslv2(bytes: Uint8Array): Sslv2Answer | null {
  if (bytes.length < 7 || (bytes[0]! & 0x80) === 0 || bytes[2] !== 4 || bytes[5] !== 0 || bytes[6] !== 2) return null
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (record.length < 13) return { suites: [], certificate: null }
  const [certificate, ciphers] = [record.readUInt16BE(7), record.readUInt16BE(9)]
  const from = 13 + certificate
  const kinds = record.subarray(from, from + ciphers)
  const suites = Array.from({ length: Math.floor(kinds.length / 3) }, (_, index) => names[kinds.readUIntBE(index * 3, 3)]).filter((name) => name !== undefined)
  return { suites: [...new Set(suites)], certificate: certificate > 0 && from <= record.length ? Uint8Array.from(record.subarray(13, from)) : null }
}

