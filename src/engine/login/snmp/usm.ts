import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The user-based security model of SNMPv3: keys, digests and ciphers. Source: RFC 3414, 3826, 7860. */
export type Digest = 'MD5' | 'SHA' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'
export type Cipher = 'DES' | 'AES' | 'AES-256'
/** How a key too short for AES-256 is made longer; no RFC says, and products differ. The first is Net-SNMP's, the second Cisco's. */
export type Stretch = 'blumenthal' | 'reeder'

const digests: Readonly<Record<Digest, Readonly<{ hash: string; kept: number }>>> = {
  MD5: { hash: 'md5', kept: 12 }, SHA: { hash: 'sha1', kept: 12 }, 'SHA-224': { hash: 'sha224', kept: 16 }, 'SHA-256': { hash: 'sha256', kept: 24 }, 'SHA-384': { hash: 'sha384', kept: 32 }, 'SHA-512': { hash: 'sha512', kept: 48 },
}
const keyLengths: Readonly<Record<Cipher, number>> = { DES: 16, AES: 16, 'AES-256': 32 }
const megabyte = 1_048_576

export function digestLength(digest: Digest): number {
  return digests[digest].kept
}

/** The key of a password at one engine (RFC 3414 A.2): the password over and over for a megabyte, and the engine's name around its hash. */
export function localKey(digest: Digest, password: string | Buffer, engine: Uint8Array): Buffer {
  const { hash } = digests[digest]
  const secret = Buffer.from(password)
  const whole = createHash(hash).update(Buffer.alloc(megabyte, secret)).digest()
  return createHash(hash).update(whole).update(engine).update(whole).digest()
}

/** The key of a cipher, which is made with the digest of the user. */
export function privacyKey(digest: Digest, cipher: Cipher, password: string, engine: Uint8Array, stretch: Stretch): Buffer {
  let key = localKey(digest, password, engine)
  let last = key
  while (key.length < keyLengths[cipher]) {
    last = stretch === 'blumenthal' ? createHash(digests[digest].hash).update(key).digest() : localKey(digest, last, engine)
    key = Buffer.concat([key, last])
  }
  return key.subarray(0, keyLengths[cipher])
}

export function needsStretch(digest: Digest, cipher: Cipher): boolean {
  return createHash(digests[digest].hash).digest().length < keyLengths[cipher]
}

export function sign(digest: Digest, key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac(digests[digest].hash, key).update(message).digest().subarray(0, digests[digest].kept)
}

/** `at`: where the digest stands in the message; it is taken as zeros while it is reckoned. */
export function isSigned(digest: Digest, key: Uint8Array, message: Uint8Array, at: number): boolean {
  const { kept } = digests[digest]
  if (at < 0 || at + kept > message.length) return false
  const bare = Buffer.from(message)
  const said = Buffer.from(bare.subarray(at, at + kept))
  bare.fill(0, at, at + kept)
  return timingSafeEqual(said, sign(digest, key, bare))
}

export type Clock = Readonly<{ boots: number; time: number }>

export function encrypt(cipher: Cipher, key: Buffer, clock: Clock, plain: Uint8Array): Readonly<{ salt: Buffer; bytes: Buffer }> {
  if (cipher === 'DES') {
    const salt = Buffer.concat([word(clock.boots), randomBytes(4)])
    const padded = Buffer.concat([plain, Buffer.alloc((8 - (plain.length % 8)) % 8)])
    const sealing = createCipheriv('des-ede3-cbc', tripleKey(key), mixed(key.subarray(8, 16), salt)).setAutoPadding(false)
    return { salt, bytes: Buffer.concat([sealing.update(padded), sealing.final()]) }
  }
  const salt = randomBytes(8)
  const sealing = createCipheriv(cipher === 'AES' ? 'aes-128-cfb' : 'aes-256-cfb', key, Buffer.concat([word(clock.boots), word(clock.time), salt]))
  return { salt, bytes: Buffer.concat([sealing.update(plain), sealing.final()]) }
}

/** Null where it cannot be what the cipher makes. What comes out of a wrong key is noise: whether it is a message is for its reader to say. */
export function decrypt(cipher: Cipher, key: Buffer, clock: Clock, salt: Uint8Array, sealed: Uint8Array): Buffer | null {
  if (salt.length !== 8) return null
  if (cipher === 'DES') {
    if (sealed.length === 0 || sealed.length % 8 !== 0) return null
    const opening = createDecipheriv('des-ede3-cbc', tripleKey(key), mixed(key.subarray(8, 16), salt)).setAutoPadding(false)
    return Buffer.concat([opening.update(sealed), opening.final()])
  }
  const opening = createDecipheriv(cipher === 'AES' ? 'aes-128-cfb' : 'aes-256-cfb', key, Buffer.concat([word(clock.boots), word(clock.time), salt]))
  return Buffer.concat([opening.update(sealed), opening.final()])
}

/** DES alone is not in OpenSSL any more; three times the same key is DES. */
function tripleKey(key: Buffer): Buffer {
  const one = key.subarray(0, 8)
  return Buffer.concat([one, one, one])
}

function mixed(before: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(before.map((byte, index) => byte ^ salt[index]!))
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
