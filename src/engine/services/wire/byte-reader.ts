import { textOf } from '../../net/transcript.ts'

/**
 * Reads a hostile message without ever leaving it. A read past the end throws `Short`, which `parse` turns into null, so that
 * a parser is written as if all were well and still cannot throw at its caller.
 */
export type ByteReader = {
  readonly at: number
  readonly left: number
  u8(): number
  u16(): number
  u32(): number
  /** Little-endian. */
  u16le(): number
  u32le(): number
  take(length: number): Uint8Array
  /** Latin-1: one character a byte, so nothing is lost or replaced. */
  text(length: number): string
  skip(length: number): void
  rest(): Uint8Array
}

class Short extends Error {}

/** Rejects the message under `parse`. */
export function malformed(why = 'malformed'): never {
  throw new Short(why)
}

export function byteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const move = (length: number): number => {
    if (!(length >= 0) || at + length > bytes.length) malformed('short')
    const from = at
    at += length
    return from
  }
  const take = (length: number): Uint8Array => {
    const from = move(length)
    return bytes.subarray(from, from + length)
  }
  return {
    get at() {
      return at
    },
    get left() {
      return bytes.length - at
    },
    u8: () => view.getUint8(move(1)),
    u16: () => view.getUint16(move(2)),
    u32: () => view.getUint32(move(4)),
    u16le: () => view.getUint16(move(2), true),
    u32le: () => view.getUint32(move(4), true),
    take,
    text: (length) => textOf(take(length)),
    skip: (length) => {
      move(length)
    },
    rest: () => take(bytes.length - at),
  }
}

/** The parser's result, or null when the message is not what it should be. Other errors are bugs and pass through. */
export function parse<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T | null {
  try {
    return read(byteReader(bytes))
  } catch (error) {
    if (error instanceof Short) return null
    throw error
  }
}

export function utf16le(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le')
}

export type Piece = Uint8Array | string | number | readonly number[]

/** Joins pieces: a number is one byte, text is Latin-1. */
export function bytesOf(...pieces: readonly Piece[]): Uint8Array {
  return Uint8Array.from(
    Buffer.concat(
      pieces.map((piece) => {
        if (typeof piece === 'number') return Buffer.of(piece)
        return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece)
      }),
    ),
  )
}

export function u16(value: number): readonly number[] {
  return [(value >>> 8) & 255, value & 255]
}

export function u32(value: number): readonly number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

export function u16le(value: number): readonly number[] {
  return [value & 255, (value >>> 8) & 255]
}

export function u32le(value: number): readonly number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255]
}

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f]+/g

/** Text for a fact: control characters out, trimmed, at most `most` characters. */
export function clean(text: string, most = 256): string {
  const head = text.slice(0, most * 4)
  const printable = head.replace(controls, ' ').trim()
  return printable.length > most ? `${printable.slice(0, most - 1)}…` : printable
}

/** For `read({ until })`: that many bytes, no fewer. */
export function exactly(length: number): (received: Uint8Array) => number | null {
  return (received) => (received.length >= length ? length : null)
}
