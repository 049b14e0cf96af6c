import { byteReader, bytesOf, clean, malformed, parse, u16, u32, type ByteReader, type Piece } from '../wire/byte-reader.ts'

/** AMQP 0-9-1 frames as far as the login: the header, Start, Start-Ok, Tune and Close. */
export const amqpHeader = Object.freeze({ v091: bytesOf('AMQP', 0, 0, 9, 1), sasl: bytesOf('AMQP', 3, 1, 0, 0) })

export type AmqpMethod = Readonly<
  | { method: 'start'; properties: Readonly<Record<string, string>>; mechanisms: readonly string[] }
  | { method: 'tune' | 'secure' | 'other' }
  | { method: 'close'; code: number; text: string }
>

/** Length of the first frame (or protocol header) once it is whole. */
export function amqpLength(received: Uint8Array): number | null {
  if (received.length < 8) return null
  if (received[0] === 0x41) return 8
  const length = 8 + new DataView(received.buffer, received.byteOffset).getUint32(3)
  return received.length >= length ? length : null
}

export function readAmqp(bytes: Uint8Array): AmqpMethod | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 1) malformed('frame')
    reader.skip(2)
    const payload = byteReader(reader.take(reader.u32()))
    if (reader.u8() !== 0xce || payload.u16() !== 10) malformed('frame end')
    const method = payload.u16()
    if (method === 30) return { method: 'tune' }
    if (method === 20) return { method: 'secure' }
    if (method === 50) return { method: 'close', code: payload.u16(), text: clean(payload.text(payload.u8())) }
    if (method !== 10) return { method: 'other' }
    if (payload.u8() !== 0) malformed('version')
    payload.skip(1)
    const properties: Record<string, string> = {}
    readTable(byteReader(payload.take(payload.u32())), '', properties, 0)
    const mechanisms = clean(payload.text(payload.u32()), 512)
      .split(' ')
      .filter((name) => name !== '')
      .slice(0, 32)
    return { method: 'start', properties, mechanisms }
  })
}

/** Texts, numbers and truth values of a field table, inner tables by dotted names, three deep. Unknown types end the reading. */
function readTable(reader: ByteReader, prefix: string, into: Record<string, string>, depth: number): void {
  while (reader.left > 0 && Object.keys(into).length < 64) {
    // The prefix keeps a hostile name from being one of Object's own.
    const name = `${prefix}${clean(reader.text(reader.u8()), 64)}`
    const type = String.fromCharCode(reader.u8())
    const size = (
      { t: 1, b: 1, B: 1, s: 2, U: 2, u: 2, I: 4, i: 4, f: 4, L: 8, l: 8, d: 8, T: 8, D: 5, V: 0 } as Record<string, number>
    )[type]
    if (type === 'S' || type === 'x') into[`.${name}`] = clean(reader.text(reader.u32()))
    else if (type === 'F' || type === 'A') {
      const inner = byteReader(reader.take(reader.u32()))
      if (type === 'F' && depth < 3) readTable(inner, `${name}.`, into, depth + 1)
    } else if (size === undefined) return
    else {
      const value = reader.take(size)
      if (size > 0 && size <= 4 && type !== 'f') into[`.${name}`] = String(value.reduce((sum, byte) => sum * 256 + byte, 0))
    }
  }
}

const short = (text: string): Uint8Array => bytesOf(text.length, text)
const long = (text: string): Uint8Array => bytesOf(u32(text.length), text)

/** Start-Ok with PLAIN; asks to be told of a refusal instead of being cut off. */
export function amqpLogin(user: string, password: string): Uint8Array {
  const capabilities = bytesOf(short('authentication_failure_close'), 't', 1)
  const properties = bytesOf(
    short('product'),
    'S',
    long('vigil'),
    short('capabilities'),
    'F',
    u32(capabilities.length),
    capabilities,
  )
  return frame(
    u16(10),
    u16(11),
    u32(properties.length),
    properties,
    short('PLAIN'),
    long(`\0${user}\0${password}`),
    short('en_US'),
  )
}

function frame(...pieces: readonly Piece[]): Uint8Array {
  const payload = bytesOf(...pieces)
  return bytesOf(1, u16(0), u32(payload.length), payload, 0xce)
}
