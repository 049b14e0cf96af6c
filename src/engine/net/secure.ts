import { constants } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, type SecureContext, type SecureVersion, type TLSSocket } from 'node:tls'
import type { TlsOptions, TlsSession } from '../net.ts'

const contexts = new Map<string, SecureContext>()

/** Making a context reads the whole trust store; the few kinds in use are kept. */
function contextOf(options: TlsOptions): SecureContext {
  const key = JSON.stringify([options.minVersion, options.maxVersion, options.ciphers, options.renegotiate])
  const known = contexts.get(key)
  if (known !== undefined) return known
  if (contexts.size >= 64) contexts.clear()
  const context = createSecureContext({
    // Old servers must be reachable to be seen: level 0 lets in short keys and SHA-1; whether that is right is for the signatures.
    ciphers: options.ciphers ?? 'DEFAULT:@SECLEVEL=0',
    minVersion: (options.minVersion ?? 'TLSv1') as SecureVersion,
    ...(options.maxVersion === undefined ? {} : { maxVersion: options.maxVersion as SecureVersion }),
    // Whether a server begins again without RFC 5746 is the very question where it is asked.
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | (options.renegotiate === true ? constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION : 0),
  })
  contexts.set(key, context)
  return context
}

/** Starts TLS on a connected socket. Any certificate is accepted: looking is not trusting. */
export function secure(socket: Socket, options: TlsOptions): TLSSocket {
  const name = options.servername
  const { resume } = options
  const inner = connect({
    socket,
    secureContext: contextOf(options),
    rejectUnauthorized: false,
    // The name is compared by the tls probe; here it would hide what the chain itself is worth.
    checkServerIdentity: () => undefined,
    ...(name !== undefined && name !== '' && isIP(name) === 0 ? { servername: name } : { servername: '' }),
    ...(options.alpn === undefined ? {} : { ALPNProtocols: [...options.alpn] }),
    ...(resume === undefined || resume.ticket === null ? {} : { session: resume.ticket }),
  })
  if (resume !== undefined) inner.on('session', (ticket) => void (resume.ticket = ticket))
  return inner
}

/** Certificates kept of a chain; a server may send a hundred, or a ring. */
const longestChain = 10

export function sessionOf(socket: TLSSocket): TlsSession {
  const chain: Uint8Array[] = []
  const seen = new Set<string>()
  let certificate: ReturnType<TLSSocket['getPeerCertificate']> | undefined = socket.getPeerCertificate(true)
  while (certificate?.raw !== undefined && chain.length < longestChain && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256)
    chain.push(Uint8Array.from(certificate.raw))
    certificate = (certificate as { issuerCertificate?: typeof certificate }).issuerCertificate
  }
  const error: unknown = socket.authorizationError
  return {
    version: (socket.getProtocol() ?? 'unknown').replace(/^TLSv1$/, 'TLSv1.0'),
    cipher: socket.getCipher().standardName,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    chain,
    trustError: error === null || error === undefined ? null : error instanceof Error ? ((error as { code?: string }).code ?? error.message) : typeof error === 'string' ? error : 'UNKNOWN',
  }
}
