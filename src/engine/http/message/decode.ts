import type { Transform } from 'node:stream'
import { brotliDecompressSync, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'

export type Decoded = Readonly<{ body: Uint8Array; cut: boolean }>

/** Codings that are undone, one in another. */
const deepest = 2

type Coding = Readonly<{ whole(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer; stream(): Transform }>
const gzip: Coding = { whole: gunzipSync, stream: createGunzip }
const codings: Readonly<Record<string, Coding>> = {
  'gzip': gzip,
  'x-gzip': gzip,
  'br': { whole: brotliDecompressSync, stream: createBrotliDecompress },
  'zstd': { whole: zstdDecompressSync, stream: createZstdDecompress },
  'zlib': { whole: inflateSync, stream: createInflate },
  'raw': { whole: inflateRawSync, stream: createInflateRaw },
}

/**
 * Undoes content codings, at most two of them (a bomb nests), and stops at `most` bytes of output: what a bomb would have become is
 * never made. A broken stream gives what could be read. At once where the answer is whole and small, as nearly all are.
 */
export function decode(body: Uint8Array, encoding: string, most: number): Decoded | Promise<Decoded> {
  if (encoding === '' && body.length <= most) return { body, cut: false }
  const names = encoding.toLowerCase().split(',').map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity')
  const plain = { body: body.subarray(0, most), cut: body.length > most }
  return names.length === 0 || names.length > deepest || body.length === 0 ? plain : undo(plain, body, names, most)
}

function undo(before: Decoded, bytes: Uint8Array, names: readonly string[], most: number): Decoded | Promise<Decoded> {
  const name = names.at(-1)
  const coding = name === undefined ? undefined : codingOf(name, bytes)
  if (coding === undefined) return before
  const rest = names.slice(0, -1)
  try {
    const whole = coding.whole(bytes, { maxOutputLength: most })
    return undo({ body: whole, cut: false }, whole, rest, most)
  } catch {
    // Too much, or broken: the part that can be had.
    return run(coding.stream(), bytes, most).then((part) => undo(part, part.body, rest, most)).then((result) => ({ body: result.body, cut: true }))
  }
}

function codingOf(name: string, bytes: Uint8Array): Coding | undefined {
  // "deflate" means zlib, and half of the servers that say so send it without zlib's header.
  if (name === 'deflate') return codings[(bytes[0]! & 0x0f) === 8 ? 'zlib' : 'raw']
  return name === 'zlib' || name === 'raw' || !Object.hasOwn(codings, name) ? undefined : codings[name]
}

function run(stream: Transform, bytes: Uint8Array, most: number): Promise<Decoded> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let length = 0
    const finish = (cut: boolean): void => {
      stream.removeAllListeners('data')
      stream.destroy()
      resolve({ body: Buffer.concat(parts).subarray(0, most), cut: cut || length > most })
    }
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > most) finish(true)
    })
    stream.on('end', () => finish(false)).on('error', () => finish(true))
    stream.end(bytes)
  })
}

/** Text of a body: UTF-8 unless it says Latin-1 or is not UTF-8. The last character may have been cut. */
export function textOfBody(body: Uint8Array, contentType: string, most: number): string {
  const latin = /charset=["']?(iso-8859-1|latin-?1|windows-1252)/i.test(contentType)
  if (!latin) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true }).slice(0, most)
    } catch {
      // Not UTF-8 after all.
    }
  }
  return Buffer.from(body).toString('latin1').slice(0, most)
}
