import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { parseIp } from '#core/ip.ts'

/**
 * A self-signed server certificate (X.509 v3, ECDSA P-256 with SHA-256) for names and addresses, as PEM. For a console that is reached from
 * other machines before it has a certificate of its own; scanners pin it with `--ca`.
 */
export function selfSigned(names: readonly string[], now: number, days = 825): Readonly<{ cert: string; key: string; sha256: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const name = sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(names[0] ?? 'vigil')))))
  const serial = randomBytes(16)
  // Positive and without a leading zero: DER knows one way to write a number.
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const alternative = sequence(...names.map((entry) => {
    const ip = parseIp(entry)
    return ip === null ? der(0x82, Buffer.from(entry, 'ascii')) : der(0x87, addressBytes(ip.version, ip.value))
  }))
  const extensions = sequence(
    sequence(oid('2.5.29.17'), der(0x04, alternative)),
    // A certificate that is its own authority, so that a client can trust exactly it.
    sequence(oid('2.5.29.19'), der(0x01, Buffer.from([0xff])), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
    sequence(oid('2.5.29.37'), der(0x04, sequence(oid('1.3.6.1.5.5.7.3.1')))),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(now - 3_600_000), time(now + days * 86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const cert = pem('CERTIFICATE', certificate)
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  createPrivateKey(key)
  return { cert, key, sha256: new X509Certificate(cert).fingerprint256 }
}

function der(tag: number, content: Uint8Array): Buffer {
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return der(0x31, Buffer.concat(parts))
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const septets = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80)
    bytes.push(...septets)
  }
  return der(0x06, Buffer.from(bytes))
}

function time(at: number): Buffer {
  // RFC 5280: two-digit years until 2049.
  const text = `${new Date(at).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  return Number(text.slice(0, 4)) < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}

function addressBytes(version: 4 | 6, value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(version === 4 ? 8 : 32, '0'), 'hex')
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
