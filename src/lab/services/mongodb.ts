import type { Socket } from 'node:net'
import { onBytes, type LabService } from '../service.ts'

type Bson = { readonly [name: string]: string | number | boolean | Bson | readonly Bson[] }

const hello: Bson = {
  ismaster: true,
  maxBsonObjectSize: 16777216,
  maxMessageSizeBytes: 48000000,
  maxWireVersion: 13,
  minWireVersion: 0,
  ok: 1,
}

/** Answers hello, buildInfo and listDatabases over OP_QUERY and OP_MSG. It holds nothing. */
export const mongodb: LabService = {
  name: 'MongoDB',
  wrong: 'lists its databases without a login; gives away memory (MongoBleed); out of support',
  better: 'asks for a login, current release',
  expects: [40121, 60403, 70205],
  weak: [{ kind: 'tcp', port: 27017, talk: (socket) => serve(socket, '5.0.9', true) }],
  twin: [{ kind: 'tcp', port: 27017, talk: (socket) => serve(socket, '8.0.17', false) }],
}

function answerTo(command: string, version: string, open: boolean): Bson {
  const word = command.toLowerCase()
  if (word === 'hello' || word === 'ismaster') return hello
  if (word === 'buildinfo') return { version, gitVersion: 'practice range', ok: 1 }
  if (word === 'listdatabases' && open) return { databases: [{ name: 'admin' }, { name: 'shop' }], ok: 1 }
  return { ok: 0, errmsg: `command ${word.slice(0, 40)} requires authentication`, code: 13, codeName: 'Unauthorized' }
}

function serve(socket: Socket, version: string, open: boolean): void {
  onBytes(socket, (bytes) => {
    if (bytes.length < 16) return 0
    const length = bytes.readInt32LE(0)
    if (length < 21 || length > 65_536) {
      socket.destroy()
      return bytes.length
    }
    if (bytes.length < length) return 0
    const message = bytes.subarray(0, length)
    const request = message.readInt32LE(4)
    const code = message.readInt32LE(12)
    // OP_QUERY: flags, collection name, skip, count, document. OP_MSG: flags, section kind, document.
    const start = code === 2004 ? message.indexOf(0, 20) + 9 : 21
    const document = answerTo(firstName(message.subarray(start)), version, open)
    const body = encode(document)
    if (code === 2004) {
      const head = Buffer.alloc(20)
      head.writeInt32LE(1, 16)
      socket.write(wrap(request, 1, Buffer.concat([head, body])))
    } else socket.write(wrap(request, 2013, Buffer.concat([Buffer.alloc(5), body])))
    return length
  })
}

function wrap(request: number, code: number, body: Buffer): Buffer {
  const head = Buffer.alloc(16)
  head.writeInt32LE(16 + body.length)
  head.writeInt32LE(request, 8)
  head.writeInt32LE(code, 12)
  return Buffer.concat([head, body])
}

/** Name of the first element of a BSON document: the command. */
function firstName(document: Buffer): string {
  const end = document.indexOf(0, 5)
  return end < 0 ? '' : document.toString('latin1', 5, Math.min(end, 69))
}

function encode(document: Bson): Buffer {
  const elements = Object.entries(document).map(([name, value]) => {
    const [type, bytes] = encodeValue(value)
    return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), bytes])
  })
  const length = Buffer.alloc(4)
  const body = Buffer.concat([...elements, Buffer.of(0)])
  length.writeInt32LE(body.length + 4)
  return Buffer.concat([length, body])
}

function encodeValue(value: Bson[string]): readonly [number, Buffer] {
  if (typeof value === 'boolean') return [8, Buffer.of(value ? 1 : 0)]
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return [1, bytes]
  }
  if (typeof value === 'string') {
    const length = Buffer.alloc(4)
    length.writeInt32LE(Buffer.byteLength(value) + 1)
    return [2, Buffer.concat([length, Buffer.from(`${value}\0`)])]
  }
  return Array.isArray(value)
    ? [4, encode(Object.fromEntries(value.map((one: Bson, index) => [String(index), one])))]
    : [3, encode(value as Bson)]
}
