import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { words, wireVersion, type TlsVersion } from '../hello.ts'
import { factsOf } from '../suites.ts'

/** How a suite enciphers, where Node's OpenSSL still can. */
export type Cipher = Readonly<{
  suite: number
  exchange: 'RSA' | 'DHE' | 'ECDHE'
  mode: 'cbc' | 'aead'
  algorithm: string
  keyBytes: number
  /** Of a block, and of the IV that TLS 1.0 takes from the keys. */
  blockBytes: number
  /** Of the fixed part of an AEAD's nonce. */
  saltBytes: number
  /** Hash of the records' MAC, with its length; none of an AEAD. */
  mac: string
  macBytes: number
  /** Hash of TLS 1.2's PRF. */
  prf: 'sha256' | 'sha384'
}>

const form = /^TLS_(RSA|DHE|ECDHE|DH|ECDH)(?:_RSA|_ECDSA|_DSS|_anon)?_WITH_(?:(AES|CAMELLIA)_(128|256)_(CBC|GCM)|(3DES)_EDE_CBC|(CHACHA20)_POLY1305)_(SHA|SHA256|SHA384)$/
const macBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha384: 48 }

/** Null for suites that we cannot speak to their end: RC4, single DES, EXPORT, PSK, and the rarest. */
export function cipherOf(suite: number): Cipher | null {
  const facts = factsOf(suite)
  const [, exchange, block, bits, mode, triple, stream, hash] = (facts === null || facts.weak.includes('EXPORT') ? null : form.exec(facts.name)) ?? []
  if (exchange === undefined || hash === undefined || (/^(DH|ECDH)$/.test(exchange) && facts!.proof !== 'anon') || (block === 'CAMELLIA' && mode === 'GCM')) return null
  const aead = mode === 'GCM' || stream !== undefined
  const mac = aead ? '' : hash.toLowerCase().replace(/^sha$/, 'sha1')
  return {
    suite, exchange: exchange === 'RSA' ? 'RSA' : exchange.startsWith('EC') ? 'ECDHE' : 'DHE', mode: aead ? 'aead' : 'cbc',
    algorithm: triple !== undefined ? 'des-ede3-cbc' : stream !== undefined ? 'chacha20-poly1305' : `${block!.toLowerCase()}-${bits}-${mode!.toLowerCase()}`,
    keyBytes: triple !== undefined ? 24 : stream !== undefined ? 32 : Number(bits) / 8, blockBytes: triple !== undefined ? 8 : 16, saltBytes: stream !== undefined ? 12 : aead ? 4 : 0,
    mac, macBytes: macBytes[mac] ?? 0, prf: hash === 'SHA384' ? 'sha384' : 'sha256',
  }
}

/** Pseudo-random bytes of TLS 1.0 and 1.1 (RFC 2246 §5) or 1.2 (RFC 5246 §5). */
export function prf(version: TlsVersion, hash: string, secret: Uint8Array, label: string, seed: Uint8Array, length: number): Buffer {
  const whole = Buffer.concat([Buffer.from(label), seed])
  if (version === 'TLSv1.2') return expand(hash, secret, whole, length)
  const half = Math.ceil(secret.length / 2)
  const [md5, sha1] = [expand('md5', secret.subarray(0, half), whole, length), expand('sha1', secret.subarray(secret.length - half), whole, length)]
  return Buffer.from(md5.map((byte, index) => byte ^ sha1[index]!))
}

function expand(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const mac = (data: Uint8Array): Buffer => createHmac(hash, secret).update(data).digest()
  const parts: Buffer[] = []
  for (let step = mac(seed), had = 0; had < length; step = mac(step)) {
    const part = mac(Buffer.concat([step, seed]))
    parts.push(part)
    had += part.length
  }
  return Buffer.concat(parts).subarray(0, length)
}

