import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import type { Offer } from './enumerate.ts'

/**
 * Whether the server begins a handshake again on the client's word, asked once. False where nothing older than TLS 1.3 is spoken, which knows no such thing; null where it could not be asked: SSL 3
 * is too old for OpenSSL, and so are some suites.
 * Reproduce: `openssl s_client -connect HOST:PORT -tls1_2 -legacy_renegotiation`, then R.
 */
export async function renegotiationOf({ dial, name, log }: Asker, below: Offer | undefined, taken: number, fragile: boolean): Promise<boolean | null> {
  if (below === undefined) return taken > 0 ? false : null
  if (fragile || below.version === 'SSLv3') return null
  const connection = await dial()
  if (failed(connection)) return null
  try {
    const upgraded = await connection.upgrade({ ...(name === undefined ? {} : { servername: name }), minVersion: 'TLSv1', maxVersion: below.version === 'TLSv1.0' ? 'TLSv1' : below.version, renegotiate: true })
    const renegotiates = upgraded === true ? (connection.tls?.renegotiates ?? null) : null
    log.sent.push('handshake, and another within it')
    log.received.push(renegotiates === null ? 'could not be asked' : renegotiates ? 'began again' : 'refused to begin again')
    return renegotiates
  } finally {
    connection.close()
  }
}
