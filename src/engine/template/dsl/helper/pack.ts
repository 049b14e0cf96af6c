import { crc32, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { Helper } from '../call.ts'
import { longestText } from '../scope.ts'
import { fromBuffer, none, text, toBuffer } from './argument.ts'
import { javaGadget } from './gadget.ts'

/** Helpers that pack and unpack bytes. What comes out is bounded. */
export const packHelpers: Readonly<Record<string, Helper>> = {
  gzip: ([of]) => fromBuffer(gzipSync(toBuffer(text(of)))),
  zlib: ([of]) => fromBuffer(deflateSync(toBuffer(text(of)))),
  deflate: ([of]) => fromBuffer(deflateRawSync(toBuffer(text(of)))),
  gzipdecode: ([of]) => opened(gunzipSync, text(of)),
  zlibdecode: ([of]) => opened(inflateSync, text(of)),
  inflate: ([of]) => opened(inflateRawSync, text(of)),
  zip: (of) => zipped(of.map(text)),
  unpack: ([format, of]) => unpacked(text(format), toBuffer(text(of))),
  generatejavagadget: ([kind, url, coding]) => javaGadget(text(kind), text(url), text(coding)),
}

function opened(open: typeof inflateSync, bytes: string): string {
  try {
    // Go's packers end by a flush, not always by a last block.
    return fromBuffer(open(toBuffer(bytes), { maxOutputLength: longestText, finishFlush: 2 }))
  } catch {
    return none('it cannot be unpacked')
  }
}

/** Names and contents by turns, as one archive. */
function zipped(parts: readonly string[]): string {
  if (parts.length % 2 !== 0) none('a name without content')
  const entries: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (let index = 0; index < parts.length; index += 2) {
    const [name, content] = [toBuffer(parts[index]!), toBuffer(parts[index + 1]!)]
    const packed = deflateRawSync(content)
    const about = Buffer.alloc(26)
    about.writeUInt16LE(20, 0)
    about.writeUInt16LE(8, 4)
    about.writeUInt16LE(0x21, 8)
    about.writeUInt32LE(crc32(content), 10)
    about.writeUInt32LE(packed.length, 14)
    about.writeUInt32LE(content.length, 18)
    about.writeUInt16LE(name.length, 22)
    entries.push(Buffer.from('PK\x03\x04', 'latin1'), about, name, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, rest, name)
    at += 30 + name.length + packed.length
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.length / 2, 4)
  end.writeUInt16LE(parts.length / 2, 6)
  end.writeUInt32LE(size, 8)
  end.writeUInt32LE(at, 12)
  return fromBuffer(Buffer.concat([...entries, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]))
}

/** One number by its sign in Python's struct, as `>I`. */
function unpacked(format: string, bytes: Buffer): number {
  const [, order, sign] = /^([<>!=@]?)([bBhHiIlLqQfd])$/.exec(format) ?? none(`the format ${format.slice(0, 20)}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittle = order !== '>' && order !== '!'
  try {
    switch (sign) {
      case 'b':
        return view.getInt8(0)
      case 'B':
        return view.getUint8(0)
      case 'h':
        return view.getInt16(0, isLittle)
      case 'H':
        return view.getUint16(0, isLittle)
      case 'i':
      case 'l':
        return view.getInt32(0, isLittle)
      case 'I':
      case 'L':
        return view.getUint32(0, isLittle)
      case 'q':
        return Number(view.getBigInt64(0, isLittle))
      case 'Q':
        return Number(view.getBigUint64(0, isLittle))
      case 'f':
        return view.getFloat32(0, isLittle)
      default:
        return view.getFloat64(0, isLittle)
    }
  } catch {
    return none('too few bytes')
  }
}
