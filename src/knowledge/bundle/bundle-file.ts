import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fail } from '#core/errors.ts'
import { magic, readAt, readFileHeader } from './header.ts'
import type { PublicKey, TrustedKey } from './key.ts'
import type { Manifest } from './manifest.ts'

/** Not waiting for a pipe's other end. */
const reading = constants.O_RDONLY | constants.O_NONBLOCK

/** A bundle whose signature holds and whose length is right; its parts are not checked yet. */
export type BundleFile = Readonly<{ path: string; size: number; manifest: Manifest; key: PublicKey; packed(index: number): Promise<Uint8Array>; close(): Promise<void> }>

/** Whether a file begins like a bundle: for whoever is given any file. */
export async function isBundle(path: string): Promise<boolean> {
  const file = await open(path, reading).catch(() => null)
  if (file === null) return false
  try {
    return (await file.stat()).isFile() && (await readAt(file, 0, magic.length)).equals(magic)
  } finally {
    await file.close()
  }
}

/** Throws `feed.missing`, `bundle.format`, `bundle.signature`, `bundle.tampered`. */
export async function openBundle(path: string, name: string, trusted: readonly TrustedKey[]): Promise<BundleFile> {
  const file = await open(path, reading).catch(() => fail('feed.missing', { path }))
  try {
    const facts = await file.stat()
    if (!facts.isFile()) return fail('bundle.format', { path: name, problem: 'it is not a file' })
    const { manifest, key, length } = await readFileHeader(file, name, trusted)
    const starts: number[] = []
    let end = length
    for (const [, , , size] of manifest.chunks) {
      starts.push(end)
      end += size
    }
    if (facts.size < end) return fail('bundle.tampered', { path: name, place: `it ends after ${facts.size} of ${end} bytes` })
    if (facts.size > end) return fail('bundle.tampered', { path: name, place: `${facts.size - end} bytes follow its end` })
    return { path: name, size: end, manifest, key, packed: (index) => readAt(file, starts[index]!, manifest.chunks[index]![3]), close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}
