import { randomBytes } from 'node:crypto'
import { failed, type Connection, type Endpoint } from '../net.ts'
import type { Tools } from '../probe.ts'
import { suites12, suites13 } from './suites.ts'

/** Protocol versions as they stand on the wire. */
export const wireVersion = { 'SSLv3': 0x0300, 'TLSv1.0': 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const
export type TlsVersion = keyof typeof wireVersion

export type HelloOptions = Readonly<{ version: TlsVersion; suites: readonly number[]; servername?: string }>

/**
 * A ClientHello written by hand: OpenSSL no longer speaks what has to be found (SSLv3, EXPORT, NULL, anon, RC4, single DES).
 * Formats: RFC 6101 (SSLv3), RFC 5246 §7.4.1 (TLS 1.2), RFC 8446 §4.1.2 (TLS 1.3).
 */
export function clientHello({ version, suites, servername }: HelloOptions): Uint8Array {
  const modern = version === 'TLSv1.3'
  const legacy = modern ? 0x0303 : wireVersion[version]
  const extensions = version === 'SSLv3' ? [] : [
    ...(servername === undefined ? [] : [extension(0, vector(2, concat(Buffer.from([0]), vector(2, Buffer.from(servername)))))]),
    extension(10, vector(2, words([0x001d, 0x0017, 0x0018, 0x0019, 0x001e]))),
    extension(11, vector(1, Buffer.from([0, 1, 2]))),
    ...(legacy >= 0x0303 ? [extension(13, vector(2, words([0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0402, 0x0202, 0x0101])))] : []),
    extension(0xff01, Buffer.from([0])),
    ...(modern ? [
      extension(43, vector(1, words([0x0304]))),
      // An empty share list is allowed: the server then answers HelloRetryRequest, which tells all we want.
      extension(51, vector(2, Buffer.alloc(0))),
    ] : []),
  ]
  const body = concat(
    words([legacy]),
    randomBytes(32),
    vector(1, modern ? randomBytes(32) : Buffer.alloc(0)),
    vector(2, words(suites)),
    vector(1, Buffer.from([0])),
    ...(extensions.length === 0 ? [] : [vector(2, concat(...extensions))]),
  )
  const handshake = concat(Buffer.from([1]), size(3, body.length), body)
  return concat(Buffer.from([22]), words([version === 'SSLv3' ? 0x0300 : 0x0301]), vector(2, handshake))
}

function extension(type: number, data: Buffer): Buffer {
  return concat(words([type]), vector(2, data))
}

function vector(width: 1 | 2, data: Buffer): Buffer {
  return concat(size(width, data.length), data)
}

function size(width: 1 | 2 | 3, value: number): Buffer {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2))
  return bytes
}

function concat(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts)
}

/** CLIENT-HELLO of SSL 2.0 (draft-hickman-netscape-ssl-00) with all seven of its ciphers. */
export function sslv2Hello(): Uint8Array {
  const ciphers = Buffer.from('010080020080030080040080050080060040' + '0700c0', 'hex')
  const body = concat(Buffer.from([1]), words([0x0002, ciphers.length, 0, 16]), ciphers, randomBytes(16))
  return concat(words([0x8000 | body.length]), body)
}

/** SERVER-HELLO: two bytes of length, type 4, session-id-hit, certificate type, version 2. */
export function sslv2Accepted(bytes: Uint8Array): boolean {
  return bytes.length >= 7 && (bytes[0]! & 0x80) !== 0 && bytes[2] === 4 && bytes[5] === 0 && bytes[6] === 2
}

/** Whether a port answers a ClientHello with a TLS record, be it an alert. */
export async function speaksTls(to: Endpoint, tools: Tools): Promise<boolean> {
  const connection = await tools.net.connect(to)
  if (failed(connection)) return false
  try {
    const name = tools.names[0]
    connection.write(clientHello({ version: 'TLSv1.2', suites: [...suites12, ...suites13], ...(name === undefined ? {} : { servername: name }) }))
    // Who speaks TLS answers at once; who waits for a line of text would cost the whole wait on every port.
    return await startsLikeTls(connection, tools.profile.limits.answer / 2)
  } finally {
    connection.close()
  }
}

async function startsLikeTls(connection: Connection, timeout: number): Promise<boolean> {
  const answer = await connection.read({ until: (bytes) => (bytes.length >= 3 ? 3 : null), timeout })
  if (failed(answer) || answer.bytes.length < 3) return false
  const [type, major, minor] = answer.bytes
  return (type === 22 || type === 21) && major === 3 && minor! <= 4
}
