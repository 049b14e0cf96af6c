import { bytesOf, malformed, parse, u32le, type ByteReader } from '../wire/byte-reader.ts'

export type BsonValue = string | number | boolean | null | readonly BsonValue[] | BsonObject
export interface BsonObject { readonly [name: string]: BsonValue }

const deepest = 16
const mostFields = 2000

/** Reads one document. Binary, ids and times come as null: nobody asks for them. Null when malformed or deeper than 16. */
export function parseBson(bytes: Uint8Array): BsonObject | null {
  const budget = { fields: mostFields }
  return parse(bytes, (reader) => readDocument(reader, 0, budget))
}

function readDocument(reader: ByteReader, depth: number, budget: { fields: number }): BsonObject {
  if (depth > deepest) malformed('deep')
  const start = reader.at
  const length = reader.u32le()
  // A null prototype: a field called __proto__ is a field.
  const document: Record<string, BsonValue> = Object.setPrototypeOf({}, null)
  for (;;) {
    const type = reader.u8()
    if (type === 0) break
    if (budget.fields-- <= 0) malformed('fields')
    const name = untilNul(reader)
    document[name] = readValue(reader, type, depth, budget)
  }
  if (reader.at - start !== length) malformed('length')
  return document
}

function readValue(reader: ByteReader, type: number, depth: number, budget: { fields: number }): BsonValue {
  switch (type) {
    case 0x01: {
      const bytes = reader.take(8)
      return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
    }
    case 0x02: case 0x0d: case 0x0e: {
      const length = reader.u32le()
      if (length < 1) malformed('string')
      const text = Buffer.from(reader.take(length - 1)).toString('utf8')
      reader.skip(1)
      return text
    }
    case 0x03: return readDocument(reader, depth + 1, budget)
    case 0x04: return Object.values(readDocument(reader, depth + 1, budget))
    case 0x05: {
      const length = reader.u32le()
      reader.skip(1 + length)
      return null
    }
    case 0x06: case 0x0a: case 0x7f: case 0xff: return null
    case 0x07: reader.skip(12); return null
    case 0x08: return reader.u8() === 1
    case 0x09: case 0x11: reader.skip(8); return null
    case 0x0b: untilNul(reader); untilNul(reader); return null
    case 0x10: return reader.u32le() | 0
    case 0x12: {
      const low = reader.u32le()
      return (reader.u32le() | 0) * 4_294_967_296 + low
    }
    case 0x13: reader.skip(16); return null
    default: return malformed('type')
  }
}

function untilNul(reader: ByteReader): string {
  const bytes: number[] = []
  for (;;) {
    const byte = reader.u8()
    if (byte === 0) return Buffer.from(bytes).toString('utf8')
    if (bytes.length >= 256) malformed('name')
    bytes.push(byte)
  }
}

/** Writes the little that commands need: whole numbers, booleans, text. */
export function bsonOf(fields: Readonly<Record<string, number | boolean | string>>): Uint8Array {
  const parts = Object.entries(fields).map(([name, value]) => {
    const key = bytesOf(name, 0)
    if (typeof value === 'number') return bytesOf(0x10, key, u32le(value))
    if (typeof value === 'boolean') return bytesOf(0x08, key, value ? 1 : 0)
    return bytesOf(0x02, key, u32le(Buffer.byteLength(value) + 1), Buffer.from(value), 0)
  })
  const body = bytesOf(...parts, 0)
  return bytesOf(u32le(body.length + 4), body)
}
