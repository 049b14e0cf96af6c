import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'

/** Longest way to a root that is walked. */
const longestPath = 10

export function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
  } catch {
    return false
  }
}

/** Whose roots lead to this chain now: Mozilla's as Node brings them, the system's, those configured (NODE_EXTRA_CA_CERTS). */
export function storesThatTrust(chain: readonly Uint8Array[], now: number): readonly string[] {
  return (['mozilla', 'system', 'configured'] as const).filter((store) => verify(chain, now, [store]) === null)
}

/**
 * For a server with which OpenSSL cannot finish a handshake (SSLv3, export ciphers, a demanded client certificate): the chain as presented, up to a
 * root that is known. Codes as OpenSSL's.
 */
export function verdictOf(chain: readonly Uint8Array[], now: number): string | null {
  return verify(chain, now, ['mozilla', 'system', 'configured'])
}

function verify(chain: readonly Uint8Array[], now: number, stores: readonly Store[]): string | null {
  try {
    let current = new X509Certificate(chain[0]!)
    const others = chain.slice(1).map((der) => new X509Certificate(der))
    for (let depth = 0; depth < longestPath; depth++) {
      if (now > current.validToDate.getTime()) return isSelfSigned(current) && depth === 0 ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : 'CERT_HAS_EXPIRED'
      if (now < current.validFromDate.getTime()) return 'CERT_NOT_YET_VALID'
      if (stores.some((store) => rootsOf(store, current.issuer).some((root) => isIssuer(root, current)))) return null
      if (isSelfSigned(current)) return depth === 0 ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : 'SELF_SIGNED_CERT_IN_CHAIN'
      const issuer = others.find((other) => other.ca && isIssuer(other, current))
      if (issuer === undefined) return 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
      current = issuer
    }
  } catch {
    return 'CERT_CHAIN_UNREADABLE'
  }
  return 'CERT_CHAIN_TOO_LONG'
}

function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  return of.checkIssued(issuer) && of.verify(issuer.publicKey)
}

/** What is wrong with a chain as it was sent: `incomplete`, `order`, `extra`, `root`, `twice`. */
export function chainFaults(sent: readonly Uint8Array[]): readonly string[] {
  const faults = new Set<string>()
  try {
    const all = sent.map((der) => new X509Certificate(der))
    if (new Set(all.map(({ fingerprint256 }) => fingerprint256)).size < all.length) faults.add('twice')
    let current = all[0]!
    let place = 0
    const used = new Set([0])
    while (!isSelfSigned(current)) {
      const next = all.findIndex((other, index) => !used.has(index) && isIssuer(other, current))
      if (next < 0) break
      if (next !== place + 1) faults.add('order')
      used.add(next)
      place = next
      current = all[next]!
    }
    if (all.length > 1 && all.slice(1).some(isSelfSigned)) faults.add('root')
    if (all.some((other, index) => !used.has(index) && !isSelfSigned(other)) && !faults.has('twice')) faults.add('extra')
    // A private authority need not send its root; one that says where its own certificate is to be had is an intermediate.
    const rooted = isSelfSigned(current) || stores.some((store) => rootsOf(store, current.issuer).some((root) => isIssuer(root, current)))
    if (!rooted && /CA Issuers/.test(current.infoAccess ?? '')) faults.add('incomplete')
  } catch {
    return []
  }
  return [...faults]
}

type Store = 'mozilla' | 'system' | 'configured'
const stores: readonly Store[] = ['mozilla', 'system', 'configured']
const kinds = { mozilla: 'bundled', system: 'system', configured: 'extra' } as const
const known = new Map<Store, Map<string, X509Certificate[]>>()

function rootsOf(store: Store, subject: string): readonly X509Certificate[] {
  let roots = known.get(store)
  if (roots === undefined) {
    roots = new Map()
    for (const pem of getCACertificates(kinds[store])) {
      const root = read(pem)
      if (root === null) continue
      roots.set(root.subject, [...(roots.get(root.subject) ?? []), root])
    }
    known.set(store, roots)
  }
  return roots.get(subject) ?? []
}

/** The system's store may hold what OpenSSL cannot read. */
function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}
