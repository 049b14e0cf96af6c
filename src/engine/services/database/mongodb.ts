import type { Facts } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import type { Service, Sighting } from '../../service.ts'
import { bsonOf, parseBson, type BsonObject, type BsonValue } from './bson.ts'
import { bytesOf, clean, parse, u32le } from '../wire/byte-reader.ts'
import { cpeOf } from '../product.ts'

/**
 * MongoDB. Asks isMaster, buildInfo, and listDatabases without a login. Facts: see FACTS.md.
 * Reproduce: `mongosh --host HOST --eval 'db.adminCommand({listDatabases: 1})'`. Source: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
export const mongodb: Service = {
  name: 'mongodb',
  ports: [27017, 27018, 27019],
  guess: 70,
  async look({ open }) {
    const connection = await open()
    // The first question goes in the old form, which servers of every age answer.
    const hello = await ask(connection, 1, queryMessage(1, { isMaster: 1 }))
    if (failed(hello) || !('ismaster' in hello || 'isWritablePrimary' in hello || 'maxWireVersion' in hello)) return null
    const wire = typeof hello.maxWireVersion === 'number' ? hello.maxWireVersion : 0
    const command = (id: number, fields: Readonly<Record<string, number | boolean | string>>): Uint8Array => (wire >= 6 ? commandMessage(id, fields) : queryMessage(id, fields))
    const facts: Record<string, Facts[string]> = { maxWireVersion: wire, role: roleOf(hello) }
    if (typeof hello.setName === 'string') facts.setName = clean(hello.setName, 80)
    const build = await ask(connection, 2, command(2, { buildInfo: 1 }))
    if (failed(build)) return cut({ product: 'MongoDB', cpe: cpeOf('mongodb:mongodb'), facts }, connection, build)
    const base = { ...nameOf(build), facts }
    Object.assign(facts, buildFacts(build))
    const list = await ask(connection, 3, command(3, { listDatabases: 1, nameOnly: true }))
    if (failed(list)) return cut(base, connection, list)
    facts.auth = verdictOf(list)
    if (list.ok === 1) facts.databases = namesOf(list.databases)
    return { ...base, evidence: connection.evidence(list.ok === 1 ? 'databases listed without a login' : undefined) }
  },
}

function cut(base: Sighting, connection: Connection, failure: Failure): Sighting {
  return { ...base, evidence: connection.evidence(), incomplete: { code: failure.failed, text: failure.text } }
}

/** 13 is Unauthorized; a secondary answers 13435 and such, which says nothing of logins. */
function verdictOf(list: BsonObject): boolean | null {
  if (list.ok === 1) return false
  return list.code === 13 || /requires authentication|not authorized|unauthorized/i.test(typeof list.errmsg === 'string' ? list.errmsg : '') ? true : null
}

function roleOf(hello: BsonObject): string {
  if (hello.msg === 'isdbgrid') return 'mongos'
  if (typeof hello.setName !== 'string') return 'standalone'
  return hello.ismaster === true || hello.isWritablePrimary === true ? 'primary' : 'secondary'
}

function nameOf(build: BsonObject): Readonly<{ product: string; version?: string; cpe?: string }> {
  const version = typeof build.version === 'string' ? /^\d[\w.-]{0,40}/.exec(build.version)?.[0] : undefined
  const ferret = 'ferretdb' in build || 'ferretdbVersion' in build
  return {
    product: ferret ? 'FerretDB' : 'MongoDB',
    ...(version === undefined || ferret ? {} : { version }),
    ...(ferret ? {} : { cpe: cpeOf('mongodb:mongodb', version) }),
  }
}

function buildFacts(build: BsonObject): Facts {
  const openssl = isDocument(build.openssl) ? build.openssl.running : undefined
  return {
    ...(typeof build.gitVersion === 'string' ? { gitVersion: clean(build.gitVersion, 64) } : {}),
    ...(typeof openssl === 'string' ? { openssl: clean(openssl, 80) } : {}),
  }
}

function namesOf(databases: BsonValue | undefined): readonly string[] {
  if (!Array.isArray(databases)) return []
  return (databases as readonly BsonValue[]).slice(0, 50).map((one) => (isDocument(one) && typeof one.name === 'string' ? clean(one.name, 80) : '')).filter((name) => name !== '')
}

function isDocument(value: BsonValue | undefined): value is BsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function ask(connection: Connection, id: number, message: Uint8Array): Promise<BsonObject | Failure> {
  connection.write(message)
  const answer = await connection.read({ until: messageEnd, most: 262_144 })
  if (failed(answer)) return answer
  return parseAnswer(answer.bytes, id) ?? { failed: 'protocol', text: 'not a MongoDB answer' }
}

const opReply = 1
const opQuery = 2004
const opMessage = 2013

function wrap(id: number, code: number, ...body: readonly (Uint8Array | readonly number[] | string | number)[]): Uint8Array {
  const content = bytesOf(...body)
  return bytesOf(u32le(content.length + 16), u32le(id), u32le(0), u32le(code), content)
}

function queryMessage(id: number, command: Readonly<Record<string, number | boolean | string>>): Uint8Array {
  return wrap(id, opQuery, u32le(0), 'admin.$cmd', 0, u32le(0), u32le(0xffffffff), bsonOf(command))
}

function commandMessage(id: number, command: Readonly<Record<string, number | boolean | string>>): Uint8Array {
  return wrap(id, opMessage, u32le(0), 0, bsonOf({ ...command, $db: 'admin' }))
}

export function messageEnd(received: Uint8Array): number | null {
  if (received.length < 16) return null
  const length = (received[0]! | (received[1]! << 8) | (received[2]! << 16) | (received[3]! << 24)) >>> 0
  if (length < 16 || length > 48_000_000) return received.length
  return received.length >= length ? length : null
}

/** The document of an OP_REPLY or OP_MSG that answers `id`. */
export function parseAnswer(bytes: Uint8Array, id: number): BsonObject | null {
  const document = parse(bytes, (reader) => {
    const length = reader.u32le()
    reader.skip(4)
    const answers = reader.u32le()
    const code = reader.u32le()
    if (length !== bytes.length || answers !== id) return null
    if (code === opReply) reader.skip(4 + 8 + 4 + 4)
    else if (code === opMessage) {
      reader.skip(4)
      if (reader.u8() !== 0) return null
    } else return null
    const size = reader.left < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + reader.at, 4).getUint32(0, true)
    return size < 5 || size > reader.left ? null : reader.take(size)
  })
  return document === null ? null : parseBson(document)
}
