import { byteReader, bytesOf, malformed, type ByteReader } from './byte-reader.ts'

/** One element of BER (X.690) with a single-byte tag, which is all that SNMP and LDAP use. */
export type Ber = Readonly<{ tag: number; body: Uint8Array }>

export const tags = Object.freeze({
  boolean: 1,
  integer: 2,
  octets: 4,
  none: 5,
  oid: 6,
  enumerated: 10,
  sequence: 0x30,
  set: 0x31,
})

/** Reads one element; lengths of up to four bytes, definite form only. Rejects under `parse`. */
export function readBer(reader: ByteReader): Ber {
  const tag = reader.u8()
  if ((tag & 0x1f) === 0x1f) malformed('long tag')
  return { tag, body: reader.take(readLength(reader)) }
}

export function readTagged(reader: ByteReader, tag: number): Uint8Array {
  const element = readBer(reader)
  if (element.tag !== tag) malformed(`tag ${element.tag}, not ${tag}`)
  return element.body
}

function readLength(reader: ByteReader): number {
  const first = reader.u8()
  if (first < 0x80) return first
  const count = first & 0x7f
  if (count === 0 || count > 4) malformed('length form')
  let length = 0
  for (let index = 0; index < count; index++) length = length * 256 + reader.u8()
  return length
}

/** Elements inside a constructed one, at most `most`: more are left out, since nobody needs them. */
export function elementsOf(body: Uint8Array, most = 256): readonly Ber[] {
  const reader = byteReader(body)
  const elements: Ber[] = []
  while (reader.left > 0 && elements.length < most) elements.push(readBer(reader))
  return elements
}

/** Signed, as far as doubles are exact; longer ones are rejected. */
export function integerOf(body: Uint8Array): number {
  if (body.length === 0 || body.length > 6) malformed('integer')
  let value = body[0]! >= 0x80 ? -1 : 0
  for (const byte of body) value = value * 256 + byte
  return value
}

export function oidOf(body: Uint8Array): string {
  const parts: number[] = []
  let value = 0
  for (const byte of body.subarray(0, 128)) {
    value = value * 128 + (byte & 0x7f)
    if (value > 0xffffffff) malformed('object identifier')
    if (byte < 0x80) {
      if (parts.length === 0) parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
      else parts.push(value)
      value = 0
    }
  }
  return parts.join('.')
}

/** Length of the element that starts the bytes once it is whole, null while it is not; all that came when it can never be one. */
export function berLength(received: Uint8Array): number | null {
  if (received.length < 2) return null
  const first = received[1]!
  if (first < 0x80) return received.length >= 2 + first ? 2 + first : null
  const count = first & 0x7f
  if (count === 0 || count > 4) return received.length
  if (received.length < 2 + count) return null
  let length = 0
  for (let index = 0; index < count; index++) length = length * 256 + received[2 + index]!
  return received.length >= 2 + count + length ? 2 + count + length : null
}

export function ber(tag: number, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const body = bytesOf(...parts)
  if (body.length < 0x80) return bytesOf(tag, body.length, body)
  return body.length < 0x100
    ? bytesOf(tag, 0x81, body.length, body)
    : bytesOf(tag, 0x82, body.length >>> 8, body.length & 255, body)
}

/** Non-negative integers below 2³². */
export function berInteger(value: number, tag: number = tags.integer): Uint8Array {
  const body: number[] = []
  let rest = value
  do {
    body.unshift(rest % 256)
    rest = Math.floor(rest / 256)
  } while (rest > 0)
  if (body[0]! >= 0x80) body.unshift(0)
  return ber(tag, Uint8Array.from(body))
}

export function berOid(oid: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number)
  const body: number[] = []
  for (const part of [first * 40 + second, ...rest]) {
    const digits = [part & 0x7f]
    for (let value = Math.floor(part / 128); value > 0; value = Math.floor(value / 128)) digits.unshift((value & 0x7f) | 0x80)
    body.push(...digits)
  }
  return ber(tags.oid, Uint8Array.from(body))
}
