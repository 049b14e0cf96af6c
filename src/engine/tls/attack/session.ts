import { constants, createECDH, createPublicKey, diffieHellman, generateKeyPairSync, publicEncrypt, randomBytes, X509Certificate, type KeyObject } from 'node:crypto'
import { size, vector, wireVersion, words, type TlsVersion } from '../hello.ts'
import { handshakeOf, messagesOf, type ServerFlight } from '../record.ts'
import { record } from './after-hello.ts'
import { cipherOf, clientKeys, prf, seal, transcriptHash, type Cipher, type Fault } from './cipher.ts'

const types = { certificate: 11, serverKeyExchange: 12, certificateRequest: 13, clientKeyExchange: 16, finished: 20 } as const

export type Begun = Readonly<{
  cipher: Cipher
  /** The server wants to know who we are, which we do not tell. */
  asksCertificate: boolean
  /** All that the client still has to say (certificate, key exchange, ChangeCipherSpec, Finished), the last record with a fault. */
  finish(fault: Fault): Uint8Array
}>

/**
 * The client's side of a handshake of TLS 1.0 to 1.2, by hand: it has to be spoiled in ways that no library does. From the hello and what came back, up to
 * ServerHelloDone. Null where the suite, the group or the key is none that we can speak. Nothing is verified: who the server is does not matter here.
 */
export function beginSession(version: TlsVersion, hello: Uint8Array, heard: Uint8Array, flight: ServerFlight): Begun | null {
  const cipher = flight.hello === null || version === 'SSLv3' || version === 'TLSv1.3' || flight.hello.version !== wireVersion[version] ? null : cipherOf(flight.hello.suite)
  if (cipher === null) return null
  const server = handshakeOf(heard)
  const messages = messagesOf(server)
  const exchanged = exchange(version, cipher, flight, messages.find(({ type }) => type === types.serverKeyExchange)?.body)
  if (exchanged === null) return null
  const asksCertificate = messages.some(({ type }) => type === types.certificateRequest)
  const [clientRandom, serverRandom] = [hello.subarray(11, 43), messages[0]!.body.subarray(2, 34)]
  const master = prf(version, cipher.prf, exchanged.secret, 'master secret', Buffer.concat([clientRandom, serverRandom]), 48)
  const said = Buffer.concat([...(asksCertificate ? [message(types.certificate, Buffer.alloc(3))] : []), message(types.clientKeyExchange, exchanged.told)])
  const finished = message(types.finished, prf(version, cipher.prf, master, 'client finished', transcriptHash(version, cipher, Buffer.concat([hello.subarray(5), server, said])), 12))
  const keys = clientKeys(version, cipher, master, clientRandom, serverRandom)
  return {
    cipher, asksCertificate,
    finish: (fault) => Buffer.concat([record(22, wireVersion[version], said), record(20, wireVersion[version], Uint8Array.from([1])), seal(version, cipher, keys, 22, finished, fault)]),
  }
}

export function message(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type]), size(3, body.length), body])
}

/** An RSA key with what it can encrypt, in bytes; null where the certificate has none. */
export function rsaKeyOf(der: Uint8Array | undefined): Readonly<{ key: KeyObject; bytes: number }> | null {
  if (der === undefined) return null
  try {
    const { publicKey: key } = new X509Certificate(der)
    const bits = key.asymmetricKeyDetails?.modulusLength
    // A first byte of 0x41 must stay below the modulus, whose first bit is set where its length is a whole number of bytes.
    return key.asymmetricKeyType === 'rsa' && bits !== undefined && bits % 8 === 0 && bits >= 512 ? { key, bytes: bits / 8 } : null
  } catch {
    return null
  }
}

type Exchanged = Readonly<{ secret: Uint8Array; told: Uint8Array }>

/** The shared secret, and what tells it to the server. */
function exchange(version: TlsVersion, cipher: Cipher, flight: ServerFlight, offered: Buffer | undefined): Exchanged | null {
  try {
    if (cipher.exchange === 'RSA') {
      const key = rsaKeyOf(flight.certificates[0])
      const secret = Buffer.concat([words([wireVersion[version]]), randomBytes(46)])
      return key === null ? null : { secret, told: vector(2, publicEncrypt({ key: key.key, padding: constants.RSA_PKCS1_PADDING }, secret)) }
    }
    if (offered === undefined) return null
    return cipher.exchange === 'ECDHE' ? overCurve(offered) : overField(offered)
  } catch {
    // A key, a point or a prime that OpenSSL does not take.
    return null
  }
}

const curveNames: Readonly<Record<number, string>> = { 23: 'prime256v1', 24: 'secp384r1', 25: 'secp521r1', 22: 'secp256k1', 26: 'brainpoolP256r1', 27: 'brainpoolP384r1', 28: 'brainpoolP512r1' }
/** The head of an X25519 key in DER (RFC 8410). */
const x25519Head = Buffer.from('302a300506032b656e032100', 'hex')

function overCurve(offered: Buffer): Exchanged | null {
  const group = offered.readUInt16BE(1)
  const point = offered.subarray(4, 4 + offered[3]!)
  if (group === 29) {
    const own = generateKeyPairSync('x25519')
    const theirs = createPublicKey({ key: Buffer.concat([x25519Head, point]), format: 'der', type: 'spki' })
    return { secret: diffieHellman({ privateKey: own.privateKey, publicKey: theirs }), told: vector(1, own.publicKey.export({ format: 'der', type: 'spki' }).subarray(x25519Head.length)) }
  }
  const name = curveNames[group]
  if (name === undefined) return null
  const own = createECDH(name)
  const told = vector(1, own.generateKeys())
  return { secret: own.computeSecret(point), told }
}

/** Bits of the largest prime that is calculated with: what a server sends must not keep us busy. */
const largestPrime = 4096

function overField(offered: Buffer): Exchanged | null {
  const parts: Buffer[] = []
  for (let at = 0; parts.length < 3; at += 2 + parts.at(-1)!.length) parts.push(offered.subarray(at + 2, at + 2 + offered.readUInt16BE(at)))
  const [prime, generator, theirs] = parts as [Buffer, Buffer, Buffer]
  if (prime.length * 8 > largestPrime) return null
  const own = numberOf(randomBytes(32))
  const modulus = numberOf(prime)
  // By hand, since OpenSSL first looks for seconds whether the prime is one. RFC 5246 §8.1.2: leading zeros are left out.
  return { secret: bytesOf(power(numberOf(theirs), own, modulus)), told: vector(2, bytesOf(power(numberOf(generator), own, modulus))) }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base % modulus, left = exponent; left > 0n; left >>= 1n, square = (square * square) % modulus) if ((left & 1n) === 1n) result = (result * square) % modulus
  return result
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
}

function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
