import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate with its key, made for the range alone. */
export type KeyedCertificate = Readonly<{ cert: string; key: string }>

export type CertificateOptions = Readonly<{
  /** Common name and only subject alternative name. */
  name: string
  /** Unix ms. */
  notBefore: number
  notAfter: number
  key: 'rsa-1024' | 'p-256'
  hash: 'sha1' | 'sha256'
  /** Signs it; without one it signs itself. */
  issuer?: Readonly<{ name: string; key: KeyObject }>
}>

const oids = {
  commonName: '550403',
  altName: '551d11',
  sha1Rsa: '2a864886f70d010105',
  sha256Rsa: '2a864886f70d01010b',
  sha256Ecdsa: '2a8648ce3d040302',
} as const

/** Writes an X.509 certificate (RFC 5280) by hand: Node can read them but not make them, and the range needs bad ones. */
export function makeCertificate(options: CertificateOptions): KeyedCertificate {
  const pair = makeKey(options.key)
  const signer = options.issuer?.key ?? pair.privateKey
  const algorithm =
    signer.asymmetricKeyType === 'ec'
      ? sequence(oid(oids.sha256Ecdsa))
      : sequence(oid(options.hash === 'sha1' ? oids.sha1Rsa : oids.sha256Rsa), der(0x05))
  const subject = pair.publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(0x01), createHash('sha256').update(subject).digest().subarray(0, 8)])),
    algorithm,
    nameOf(options.issuer?.name ?? options.name),
    sequence(time(options.notBefore), time(options.notAfter)),
    nameOf(options.name),
    subject,
    der(0xa3, sequence(sequence(oid(oids.altName), der(0x04, sequence(der(0x82, Buffer.from(options.name))))))),
  )
  const signature = sign(signer.asymmetricKeyType === 'ec' ? 'sha256' : options.hash, body, signer)
  const whole = sequence(body, algorithm, der(0x03, Buffer.of(0), signature))
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.trim()}\n-----END CERTIFICATE-----\n`,
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

export function makeKey(kind: CertificateOptions['key']): Readonly<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return kind === 'p-256'
    ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    : generateKeyPairSync('rsa', { modulusLength: 1024 })
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.of(tag, ...length), content])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts)
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(oid(oids.commonName), der(0x0c, Buffer.from(text)))))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return der(0x18, Buffer.from(`${text}Z`))
}
