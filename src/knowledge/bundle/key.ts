import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'

/** A public key as it is passed on: `vigil-kb-` and base64url of its 32 bytes. `fingerprint`: sha256 of those, hex, in groups of eight. */
export type PublicKey = Readonly<{ text: string; fingerprint: string; bytes: Uint8Array }>
export type TrustedKey = PublicKey & Readonly<{ name: string }>

/** So that a signature of a bundle is good for nothing else, and none of anything else for a bundle. */
const purpose = Buffer.from('vigil knowledge bundle 1\0')
const prefix = 'vigil-kb-'

export function publicKey(bytes: Uint8Array): PublicKey {
  const fingerprint = hash('sha256', bytes).match(/.{8}/g)!.join('-')
  return { text: `${prefix}${Buffer.from(bytes).toString('base64url')}`, fingerprint, bytes }
}

/** Throws `bundle.key` when the text is no public key. */
export function readPublicKey(text: string): PublicKey {
  const found = /^vigil-kb-([\w-]{43})$/.exec(text.trim())
  const bytes = Buffer.from(found?.[1] ?? '', 'base64url')
  if (bytes.length !== 32 || publicKey(bytes).text !== text.trim()) return fail('bundle.key', { key: text.trim() })
  return publicKey(bytes)
}

const keyFile = (folder: string): string => join(folder, 'signing.key')

/**
 * Makes the key that bundles of this installation are signed with, and trusts it here. It is kept encrypted with `passphrase`, in a file that its owner alone can read.
 * Throws `bundle.key_exists` rather than replace one.
 */
export function newKey(folder: string, passphrase: string, name: string): PublicKey {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (existsSync(keyFile(folder))) fail('bundle.key_exists', { path: keyFile(folder) })
  const { privateKey } = generateKeyPairSync('ed25519')
  const made = publicOf(privateKey)
  writeNew(keyFile(folder), privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string)
  trustKey(folder, made, name)
  return made
}

/** The signing key of this installation. Throws `bundle.no_key` when there is none, `bundle.key_sealed` when it does not open. */
export function openKey(folder: string, passphrase: string): KeyObject {
  let pem: string
  try {
    pem = readFileSync(keyFile(folder), 'utf8')
  } catch {
    return fail('bundle.no_key')
  }
  try {
    return createPrivateKey({ key: pem, passphrase })
  } catch {
    return fail('bundle.key_sealed', { path: keyFile(folder) })
  }
}

export function publicOf(key: KeyObject): PublicKey {
  return publicKey(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url'))
}

export function signManifest(key: KeyObject, manifest: Uint8Array): Uint8Array {
  return sign(null, Buffer.concat([purpose, manifest]), key)
}

export function signatureHolds(key: Uint8Array, manifest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const opened = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }, format: 'jwk' })
    return verify(null, Buffer.concat([purpose, manifest]), opened, signature)
  } catch {
    return false
  }
}

const trustFolder = (folder: string): string => join(folder, 'trusted')

/** Keys whose bundles are taken here, by fingerprint. A file that is not exactly a key is none. Nothing is trusted until somebody says so. */
export function trustedKeys(folder: string): readonly TrustedKey[] {
  const found: TrustedKey[] = []
  for (const file of existsSync(trustFolder(folder)) ? readdirSync(trustFolder(folder)).sort() : []) {
    try {
      const [text = '', ...name] = readFileSync(join(trustFolder(folder), file), 'utf8').trim().split(' ')
      const key = readPublicKey(text)
      if (file === `${key.fingerprint}.pub`) found.push({ ...key, name: name.join(' ') })
    } catch {
      // Not a key: nothing is trusted by it.
    }
  }
  return found
}

export function trustKey(folder: string, key: PublicKey, name: string): void {
  mkdirSync(trustFolder(folder), { recursive: true, mode: 0o700 })
  const path = join(trustFolder(folder), `${key.fingerprint}.pub`)
  if (!existsSync(path)) writeNew(path, `${key.text} ${name.replace(/\s+/g, ' ').slice(0, 80)}\n`)
}

/** Throws `bundle.not_trusted` when no key has that fingerprint. */
export function distrustKey(folder: string, fingerprint: string): void {
  const known = trustedKeys(folder).find((key) => sameFingerprint(key.fingerprint, fingerprint))
  if (known === undefined) return fail('bundle.not_trusted', { fingerprint })
  rmSync(join(trustFolder(folder), `${known.fingerprint}.pub`))
}

/** However it was grouped and written; the whole of it, not its beginning. */
export function sameFingerprint(a: string, b: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/^sha256:/, '').replace(/[\s:-]/g, '')
  return plain(a).length === 64 && plain(a) === plain(b)
}

/** Whole or not at all, and never over what is there. */
function writeNew(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`
  const file = openSync(unfinished, 'w', 0o600)
  try {
    // Not writeSync: on a full disk it writes a part of the text and says nothing.
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
}
