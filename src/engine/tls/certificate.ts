import { X509Certificate } from 'node:crypto'
import type { Certificate, ChainLink } from '#core/observation.ts'
import { certificateExtensions } from './certificate-extensions.ts'
import { chainFaults, isSelfSigned, storesThatTrust, verdictOf } from './trust.ts'

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
  /** The certificates as they were sent; null where only OpenSSL saw them, which adds what it knows. */
  sent: readonly Uint8Array[] | null
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
  const trustedBy = storesThatTrust(chain.certificates, now)
  const said = chain.trust === 'unknown' ? verdictOf(chain.certificates, now) : chain.trust.error
  // OpenSSL does not ask the system's store.
  const error = trustedBy.length > 0 && /^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN)/.test(said ?? '') ? null : said
  const names = alternativeNames(leaf.subjectAltName)
  return {
    subject: nameText(leaf.subject),
    issuer: nameText(leaf.issuer),
    names,
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
    chainLength: (chain.sent ?? chain.certificates).length,
    ...(chain.sent === null ? {} : { chain: chain.sent.slice(1).flatMap(linkOf), chainFaults: chainFaults(chain.sent) }),
    trustedBy,
    wildcard: names.some((one) => one.startsWith('*.')) || (names.length === 0 && /CN=\*\./.test(leaf.subject)),
    ...certificateExtensions(leaf),
  }
}

function linkOf(der: Uint8Array): readonly ChainLink[] {
  try {
    const link = new X509Certificate(der)
    return [{
      subject: nameText(link.subject), issuer: nameText(link.issuer), sha256: link.fingerprint256.replaceAll(':', '').toLowerCase(), notAfter: link.validToDate.getTime(), ...keyOf(link),
      signatureAlgorithm: link.signatureAlgorithm ?? 'unknown',
    }]
  } catch {
    return []
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
