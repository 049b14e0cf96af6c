import { textOf } from '../../net/transcript.ts'
import { ber, berInteger, elementsOf, integerOf, readBer, readTagged, tags } from '../wire/ber.ts'
import { byteReader, clean, malformed, parse } from '../wire/byte-reader.ts'

/** LDAP messages (RFC 4511): bind, search and StartTLS out, results in. */
export const startTlsOid = '1.3.6.1.4.1.1466.20037'
export const results = Object.freeze({
  success: 0,
  operationsError: 1,
  protocolError: 2,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  adminLimitExceeded: 11,
  confidentialityRequired: 13,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccess: 50,
  unwilling: 53,
})

const message = (id: number, ...body: readonly Uint8Array[]): Uint8Array => ber(tags.sequence, berInteger(id), ...body)

/** Simple bind; empty name and password are the anonymous bind. */
export function ldapBind(id: number, name = '', password = ''): Uint8Array {
  return message(id, ber(0x60, berInteger(3), ber(tags.octets, Buffer.from(name)), ber(0x80, Buffer.from(password))))
}

/** `scope` 0 the entry itself, 1 its children, 2 the tree. `objectClass` present is the filter; at most `most` entries. */
export function ldapSearch(id: number, base: string, scope: 0 | 1 | 2, attributes: readonly string[], most = 0): Uint8Array {
  return message(
    id,
    ber(
      0x63,
      ber(tags.octets, Buffer.from(base)),
      berInteger(scope, tags.enumerated),
      berInteger(0, tags.enumerated),
      berInteger(most),
      berInteger(5),
      ber(tags.boolean, Uint8Array.of(0)),
      ber(0x87, 'objectClass'),
      ber(tags.sequence, ...attributes.map((name) => ber(tags.octets, name))),
    ),
  )
}

export function ldapStartTls(id: number): Uint8Array {
  return message(id, ber(0x77, ber(0x80, startTlsOid)))
}

export function ldapUnbind(id: number): Uint8Array {
  return message(id, Uint8Array.of(0x42, 0))
}

export type LdapMessage = Readonly<
  { id: number } & (
    | { type: 'entry'; name: string; attributes: ReadonlyMap<string, readonly string[]> }
    | { type: 'bind' | 'done' | 'extended'; result: number; text: string }
    | { type: 'other' }
  )
>

/** Reads one message; attribute names come lower-case. */
export function readLdap(bytes: Uint8Array): LdapMessage | null {
  return parse(bytes, (reader) => {
    const whole = byteReader(readTagged(reader, tags.sequence))
    const id = integerOf(readTagged(whole, tags.integer))
    const operation = readBer(whole)
    if (operation.tag === 0x64) return { id, type: 'entry', ...entryOf(operation.body) }
    const type = ({ 0x61: 'bind', 0x65: 'done', 0x78: 'extended' } as const)[operation.tag]
    if (type === undefined) return operation.tag === 0x73 ? { id, type: 'other' } : malformed('operation')
    const result = byteReader(operation.body)
    const code = integerOf(readTagged(result, tags.enumerated))
    readTagged(result, tags.octets)
    return { id, type, result: code, text: clean(utf8(readTagged(result, tags.octets))) }
  })
}

function entryOf(body: Uint8Array): { name: string; attributes: ReadonlyMap<string, readonly string[]> } {
  const reader = byteReader(body)
  const name = clean(utf8(readTagged(reader, tags.octets)))
  const attributes = new Map<string, readonly string[]>()
  for (const attribute of elementsOf(readTagged(reader, tags.sequence), 128)) {
    const pair = byteReader(attribute.body)
    const key = textOf(readTagged(pair, tags.octets)).slice(0, 64).toLowerCase()
    attributes.set(
      key,
      elementsOf(readTagged(pair, tags.set), 128).map((value) => clean(utf8(value.body))),
    )
  }
  return { name, attributes }
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
