import { textOf } from '../../net/transcript.ts'
import { ber, berInteger, berOid, elementsOf, integerOf, oidOf, readBer, readTagged, tags } from '../wire/ber.ts'
import { byteReader, clean, malformed, parse } from '../wire/byte-reader.ts'

/** SNMP messages (RFC 1157, 3416, 3412, 3414): a GET for v1 / v2c, and the engine discovery of v3. */
export const versions = Object.freeze({ v1: 0, v2c: 1, v3: 3 })
const pdu = Object.freeze({ get: 0xa0, response: 0xa2, report: 0xa8 })

export function snmpGet(version: number, community: string, id: number, oids: readonly string[]): Uint8Array {
  const bindings = oids.map((oid) => ber(tags.sequence, berOid(oid), ber(tags.none)))
  const body = ber(pdu.get, berInteger(id), berInteger(0), berInteger(0), ber(tags.sequence, ...bindings))
  return ber(tags.sequence, berInteger(version), ber(tags.octets, community), body)
}

/** An unauthenticated, reportable request of an unknown engine: any v3 agent must answer with a report that names itself. */
export function snmpDiscovery(id: number): Uint8Array {
  const global = ber(tags.sequence, berInteger(id), berInteger(65_507), ber(tags.octets, Uint8Array.of(4)), berInteger(3))
  const security = ber(
    tags.sequence,
    ber(tags.octets),
    berInteger(0),
    berInteger(0),
    ber(tags.octets),
    ber(tags.octets),
    ber(tags.octets),
  )
  const body = ber(pdu.get, berInteger(id), berInteger(0), berInteger(0), ber(tags.sequence))
  return ber(
    tags.sequence,
    berInteger(versions.v3),
    global,
    ber(tags.octets, security),
    ber(tags.sequence, ber(tags.octets), ber(tags.octets), body),
  )
}

export type SnmpAnswer =
  | Readonly<{ version: 0 | 1; id: number; community: string; error: number; values: ReadonlyMap<string, string | number> }>
  | Readonly<{ version: 3; id: number; engineId: string; engineBoots: number; engineTime: number }>

/** Reads a response (v1, v2c) or any v3 message that names its engine; null when it is neither. */
export function readSnmp(bytes: Uint8Array): SnmpAnswer | null {
  return parse(bytes, (reader) => {
    const message = byteReader(readTagged(reader, tags.sequence))
    const version = integerOf(readTagged(message, tags.integer))
    if (version === versions.v3) {
      const global = byteReader(readTagged(message, tags.sequence))
      const id = integerOf(readTagged(global, tags.integer))
      const security = byteReader(readTagged(byteReader(readTagged(message, tags.octets)), tags.sequence))
      const engineId = Buffer.from(readTagged(security, tags.octets).subarray(0, 32)).toString('hex')
      // Every engine has a name; without one it is a question, as ours was.
      if (engineId === '') malformed('engine')
      return {
        version: 3,
        id,
        engineId,
        engineBoots: integerOf(readTagged(security, tags.integer)),
        engineTime: integerOf(readTagged(security, tags.integer)),
      }
    }
    if (version !== versions.v1 && version !== versions.v2c) return malformed('version')
    const community = clean(textOf(readTagged(message, tags.octets)), 64)
    const body = byteReader(readTagged(message, pdu.response))
    const id = integerOf(readTagged(body, tags.integer))
    const error = integerOf(readTagged(body, tags.integer))
    readTagged(body, tags.integer)
    const values = new Map<string, string | number>()
    for (const binding of elementsOf(readTagged(body, tags.sequence), 32)) {
      const pair = byteReader(binding.body)
      const oid = oidOf(readTagged(pair, tags.oid))
      const value = readBer(pair)
      if (value.tag === tags.octets) values.set(oid, clean(textOf(value.body), 1024))
      else if (value.tag === tags.oid) values.set(oid, oidOf(value.body))
      else if (value.tag === tags.integer || value.tag === 0x43) values.set(oid, integerOf(value.body))
    }
    return { version, id, community, error, values }
  })
}

/** Enterprise number (IANA) inside an engine id of RFC 3411's form, or null. */
export function enterpriseOf(engineId: string): number | null {
  if (engineId.length < 10) return null
  return Number.parseInt(engineId.slice(0, 8), 16) & 0x7fffffff
}
