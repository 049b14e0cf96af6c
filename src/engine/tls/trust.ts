import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { namesOf } from './der.ts'

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
      if (stores.some((store) => rootsOf(store, current).some((root) => isIssuer(root, current)))) return null
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
    const rooted = isSelfSigned(current) || stores.some((store) => rootsOf(store, current).some((root) => isIssuer(root, current)))
    if (!rooted && /CA Issuers/.test(current.infoAccess ?? '')) faults.add('incomplete')
  } catch {
    return []
  }
  return [...faults]
}

type Store = 'mozilla' | 'system' | 'configured'
const stores: readonly Store[] = ['mozilla', 'system', 'configured']
const kinds = { mozilla: 'bundled', system: 'system', configured: 'extra' } as const

/** Certificates by subject, as they lie in the store: of some three hundred, two or three are ever read. */
const known = new Map<Store, Map<string, (string | X509Certificate | null)[]>>()

const subjects = new Map<string, string>()

/** Roots of a store that are called as the certificate's issuer is. */
function rootsOf(store: Store, of: X509Certificate): readonly X509Certificate[] {
  let roots = known.get(store)
  if (roots === undefined) {
    roots = new Map()
    for (const pem of store === 'system' ? systemStore() : getCACertificates(kinds[store])) {
      // Most of the system's are Mozilla's too.
      const key = pem.replace(/\s+/g, '')
      const subject = subjects.get(key) ?? namesOf(derOf(pem))?.subject
      if (subject === undefined) continue
      subjects.set(key, subject)
      const alike = roots.get(subject)
      if (alike === undefined) roots.set(subject, [pem])
      else alike.push(pem)
    }
    known.set(store, roots)
  }
  const alike = roots.get(namesOf(of.raw)?.issuer ?? '')
  if (alike === undefined) return []
  for (const [place, root] of alike.entries()) if (typeof root === 'string') alike[place] = read(root)
  return alike.filter((root) => root !== null && typeof root !== 'string')
}

/** Where Linux keeps its roots, each in a file, all in one, or both. */
const systemFolder = '/etc/ssl/certs'
const mostFiles = 2000

/**
 * The system's roots as PEM, each once. Read from the folder, where nothing else is configured: Node has OpenSSL read them and write them again, which takes a tenth of a second, and two or three are ever
 * needed.
 */
export function systemStore(): readonly string[] {
  const found = new Set<string>()
  if (process.platform === 'linux' && process.env['SSL_CERT_FILE'] === undefined && process.env['SSL_CERT_DIR'] === undefined) {
    for (const name of filesOf(systemFolder).slice(0, mostFiles)) for (const pem of certificatesIn(join(systemFolder, name))) found.add(pem)
  }
  return found.size > 0 ? [...found] : getCACertificates('system')
}

/** Under a hash of its subject each root is there a second time. */
function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !/^[0-9a-f]{8}\.\d+$/.test(name))
  } catch {
    return []
  }
}

function certificatesIn(path: string): readonly string[] {
  try {
    return readFileSync(path, 'latin1').replaceAll('\r', '').match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  } catch {
    // A folder, or a link to nothing.
    return []
  }
}

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
}

/** The system's store may hold what OpenSSL cannot read. */
function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}
