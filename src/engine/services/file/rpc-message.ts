import { bytesOf, clean, malformed, parse, u32, type ByteReader } from '../wire/byte-reader.ts'

/** ONC RPC (RFC 5531) as far as a list of programs (RFC 1833) and of exports (RFC 1813) needs it; XDR throughout. */
export const program = { portmap: 100_000, nfs: 100_003, mount: 100_005 } as const

export type Mapping = Readonly<{ program: number; version: number; proto: 'tcp' | 'udp'; port: number }>
/** `clients` empty: anybody. */
export type Export = Readonly<{ path: string; clients: readonly string[] }>

const mostEntries = 256
const mostClients = 32

export function rpcCall(id: number, what: number, version: number, procedure: number): Uint8Array {
  // No credential, no verifier.
  return bytesOf(u32(id), u32(0), u32(2), u32(what), u32(version), u32(procedure), u32(0), u32(0), u32(0), u32(0))
}

/** Over TCP a message is a record of fragments; ours is one. */
export function inRecord(message: Uint8Array): Uint8Array {
  return bytesOf(u32((0x80000000 | message.length) >>> 0), message)
}

/** For `read({ until })`: the whole record, once its last fragment is there. */
export function recordEnd(received: Uint8Array): number | null {
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength)
  for (let at = 0; at + 4 <= received.length;) {
    const head = view.getUint32(at)
    at += 4 + (head & 0x7fffffff)
    if (at > received.length) return null
    if (head >= 0x80000000) return at
  }
  return null
}

export function outOfRecord(record: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  for (let at = 0; at + 4 <= record.length;) {
    const length = view.getUint32(at) & 0x7fffffff
    parts.push(record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return bytesOf(...parts)
}

/** What a call was answered with, read by `body`; null when it is no accepted answer to this call. `refused`: it is an answer, and says no. */
export function readAnswer<T>(message: Uint8Array, id: number, body: (reader: ByteReader) => T): T | 'refused' | null {
  return parse(message, (reader) => {
    if (reader.u32() !== id || reader.u32() !== 1) return malformed()
    if (reader.u32() !== 0) return 'refused' as const
    reader.skip(4)
    skipOpaque(reader)
    return reader.u32() === 0 ? body(reader) : 'refused' as const
  })
}

export function readMappings(reader: ByteReader): readonly Mapping[] {
  const mappings: Mapping[] = []
  while (reader.u32() === 1 && mappings.length < mostEntries) {
    const [what, version, proto, port] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
    if ((proto === 6 || proto === 17) && port <= 65_535) mappings.push({ program: what, version, proto: proto === 6 ? 'tcp' : 'udp', port })
  }
  return mappings
}

export function readExports(reader: ByteReader): readonly Export[] {
  const exports: Export[] = []
  while (reader.u32() === 1 && exports.length < mostEntries) {
    const path = clean(opaque(reader), 200)
    const clients: string[] = []
    while (reader.u32() === 1) {
      const client = clean(opaque(reader), 100)
      if (clients.length < mostClients) clients.push(client)
    }
    exports.push({ path, clients })
  }
  return exports
}

function opaque(reader: ByteReader): string {
  const length = reader.u32()
  if (length > 1024) malformed()
  const text = reader.text(length)
  reader.skip((4 - (length % 4)) % 4)
  return text
}

function skipOpaque(reader: ByteReader): void {
  const length = reader.u32()
  if (length > 400) malformed()
  reader.skip(length + ((4 - (length % 4)) % 4))
}
