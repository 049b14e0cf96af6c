import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const smallest = 512
/** What a body may unpack to: nothing that is written here comes near it. */
const largest = 64 * 1024 * 1024
const zstdMagic = 0x28

/** JSON as it is kept in a release: zstd above 512 bytes, which the first byte tells. */
export function packBody(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= smallest) return bytes
  const packed = zstdCompressSync(bytes)
  return packed.length < bytes.length ? packed : bytes
}

export function unpackText(bytes: Uint8Array): string {
  const plain = bytes[0] === zstdMagic ? zstdDecompressSync(bytes, { maxOutputLength: largest }) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return plain.toString('utf8')
}

export function unpackBody<T>(bytes: Uint8Array): T {
  return JSON.parse(unpackText(bytes)) as T
}
