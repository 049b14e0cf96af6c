import { bytesOf, u32le } from '#engine/services/wire/byte-reader.ts'
import { parseBson } from '#engine/services/database/bson.ts'
import { recordedTcp, type At, type Recorded } from './recorded.ts'

type Value = number | boolean | string | readonly Value[] | Document
type Document = { readonly [name: string]: Value }

/** Answers as mongod 6.0.14 gives them, or with `auth` 8.0.18, which refuses listDatabases with code 13. */
export function mongodb(auth: boolean, at: At = {}): Promise<Recorded> {
  const answers: Readonly<Record<string, Document>> = {
    isMaster: { ismaster: true, topologyVersion: { counter: 0 }, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, minWireVersion: 0, maxWireVersion: auth ? 25 : 17, readOnly: false, ok: 1 },
    buildInfo: { version: auth ? '8.0.18' : '6.0.14', gitVersion: '25225db95574916fecab3af75b184409f8713aef', modules: [], versionArray: auth ? [8, 0, 18, 0] : [6, 0, 14, 0], openssl: { running: 'OpenSSL 3.0.2 15 Mar 2022', compiled: 'OpenSSL 3.0.2 15 Mar 2022' }, buildEnvironment: { distmod: 'ubuntu2204', distarch: 'x86_64' }, bits: 64, ok: 1 },
    listDatabases: auth
      ? { ok: 0, errmsg: 'command listDatabases requires authentication', code: 13, codeName: 'Unauthorized' }
      : { databases: [{ name: 'admin', empty: false }, { name: 'local', empty: false }, { name: 'shop', empty: false }], ok: 1 },
  }
  return recordedTcp(`mongodb ${auth ? 'hardened' : 'weak'}`, (socket, asked) => {
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes])
      while (heard.length >= 16 && heard.length >= heard.readUInt32LE(0)) {
        const message = heard.subarray(0, heard.readUInt32LE(0))
        heard = heard.subarray(message.length)
        const id = message.readUInt32LE(4)
        const query = message.readUInt32LE(12) === 2004
        const command = parseBson(message.subarray(query ? 20 + 'admin.$cmd'.length + 1 + 8 : 21))
        const name = Object.keys(command ?? {})[0] ?? ''
        asked.push(name)
        const document = encode(answers[name] ?? { ok: 0, errmsg: `no such command: '${name}'`, code: 59 })
        const head = query ? bytesOf(u32le(8), u32le(0), u32le(0), u32le(0), u32le(1)) : bytesOf(u32le(0), 0)
        socket.write(bytesOf(u32le(16 + head.length + document.length), u32le(900 + id), u32le(id), u32le(query ? 1 : 2013), head, document))
      }
    })
  }, at)
}

function encode(document: Document | readonly Value[]): Uint8Array {
  const body = bytesOf(...Object.entries(document).map(([name, value]) => {
    const [type, bytes] = encodeValue(value)
    return bytesOf(type, name, 0, bytes)
  }), 0)
  return bytesOf(u32le(body.length + 4), body)
}

function encodeValue(value: Value): readonly [number, Uint8Array] {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return value === 1 || value === 0 ? [0x01, bytes] : [0x10, bytesOf(u32le(value))]
  }
  if (typeof value === 'boolean') return [0x08, Uint8Array.of(value ? 1 : 0)]
  if (typeof value === 'string') return [0x02, bytesOf(u32le(value.length + 1), value, 0)]
  return [Array.isArray(value) ? 0x04 : 0x03, encode(value)]
}