/** Digest of the handshake so far, as Finished has it. */
export function transcriptHash(version: TlsVersion, { prf: hash }: Cipher, messages: Uint8Array): Buffer {
  const of = (name: string): Buffer => createHash(name).update(messages).digest()
  return version === 'TLSv1.2' ? of(hash) : Buffer.concat([of('md5'), of('sha1')])
}

/**
 * What is wrong with a record of CBC: `first`, `last`: a byte of its padding; `mac`: its MAC; `bare`: it is all padding, with no room for a MAC (CVE-2016-2107). The
 * byte that tells the padding's length is right in all of them.
 */
export type Fault = 'none' | 'first' | 'last' | 'mac' | 'bare'

export type Keys = Readonly<{ mac: Buffer; key: Buffer; iv: Buffer }>

/** The client's writing keys (RFC 5246 §6.3). `secret`: the master secret. */
export function clientKeys(version: TlsVersion, cipher: Cipher, secret: Uint8Array, clientRandom: Uint8Array, serverRandom: Uint8Array): Keys {
  const { macBytes: mac, keyBytes: key } = cipher
  const iv = cipher.mode === 'aead' ? cipher.saltBytes : version === 'TLSv1.0' ? cipher.blockBytes : 0
  const block = prf(version, cipher.prf, secret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 2 * (mac + key + iv))
  return { mac: block.subarray(0, mac), key: block.subarray(2 * mac, 2 * mac + key), iv: block.subarray(2 * (mac + key), 2 * (mac + key) + iv) }
}

/** The first record under these keys, enciphered, with its head. `fault` only where the mode is CBC. */
export function seal(version: TlsVersion, cipher: Cipher, keys: Keys, type: number, data: Uint8Array, fault: Fault = 'none'): Buffer {
  const wire = wireVersion[version]
  // Of a connection's first record the sequence number is 0.
  const head = Buffer.concat([Buffer.alloc(8), Buffer.from([type]), words([wire, data.length])])
  const body = cipher.mode === 'cbc' ? sealBlocks(version, cipher, keys, head, data, fault) : sealAead(cipher, keys, head, data)
  return Buffer.concat([Buffer.from([type]), words([wire, body.length]), body])
}

function sealBlocks(version: TlsVersion, { algorithm, mac, blockBytes }: Cipher, keys: Keys, head: Buffer, data: Uint8Array, fault: Fault): Buffer {
  const tag = createHmac(mac, keys.mac).update(head).update(data).digest()
  if (fault === 'mac') tag[0]! ^= 0x80
  // A block more than is needed, so that the padding's first byte is not its last.
  const length = data.length + tag.length
  const padding = blockBytes - (length % blockBytes) + blockBytes
  const plain = Buffer.concat([data, tag, Buffer.alloc(padding, padding - 1)])
  if (fault === 'first') plain[length]! ^= 0x80
  if (fault === 'last') plain[plain.length - 2]! ^= 0x80
  if (fault === 'bare') plain.fill(plain.length - 1)
  const iv = version === 'TLSv1.0' ? keys.iv : randomBytes(blockBytes)
  const cipher = createCipheriv(algorithm, keys.key, iv).setAutoPadding(false)
  return Buffer.concat([...(version === 'TLSv1.0' ? [] : [iv]), cipher.update(plain), cipher.final()])
}

function sealAead({ algorithm }: Cipher, keys: Keys, head: Buffer, data: Uint8Array): Buffer {
  // Of GCM the nonce is the salt and eight bytes that are sent along (RFC 5288); of ChaCha20 the salt, crossed with a sequence number that is 0 (RFC 7905).
  const sent = algorithm === 'chacha20-poly1305' ? Buffer.alloc(0) : Buffer.alloc(8)
  const cipher = createCipheriv(algorithm as 'aes-128-gcm', keys.key, Buffer.concat([keys.iv, sent]), { authTagLength: 16 }).setAAD(head)
  return Buffer.concat([sent, cipher.update(data), cipher.final(), cipher.getAuthTag()])
}
