import { asText, longestText, NoValue, type Value } from '../scope.ts'

export function none(text: string): never {
  throw new NoValue(text)
}

/** An argument as text, as Go's helpers take nearly all of theirs. */
export function text(value: Value | undefined): string {
  return asText(value ?? none('an argument is missing'))
}

export function integer(value: Value | undefined): number {
  const written = text(value)
  return /^[+-]?\d{1,15}$/.test(written) ? Number(written) : none(`${written.slice(0, 40)} is no number`)
}

/** A size that something of may be made. */
export function sizeOf(value: Value | undefined): number {
  const size = integer(value)
  return size < 0 || size > longestText ? none(`a size of ${size}`) : size
}

export function toBuffer(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}

export function fromBuffer(buffer: Uint8Array): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1')
}
