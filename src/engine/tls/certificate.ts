import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { Certificate } from '#core/observation.ts'

/** Bounds of what a certificate may put into an observation. */
const namesMost = 100
const nameMost = 255
const subjectMost = 512

const curveBits: Readonly<Record<string, number>> = { 'prime256v1': 256, 'secp256k1': 256, 'secp384r1': 384, 'secp521r1': 521, 'secp224r1': 224, 'prime192v1': 192, 'brainpoolP256r1': 256, 'brainpoolP384r1': 384, 'brainpoolP512r1': 512 }
const typeBits: Readonly<Record<string, number>> = { 'ed25519': 256, 'ed448': 456 }

export type Chain = Readonly<{
  /** DER, the leaf first. */
  certificates: readonly Uint8Array[]
  /** OpenSSL's verdict, or `unknown` when the handshake did not get as far. */
  trust: Readonly<{ error: string | null }> | 'unknown'
}>

/** Facts of a presented leaf; null when it cannot be read at all. `name` is what the target was called, if anything. */
export function certificateOf(chain: Chain, name: string | undefined, now: number): Certificate | null {
  const first = chain.certificates[0]
  if (first === undefined) return null
  let leaf: X509Certificate
  try {
    leaf = new X509Certificate(first)
  } catch {
    return null
  }
  const error = chain.trust === 'unknown' ? verify(chain.certificates, now) : chain.trust.error
  return {
    subject: nameText(leaf.subject),
    issuer: nameText(leaf.issuer),
    names: alternativeNames(leaf.subjectAltName),
    serial: leaf.serialNumber.slice(0, 64),
    sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    ...keyOf(leaf),
    signatureAlgorithm: leaf.signatureAlgorithm ?? 'unknown',
    selfSigned: isSelfSigned(leaf),
    trusted: error === null,
    ...(error === null ? {} : { trustError: error.slice(0, 64) }),
    nameMatches: name === undefined ? null : leaf.checkHost(name) !== undefined,
    chainLength: chain.certificates.length,
  }
}

/** `C=DE\nO=x` → `C=DE, O=x`. */
function nameText(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ').slice(0, subjectMost)
}

/** Node's text form: `DNS:a, IP Address:b`, in which a name with special characters stands as a JSON string. */
function alternativeNames(text: string | undefined): readonly string[] {
  const names: string[] = []
  for (const match of (text ?? '').slice(0, 65_536).matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    const raw = match[1]!
    names.push((raw.startsWith('"') ? unquote(raw) : raw).slice(0, nameMost))
    if (names.length >= namesMost) break
  }
  return names
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

function keyOf(leaf: X509Certificate): Readonly<{ keyType: string; keyBits: number }> {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = leaf.publicKey
    const bits = details?.modulusLength ?? curveBits[details?.namedCurve ?? ''] ?? typeBits[type ?? ''] ?? 0
    return { keyType: type ?? 'unknown', keyBits: bits }
  } catch {
    return { keyType: 'unknown', keyBits: 0 }
  }
}

function isSelfSigned(leaf: X509Certificate): boolean {
  try {
    return leaf.checkIssued(leaf) && leaf.verify(leaf.publicKey)
  } catch {
    return false
  }
}

/**
 * For a server with which OpenSSL cannot finish a handshake (SSLv3, export ciphers, a demanded client certificate): the chain as presented, up to a
 * root of Node's store. Codes as OpenSSL's.
 */
function verify(certificates: readonly Uint8Array[], now: number): string | null {
  try {
    let current = new X509Certificate(certificates[0]!)
    if (isSelfSigned(current)) return 'DEPTH_ZERO_SELF_SIGNED_CERT'
    const others = certificates.slice(1).map((der) => new X509Certificate(der))
    for (let depth = 0; depth < 10; depth++) {
      if (now > current.validToDate.getTime()) return 'CERT_HAS_EXPIRED'
      if (now < current.validFromDate.getTime()) return 'CERT_NOT_YET_VALID'
      if (roots().some((root) => current.checkIssued(root) && current.verify(root.publicKey))) return null
      const issuer = others.find((other) => other.ca && current.checkIssued(other) && current.verify(other.publicKey))
      if (issuer === undefined) return 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
      if (isSelfSigned(issuer)) return 'SELF_SIGNED_CERT_IN_CHAIN'
      current = issuer
    }
  } catch {
    return 'CERT_CHAIN_UNREADABLE'
  }
  return 'CERT_CHAIN_TOO_LONG'
}

let store: readonly X509Certificate[] | null = null

function roots(): readonly X509Certificate[] {
  store ??= rootCertificates.map((pem) => new X509Certificate(pem))
  return store
}
