import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import type { Credential, Login, SealedCredential } from '#core/credential.ts'

/** A scanner's pair of keys (X25519). `publicKey`: 32 bytes as base64, what it tells the platform. */
export type ScannerKey = Readonly<{ publicKey: string; privateKey: KeyObject }>

const version = 1
const header = 1 + 32 + 12
const tag = 16

export function newScannerKey(): ScannerKey {
  return keyOf(generateKeyPairSync('x25519').privateKey)
}

/** Reads what `exportKey` wrote. */
export function scannerKeyOf(pkcs8: string): ScannerKey {
  return keyOf(createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' }))
}

export function exportKey({ privateKey }: ScannerKey): string {
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}

export function isPublicKey(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(text)
}

type Bare = Readonly<{ record: string; title: string; targets: string; known?: Credential['known'] }>

/** Seals a login to one scanner. What it is for is authenticated with it: a sealed login given other targets does not open. */
export function sealCredential({ record, title, targets, known }: Bare, login: Login, publicKey: string): SealedCredential {
  const open = { record, kind: login.kind, title, targets, ...(known === undefined ? {} : { known }) }
  const once = generateKeyPairSync('x25519')
  const own = rawOf(once.publicKey)
  const nonce = randomBytes(12)
  const key = derive(once.privateKey, publicOf(publicKey), own, Buffer.from(publicKey, 'base64'))
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(contextOf(open)))
  const plain = Buffer.from(JSON.stringify(login))
  const sealed = Buffer.concat([Buffer.of(version), own, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  plain.fill(0)
  key.fill(0)
  return { ...open, sealed: sealed.toString('base64') }
}

/** Opens what was sealed to this scanner. Null: to another one, or it was changed. */
export function openCredential(credential: SealedCredential, { privateKey, publicKey }: ScannerKey): Credential | null {
  const bytes = Buffer.from(credential.sealed, 'base64')
  if (bytes.length < header + tag || bytes[0] !== version) return null
  const theirs = bytes.subarray(1, 33)
  try {
    const key = derive(privateKey, publicOf(theirs.toString('base64')), theirs, Buffer.from(publicKey, 'base64'))
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(33, header), { authTagLength: tag }).setAAD(Buffer.from(contextOf(credential)))
    decipher.setAuthTag(bytes.subarray(bytes.length - tag))
    const plain = Buffer.concat([decipher.update(bytes.subarray(header, bytes.length - tag)), decipher.final()])
    const login = JSON.parse(plain.toString()) as Login
    plain.fill(0)
    key.fill(0)
    const { record, title, targets, known } = credential
    return login.kind === credential.kind ? { ...login, record, title, targets, ...(known === undefined ? {} : { known }) } : null
  } catch {
    return null
  }
}

function contextOf({ record, kind, title, targets, known }: Omit<SealedCredential, 'sealed'>): string {
  return JSON.stringify(['vigil credential', record, kind, title, targets, Object.entries(known ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function derive(own: KeyObject, theirs: KeyObject, once: Uint8Array, scanner: Uint8Array): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: theirs })
  const key = Buffer.from(hkdfSync('sha256', shared, Buffer.concat([once, scanner]), 'vigil credential 1', 32))
  shared.fill(0)
  return key
}

function keyOf(privateKey: KeyObject): ScannerKey {
  return { privateKey, publicKey: rawOf(createPublicKey(privateKey)).toString('base64') }
}

/** SubjectPublicKeyInfo of X25519 is these bytes and the key (RFC 8410). */
const prefix = Buffer.from('302a300506032b656e032100', 'hex')

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(prefix.length)
}

function publicOf(raw: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([prefix, Buffer.from(raw, 'base64')]), format: 'der', type: 'spki' })
}
