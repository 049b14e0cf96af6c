import { ber, berInteger, berOid, elementsOf, integerOf, oidOf, readBer, readTagged, tags } from '../../services/wire/ber.ts'
import { byteReader, malformed, parse } from '../../services/wire/byte-reader.ts'

/** Messages of SNMP v2c and v3 as a login needs them: GET and GETBULK, their answers, and the reports of agents. Source: RFC 3416, 3412, 3414. */
export type Question = Readonly<{ kind: 'get'; oids: readonly string[] }> | Readonly<{ kind: 'bulk'; oid: string; rows: number }>
export type Value = string | number | Buffer | null
/** `null` for what is not there, and for the end of all there is. */
export type Binding = Readonly<{ oid: string; value: Value }>
export type Said = Readonly<{ kind: 'response' | 'report'; id: number; error: number; bindings: readonly Binding[] }>

const pdus = Object.freeze({ get: 0xa0, response: 0xa2, bulk: 0xa5, report: 0xa8 })
const mostBindings = 128
export const mostText = 1024

export function pduOf(question: Question, id: number): Uint8Array {
  if (question.kind === 'get') return ber(pdus.get, berInteger(id), berInteger(0), berInteger(0), ber(tags.sequence, ...question.oids.map((oid) => ber(tags.sequence, berOid(oid), ber(tags.none)))))
  return ber(pdus.bulk, berInteger(id), berInteger(0), berInteger(question.rows), ber(tags.sequence, ber(tags.sequence, berOid(question.oid), ber(tags.none))))
}

/** Rejects under `parse`. */
function readPdu(tag: number, bytes: Uint8Array): Said {
  if (tag !== pdus.response && tag !== pdus.report) return malformed('no answer')
  const body = byteReader(bytes)
  const id = integerOf(readTagged(body, tags.integer))
  const error = integerOf(readTagged(body, tags.integer))
  readTagged(body, tags.integer)
  const bindings = elementsOf(readTagged(body, tags.sequence), mostBindings).map(({ body: pair }): Binding => {
    const reader = byteReader(pair)
    const oid = oidOf(readTagged(reader, tags.oid))
    return { oid, value: valueOf(readBer(reader)) }
  })
  return { kind: tag === pdus.response ? 'response' : 'report', id, error, bindings }
}

/** Counters of 64 bits and floats are of no use here and stand as null. */
function valueOf({ tag, body }: Readonly<{ tag: number; body: Uint8Array }>): Value {
  if (tag === tags.octets || tag === 0x40) return Buffer.from(body.subarray(0, mostText))
  if (tag === tags.oid) return oidOf(body)
  return tag === tags.integer || tag === 0x41 || tag === 0x42 || tag === 0x43 ? integerOf(body) : null
}

export function plainMessage(community: string, pdu: Uint8Array): Uint8Array {
  return ber(tags.sequence, berInteger(1), ber(tags.octets, Buffer.from(community)), pdu)
}

export function readPlain(bytes: Uint8Array): Said | null {
  return parse(bytes, (reader) => {
    const message = byteReader(readTagged(reader, tags.sequence))
    if (integerOf(readTagged(message, tags.integer)) !== 1) malformed('version')
    readTagged(message, tags.octets)
    const { tag, body } = readBer(message)
    return readPdu(tag, body)
  })
}

export type Header = Readonly<{ id: number; engine: Uint8Array; boots: number; time: number; user: string; signed: number; sealed: boolean; salt: Uint8Array }>

/** The whole message with zeros where the digest goes, and where that is. `scoped`: the scoped PDU, or its ciphertext. */
export function secureMessage(head: Header, scoped: Uint8Array): Readonly<{ bytes: Uint8Array; digestAt: number }> {
  const flags = 4 | (head.signed > 0 ? 1 : 0) | (head.sealed ? 2 : 0)
  const global = ber(tags.sequence, berInteger(head.id), berInteger(65_507), ber(tags.octets, Uint8Array.of(flags)), berInteger(3))
  const salt = ber(tags.octets, head.salt)
  const security = ber(tags.octets, ber(tags.sequence, ber(tags.octets, head.engine), berInteger(head.boots), berInteger(head.time), ber(tags.octets, Buffer.from(head.user)), ber(tags.octets, new Uint8Array(head.signed)), salt))
  const body = head.sealed ? ber(tags.octets, scoped) : scoped
  const bytes = ber(tags.sequence, berInteger(3), global, security, body)
  return { bytes, digestAt: bytes.length - body.length - salt.length - head.signed }
}

export function scopedPdu(engine: Uint8Array, pdu: Uint8Array): Uint8Array {
  return ber(tags.sequence, ber(tags.octets, engine), ber(tags.octets), pdu)
}

/** `body`: the scoped PDU, or its ciphertext where `isSealed`. `digestAt`: where the digest stands in the message, or -1. */
export type Secure = Readonly<{ id: number; isSigned: boolean; isSealed: boolean; engine: Buffer; boots: number; time: number; user: string; digestAt: number; salt: Buffer; body: Buffer }>

export function readSecure(bytes: Uint8Array): Secure | null {
  return parse(bytes, (reader) => {
    const message = byteReader(readTagged(reader, tags.sequence))
    if (integerOf(readTagged(message, tags.integer)) !== 3) malformed('version')
    const global = byteReader(readTagged(message, tags.sequence))
    const id = integerOf(readTagged(global, tags.integer))
    readTagged(global, tags.integer)
    const flags = readTagged(global, tags.octets)[0] ?? 0
    const security = byteReader(readTagged(byteReader(readTagged(message, tags.octets)), tags.sequence))
    const engine = Buffer.from(readTagged(security, tags.octets))
    if (engine.length < 5 || engine.length > 32) malformed('engine')
    const [boots, time] = [integerOf(readTagged(security, tags.integer)), integerOf(readTagged(security, tags.integer))]
    const user = Buffer.from(readTagged(security, tags.octets)).toString('utf8')
    const digest = readTagged(security, tags.octets)
    const salt = Buffer.from(readTagged(security, tags.octets))
    const body = readBer(message)
    const isSealed = (flags & 2) !== 0
    if (body.tag !== (isSealed ? tags.octets : tags.sequence) || boots < 0 || time < 0) malformed('body')
    return {
      id, isSigned: (flags & 1) !== 0, isSealed, engine, boots, time, user, digestAt: digest.length === 0 ? -1 : digest.byteOffset - bytes.byteOffset, salt,
      body: Buffer.from(isSealed ? body.body : ber(tags.sequence, body.body)),
    }
  })
}

export function readScoped(bytes: Uint8Array): Said | null {
  return parse(bytes, (reader) => {
    const scoped = byteReader(readTagged(reader, tags.sequence))
    readTagged(scoped, tags.octets)
    readTagged(scoped, tags.octets)
    const { tag, body } = readBer(scoped)
    return readPdu(tag, body)
  })
}
