import type { Observation } from '#core/observation.ts'
import { failed, type TlsSession } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Tools } from '../../probe.ts'
import type { Asker } from '../asker.ts'

export type Handshake = Readonly<{ session: TlsSession; alpn: string | null; hsts: number | null }>

/** One whole handshake by OpenSSL, where it can make one; and of a web server its root page, for Strict-Transport-Security. */
export async function handshakeOf({ dial, name, log }: Asker, seen: Observation<'service'>, tools: Tools): Promise<Handshake | null> {
  const connection = await dial()
  if (failed(connection)) return null
  try {
    const web = seen.data.tls && seen.data.name === 'http'
    const upgraded = await connection.upgrade({ ...(name === undefined ? {} : { servername: name }), alpn: ['http/1.1'] })
    const session = connection.tls
    if (upgraded !== true || session === null) return null
    log.sent.push('handshake')
    log.received.push(`${session.version}, ${session.cipher}, ${session.chain.length} certificates`)
    if (!web) return { session, alpn: session.alpn, hsts: null }
    const { address } = seen.at
    connection.write(`GET / HTTP/1.1\r\nHost: ${name ?? (address.includes(':') ? `[${address}]` : address)}\r\nUser-Agent: Mozilla/5.0 (compatible; Vigil)\r\nAccept: */*\r\nConnection: close\r\n\r\n`)
    const answer = await connection.read({ until: '\r\n\r\n', most: 65_536, timeout: Math.min(2000, tools.profile.limits.answer) })
    return { session, alpn: session.alpn, hsts: failed(answer) ? null : hstsOf(textOf(answer.bytes)) }
  } finally {
    connection.close()
  }
}

/** Seconds that a browser is told to remember; 0 when the header is not there, null when it was no HTTP. */
function hstsOf(head: string): number | null {
  if (!/^HTTP\/\d/.test(head)) return null
  const value = /^strict-transport-security:[^\r\n]*?max-age="?(\d{1,12})/im.exec(head)?.[1]
  return value === undefined ? 0 : Number(value)
}
