import { hash } from 'node:crypto'
import type { ReleaseFacts } from '../knowledge-base.ts'
import { canonical } from './canonical.ts'

/**
 * How a part of the release file is carried: `zstd` by itself, `delta` as zstd with what the base has around the same place as dictionary, `base` not at all, since
 * the base has the same bytes at the same place.
 */
export type Chunk = readonly [
  /** sha256 of the part of the release file. */
  hash: string,
  how: 'zstd' | 'delta' | 'base',
  /** sha256 and size of what is carried; '' and 0 for `base`. */
  packed: string, size: number,
]

/** What a bundle says of itself, signed: the release, and each part of its file in order. */
export type Manifest = Readonly<{
  format: 1
  release: ReleaseFacts
  /** The release whose file `delta` and `base` parts need; null: it is whole. */
  base: Readonly<{ number: number; content: string }> | null
  /** Of the release file, in bytes. All parts but the last are `chunkBytes` long. */
  size: number
  /** sha256 over the hashes of all parts: what the release file is known by. */
  content: string
  made: string
  chunks: readonly Chunk[]
}>

export const chunkBytes = 256 * 1024
export const limits = { manifest: 8 * 1024 * 1024, file: 8 * 1024 ** 3 } as const

/** Length of part `index` of a file. */
export function lengthOf(size: number, index: number): number {
  return Math.min(chunkBytes, size - index * chunkBytes)
}

export function contentOf(hashes: readonly string[]): string {
  return hash('sha256', hashes.join('\n'))
}

/** Reads a manifest whose signature held. Null when it is not exactly one, in canonical form. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  const text = Buffer.from(bytes).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
    if (!isManifest(value) || canonical(value) !== text) return null
  } catch {
    return null
  }
  return contentOf(value.chunks.map((chunk) => chunk[0])) === value.content ? value : null
}

type Fields = Readonly<Record<string, unknown>>

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isName = (value: unknown): boolean => typeof value === 'string' && /^[\w.+-]{1,60}$/.test(value)
const isTime = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(value) && !Number.isNaN(Date.parse(value))
const hasOnly = (value: unknown, names: readonly string[]): value is Fields =>
  typeof value === 'object' && value !== null && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name))

function isManifest(value: unknown): value is Manifest {
  if (!hasOnly(value, ['format', 'release', 'base', 'size', 'content', 'made', 'chunks'])) return false
  const { format, release, base, size, content, made, chunks } = value
  if (format !== 1 || !isRelease(release) || !isTime(made) || !isHash(content)) return false
  if (base !== null && !(hasOnly(base, ['number', 'content']) && isCount(base['number']) && isHash(base['content']))) return false
  if (!isCount(size) || size < 512 || size > limits.file) return false
  return Array.isArray(chunks) && chunks.length === Math.ceil(size / chunkBytes) && chunks.every((chunk) => isChunk(chunk, base !== null))
}

function isRelease(value: unknown): boolean {
  if (!hasOnly(value, ['number', 'name', 'root', 'at', 'counts'])) return false
  const { number, name, root, at, counts } = value
  return isCount(number) && isName(name) && isHash(root) && isTime(at) && hasOnly(counts, ['vulnerabilities', 'checks', 'ranges', 'statements', 'fingerprints']) && Object.values(counts).every(isCount)
}

function isChunk(value: unknown, hasBase: boolean): boolean {
  if (!Array.isArray(value) || value.length !== 4) return false
  const [own, how, packed, size] = value as unknown[]
  if (!isHash(own)) return false
  if (how === 'base') return hasBase && packed === '' && size === 0
  // zstd makes what cannot be packed a little longer, never more than this.
  return (how === 'zstd' || (how === 'delta' && hasBase)) && isHash(packed) && isCount(size) && size > 0 && size <= chunkBytes + 4096
}
