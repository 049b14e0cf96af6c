import { randomBytes } from 'node:crypto'
import { failed, type Connection, type Endpoint } from '../net.ts'
import type { Tools } from '../probe.ts'
import { commonGroups } from './groups.ts'
import { suites12, suites13 } from './suites.ts'
import { commonSignatures } from './signatures.ts'

/** Protocol versions as they stand on the wire. */
export const wireVersion = { 'SSLv3': 0x0300, 'TLSv1.0': 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const
export type TlsVersion = keyof typeof wireVersion

export type HelloOptions = Readonly<{
  version: TlsVersion
  suites: readonly number[]
  servername?: string | undefined
  /** A session to be taken up again; of TLS 1.3 a random one that means nothing. */
  sessionId?: Uint8Array
  groups?: readonly number[]
  signatures?: readonly number[]
  /** Whole extensions to be added, as `extension` makes them. */
  more?: readonly Uint8Array[]
  compression?: readonly number[]
  /** A version number on the wire that is not the version's own, to see how it is borne. */
  wire?: number
}>

/**
 * A ClientHello written by hand: OpenSSL no longer speaks what has to be found (SSLv3, EXPORT, NULL, anon, RC4, single DES).
 * Formats: RFC 6101 (SSLv3), RFC 5246 §7.4.1 (TLS 1.2), RFC 8446 §4.1.2 (TLS 1.3).
 */
export function clientHello(options: HelloOptions): Uint8Array {
  const { version, suites, servername, groups = commonGroups, signatures = commonSignatures, more = [], compression = [0] } = options
  const modern = version === 'TLSv1.3'
  const legacy = modern ? 0x0303 : wireVersion[version]
  const extensions = version === 'SSLv3' ? [] : [
    ...(servername === undefined ? [] : [extension(0, vector(2, concat(Buffer.from([0]), vector(2, Buffer.from(servername)))))]),
    extension(10, vector(2, words(groups))),
    extension(11, vector(1, Buffer.from([0, 1, 2]))),
    ...(legacy >= 0x0303 ? [extension(13, vector(2, words(signatures)))] : []),
    extension(0xff01, Buffer.from([0])),
    ...(modern ? [
      extension(43, vector(1, words([0x0304]))),
      // An empty share list is allowed: the server then answers HelloRetryRequest, which tells all we want.
      extension(51, vector(2, Buffer.alloc(0))),
    ] : []),
    ...more,
  ]
  const body = concat(
    words([options.wire ?? legacy]),
    randomBytes(32),
    vector(1, options.sessionId ?? randomBytes(modern ? 32 : 0)),
    vector(2, words(suites)),
    vector(1, Buffer.from(compression)),
    ...(extensions.length === 0 ? [] : [vector(2, concat(...extensions))]),
  )
  const handshake = concat(Buffer.from([1]), size(3, body.length), body)
  return concat(Buffer.from([22]), words([version === 'SSLv3' ? 0x0300 : 0x0301]), vector(2, handshake))
}

export function extension(type: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return concat(words([type]), vector(2, data))
}

/** Bytes with their length before them, in so many bytes. */
export function vector(width: 1 | 2, data: Uint8Array): Buffer {
  return concat(size(width, data.length), data)
}

export function size(width: 1 | 2 | 3, value: number): Buffer {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}

export function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2))
  return bytes
}

function concat(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts)
}

/** Whether a port answers a ClientHello with a TLS record, be it an alert. */
export async function speaksTls(to: Endpoint, tools: Tools): Promise<boolean> {
  const connection = await tools.net.connect(to)
  if (failed(connection)) return false
  try {
    connection.write(clientHello({ version: 'TLSv1.2', suites: [...suites12.slice(0, 80), ...suites13], servername: tools.names[0] }))
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
