import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { fail, VigilError } from '#core/errors.ts'
import type { Bound } from './bound.ts'

/**
 * Unpacks gzip as a stream; all members, checksum and length checked by zlib. Counts nothing into the feed's total: whoever reads it does.
 * Throws `feed.truncated`, `feed.not_archive`, and `feed.too_large` for a bomb.
 */
export async function* gunzip(feed: string, entry: string, packed: AsyncIterable<Uint8Array>, bound: Bound): AsyncGenerator<Uint8Array> {
  let taken = 0
  let out = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of packed) {
      taken += piece.length
      yield piece
    }
  }
  const unpacked = createGunzip({ chunkSize: 256 * 1024 })
  pipeline(Readable.from(counted(), { objectMode: false }), unpacked, () => {})
  try {
    for await (const piece of unpacked as AsyncIterable<Uint8Array>) {
      out += piece.length
      bound.ratio(out, taken, entry)
      yield piece
    }
  } catch (error) {
    throw zlibError(feed, 'gzip', error, `${out} bytes of ${entry}`)
  }
}

/** Says a failure of zlib in the words of the catalogue; other errors come back as they are. */
export function zlibError(feed: string, format: string, error: unknown, place: string): unknown {
  if (error instanceof VigilError || !(error instanceof Error)) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'Z_BUF_ERROR') fail('feed.truncated', { path: feed, place })
  return /^(Z_|ZSTD_)/.test(code) ? said(() => fail('feed.not_archive', { path: feed, format, problem: `${error.message} after ${place}` })) : error
}

function said(thrower: () => never): unknown {
  try {
    return thrower()
  } catch (error) {
    return error
  }
}
