import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** Below it a call of the compressor costs more than the bytes that it saves: of the statements of all feeds four in five that 512 would pack are shorter. */
const smallest = 1536
/** What a body may unpack to: nothing that is written here comes near it. */
const largest = 64 * 1024 * 1024
const zstdMagic = 0x28
/** With a small window the compressor takes a tenth of the memory that it would for a stream, and as much less time. */
const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 16, [constants.ZSTD_c_hashLog]: 13, [constants.ZSTD_c_chainLog]: 13 }

/** JSON as it is kept in a release: zstd above 1536 bytes, which the first byte tells. */
export function packBody(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= smallest) return bytes
  // One piece of output, where 16 kB would be laid out for each.
  const packed = zstdCompressSync(bytes, { params, chunkSize: bytes.length })
  return packed.length < bytes.length ? packed : bytes
}

export function unpackText(bytes: Uint8Array): string {
  const plain = bytes[0] === zstdMagic ? zstdDecompressSync(bytes, { maxOutputLength: largest }) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return plain.toString('utf8')
}

export function unpackBody<T>(bytes: Uint8Array): T {
  return JSON.parse(unpackText(bytes)) as T
}
