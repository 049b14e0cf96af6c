import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import type { Transform } from 'node:stream'

export type Decoded = Readonly<{ body: Uint8Array; cut: boolean }>

/**
 * Undoes content codings, at most two of them (a bomb nests), and stops at `most` bytes of output: what a bomb would have become is
 * never made. A broken stream gives what could be read.
 */
export async function decode(body: Uint8Array, encoding: string, most: number): Promise<Decoded> {
  const codings = encoding.toLowerCase().split(',').map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity')
  let result: Decoded = { body: body.subarray(0, most), cut: body.length > most }
  if (codings.length > 2) return result
  let bytes = body
  for (const coding of codings.reverse()) {
    const stream = streamOf(coding, bytes)
    if (stream === null) return result
    result = await run(stream, bytes, most)
    bytes = result.body
  }
  return result
}

function streamOf(coding: string, bytes: Uint8Array): Transform | null {
  if (coding === 'gzip' || coding === 'x-gzip') return createGunzip()
  if (coding === 'br') return createBrotliDecompress()
  // "deflate" means zlib, and half of the servers that say so send it without zlib's header.
  if (coding === 'deflate') return (bytes[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw()
  return null
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
