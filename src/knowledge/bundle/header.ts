import type { KeyObject } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { fail } from '#core/errors.ts'
import { canonical } from './canonical.ts'
import { publicKey, publicOf, signatureHolds, signManifest, type PublicKey, type TrustedKey } from './key.ts'
import { limits, readManifest, type Manifest } from './manifest.ts'

/** The first bytes of every bundle. Then: length of the manifest (4 bytes), public key (32), signature (64), manifest; then the parts, one after another, and nothing more. */
export const magic = Buffer.from('VIGILKB1')
export const headBytes = magic.length + 4 + 32 + 64

export function writeHeader(manifest: Manifest, key: KeyObject): Uint8Array {
  const text = Buffer.from(canonical(manifest))
  if (text.length > limits.manifest) throw new RangeError(`a manifest of ${text.length} bytes`)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([magic, length, publicOf(key).bytes, signManifest(key, text), text])
}

export type Header = Readonly<{ manifest: Manifest; key: PublicKey; length: number }>

/** How many bytes the header has, by its first ones. `path` is for the message. */
export function headerLength(head: Uint8Array, path: string): number {
  if (head.length < magic.length || Buffer.compare(head.subarray(0, magic.length), magic) !== 0) return fail('bundle.format', { path, problem: 'it does not begin like one' })
  if (head.length < headBytes) return fail('bundle.tampered', { path, place: 'it ends in its header' })
  const length = Buffer.from(head).readUInt32BE(magic.length)
  if (length > limits.manifest) return fail('bundle.tampered', { path, place: `its manifest is said to have ${length} bytes` })
  return headBytes + length
}

/** Nothing is read into the manifest before the signature held. Throws `bundle.format`, `bundle.signature`, `bundle.tampered`. */
export function readHeader(bytes: Uint8Array, path: string, trusted: readonly TrustedKey[]): Header {
  const length = headerLength(bytes, path)
  if (bytes.length < length) return fail('bundle.tampered', { path, place: 'it ends in its manifest' })
  const at = magic.length + 4
  const key = publicKey(bytes.slice(at, at + 32))
  if (!trusted.some((one) => one.text === key.text)) return fail('bundle.signature', { path, key: key.fingerprint })
  const text = bytes.subarray(headBytes, length)
  if (!signatureHolds(key.bytes, text, bytes.subarray(at + 32, headBytes))) return fail('bundle.tampered', { path, place: 'its manifest is not what was signed' })
  const manifest = readManifest(text)
  return manifest === null ? fail('bundle.format', { path, problem: 'its manifest has another form' }) : { manifest, key, length }
}

export async function readFileHeader(file: FileHandle, path: string, trusted: readonly TrustedKey[]): Promise<Header> {
  const head = await readAt(file, 0, headBytes)
  return readHeader(await readAt(file, 0, headerLength(head, path)), path, trusted)
}

/** At most `length` bytes; fewer when the file ends. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}
