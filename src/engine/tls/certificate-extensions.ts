import type { X509Certificate } from 'node:crypto'

type Extensions = Readonly<{ mustStaple: boolean; timestamps: number; ocsp: readonly string[]; crl: readonly string[] }>

/** DER of the object identifiers sought. */
const crlPoints = Buffer.from('0603551d1f', 'hex')
const tlsFeature = Buffer.from('06082b06010505070118', 'hex')
const timestampList = Buffer.from('060a2b06010401d679020402', 'hex')

const mostUrls = 10
const urlMost = 255

/** What OpenSSL does not hand out of a certificate. A lie in it changes only what is told of this very certificate. */
export function certificateExtensions(leaf: X509Certificate): Extensions {
  return {
    mustStaple: contentOf(leaf.raw, tlsFeature)?.includes(Buffer.from([2, 1, 5])) ?? false,
    timestamps: countTimestamps(contentOf(leaf.raw, timestampList)),
    ocsp: urls([...(leaf.infoAccess ?? '').slice(0, 8192).matchAll(/OCSP - URI:(\S+)/g)].map((match) => match[1]!)),
    crl: urls([...(contentOf(leaf.raw, crlPoints)?.toString('latin1') ?? '').matchAll(/https?:\/\/[\x21-\x7e]{1,250}/g)].map((match) => match[0])),
  }
}

function urls(found: readonly string[]): readonly string[] {
  return found.slice(0, mostUrls).map((url) => url.slice(0, urlMost))
}

/** The OCTET STRING after an identifier, past the mark `critical`. */
function contentOf(der: Buffer, identifier: Buffer): Buffer | null {
  const found = der.indexOf(identifier)
  if (found < 0) return null
  let at = found + identifier.length
  if (der[at] === 1 && der[at + 1] === 1) at += 3
  return der[at] === 4 ? valueAt(der, at) : null
}

function valueAt(der: Buffer, at: number): Buffer | null {
  const first = der[at + 1]
  if (first === undefined) return null
  const wide = first < 0x80 ? 0 : first & 0x7f
  if (wide > 3 || at + 2 + wide > der.length) return null
  const length = wide === 0 ? first : der.readUIntBE(at + 2, wide)
  return der.subarray(at + 2 + wide, at + 2 + wide + length)
}

/** SignedCertificateTimestampList (RFC 6962 §3.3) inside another OCTET STRING: lengths of two bytes. */
function countTimestamps(content: Buffer | null): number {
  const list = content?.[0] === 4 ? valueAt(content, 0) : null
  if (list === null || list === undefined) return 0
  let count = 0
  for (let at = 2; at + 2 <= list.length && count < 100; at += 2 + list.readUInt16BE(at)) count += 1
  return count
}
