import type { Certificate, Shapes } from '#core/observation.ts'
import type { Exchange, Proof } from '#core/proof.ts'
import { certificateOf } from './certificate.ts'
import { groupName } from './groups.ts'
import { wireVersion } from './hello.ts'
import { readFlight, type ServerFlight } from './record.ts'
import { signatureName } from './signatures.ts'
import { readSslv2 } from './sslv2.ts'
import { factsOf, suiteName, weakClasses } from './suites.ts'

/**
 * What the conversations of a proof say by themselves, as an observation would have it: a whole look makes a hundred, so that it cannot be repeated over the few that are kept. Each fact is read
 * from bytes that show it; what they do not show is left out or null, never no: nothing can be concluded from what is lacking. `name`: what the server was called.
 */
export function retell({ exchanges, control }: Pick<Proof, 'exchanges' | 'control'>, name: string | undefined): Shapes['tls'] {
  const old = exchanges.map((one) => readSslv2(received(one))).find((answer) => answer !== null) ?? null
  const told = [...exchanges, ...control].flatMap(tellingOf)
  const taken = told.filter(isTaken)
  const versions = (Object.keys(wireVersion) as (keyof typeof wireVersion)[]).toReversed().filter((version) => taken.some(({ flight }) => flight.hello!.version === wireVersion[version]))
  const suitesOf = (wire: number): readonly string[] => [...new Set(taken.filter(({ flight }) => flight.hello!.version === wire).map(({ flight }) => suiteName(flight.hello!.suite)))]
  const numbers = [...new Set(taken.map(({ flight }) => flight.hello!.suite))]
  const below13 = taken.filter(({ flight: { hello } }) => hello!.version > wireVersion['SSLv3'] && hello!.version < wireVersion['TLSv1.3'])
  const strong = taken.find(({ flight }) => flight.dhBits !== null && !factsOf(flight.hello!.suite)?.weak.includes('EXPORT')) ?? taken.find(({ flight }) => flight.dhBits !== null)
  const [certificate = null, ...certificates] = certificatesOf(told, name)
  const fallback = told.filter(({ hello }) => hello.suites.includes(0x5600))
  return {
    accepted: [...versions, ...(old === null ? [] : ['SSLv2'])],
    refused: (Object.keys(wireVersion) as (keyof typeof wireVersion)[]).filter((version) => !versions.includes(version) && told.some(({ hello, flight }) => hello.version === wireVersion[version] && flight.alert === protocolVersion)),
    suites: [...numbers.map(suiteName), ...(old?.suites ?? [])],
    weak: weakClasses.filter((one) => numbers.some((number) => factsOf(number)?.weak.includes(one))),
    forwardSecrecy: numbers.some((number) => factsOf(number)?.forwardSecret === true && factsOf(number)!.weak.length === 0) ? true : null,
    dhBits: strong?.flight.dhBits ?? null,
    starttls: null,
    certificate,
    offers: [...versions.map((version) => ({ version: version as string, suites: suitesOf(wireVersion[version]), order: null })), ...(old === null ? [] : [{ version: 'SSLv2', suites: old.suites, order: null }])],
    groups: [...new Set(taken.flatMap(({ flight }) => [flight.curve, flight.hello!.group]).filter((group) => group !== null))].map(groupName),
    signatures: [...new Set(taken.flatMap(({ flight }) => (flight.signature === null ? [] : [flight.signature])))].map(signatureName),
    compression: taken.some(({ flight }) => flight.hello!.compression !== 0) ? true : null,
    secureRenegotiation: below13.length === 0 ? null : below13.some(({ flight }) => flight.hello!.extensions.has(0xff01)),
    fallbackGuard: fallback.some(isTaken) ? false : fallback.some(({ flight }) => flight.alert === inappropriateFallback) ? true : null,
    intolerant: [...new Set(told.filter((one) => !isTaken(one)).flatMap(({ hello }) => hello.strange))],
    flaws: [...(exchanges.some(isBleeding) ? ['heartbleed'] : []), ...(exchanges.some(isTicketBleeding) ? ['ticketbleed'] : []), ...(old === null ? [] : ['drown'])],
    ...(certificates.length === 0 ? {} : { certificates }),
  }
}

const protocolVersion = 70
const inappropriateFallback = 86
/** Bytes of talk in the clear before TLS that are searched for its beginning. */
const longestPrologue = 8192

type Hello = Readonly<{ version: number; suites: readonly number[]; session: Uint8Array; strange: readonly string[] }>
type Telling = Readonly<{ hello: Hello; flight: ServerFlight; at: number }>

function isTaken({ hello, flight }: Telling): boolean {
  return flight.hello !== null && hello.suites.includes(flight.hello.suite)
}

function received(exchange: Exchange): Buffer {
  return Buffer.from(exchange.received, 'base64')
}

function tellingOf(exchange: Exchange): readonly Telling[] {
  if (exchange.over !== 'tcp') return []
  const sent = Buffer.from(exchange.sent, 'base64')
  const from = begins(sent, (at) => sent[at] === 22 && sent[at + 5] === 1 && at + 5 + sent.readUInt16BE(at + 3) <= sent.length)
  const hello = from < 0 ? null : readClientHello(sent.subarray(from + 5))
  if (hello === null) return []
  const answer = received(exchange)
  // Before STARTTLS the service speaks in the clear.
  const start = from === 0 ? 0 : begins(answer, (at) => (answer[at] === 22 && answer[at + 5] === 2) || (answer[at] === 21 && answer.readUInt16BE(at + 3) === 2))
  return start < 0 ? [] : [{ hello, flight: readFlight(answer.subarray(start)), at: exchange.at }]
}

function begins(bytes: Buffer, isThere: (at: number) => boolean): number {
  for (let at = 0; at + 7 <= bytes.length && at < longestPrologue; at++) if (bytes[at + 1] === 3 && bytes[at + 2]! <= 4 && isThere(at)) return at
  return -1
}

/** A hello of ours: version, suites, and what of it no server knows. */
function readClientHello(message: Buffer): Hello | null {
  try {
    const session = message.subarray(39, 39 + message[38]!)
    let at = 39 + session.length
    const suites = Array.from({ length: message.readUInt16BE(at) / 2 }, (_, index) => message.readUInt16BE(at + 2 + index * 2))
    at += 2 + suites.length * 2
    at += 1 + message[at]!
    const types = new Map<number, Buffer>()
    for (let next = at + 2; next + 4 <= message.length; next += 4 + message.readUInt16BE(next + 2)) types.set(message.readUInt16BE(next), message.subarray(next + 4, next + 4 + message.readUInt16BE(next + 2)))
    const wire = message.readUInt16BE(4)
    const strange = [...(wire > 0x0304 ? ['version'] : []), ...(suites.includes(0x1a1a) ? ['suite'] : []), ...(types.has(0x2a2a) ? ['extension'] : []), ...((types.get(21)?.length ?? 0) > 500 ? ['long'] : [])]
    return { version: types.get(43)?.includes(Buffer.from([3, 4])) === true ? wireVersion['TLSv1.3'] : wire, suites, session, strange }
  } catch {
    // A hello that was cut.
    return null
  }
}

function certificatesOf(told: readonly Telling[], name: string | undefined): readonly Certificate[] {
  const found = new Map<string, Certificate>()
  for (const { flight, at } of told) {
    if (flight.certificates.length === 0) continue
    const one = certificateOf({ certificates: flight.certificates, sent: flight.certificates, trust: 'unknown' }, name, at)
    if (one !== null && !found.has(one.sha256)) found.set(one.sha256, one)
  }
  return [...found.values()]
}

/** A heartbeat that brings nothing (three bytes), and the head of a record that answers it. */
function isBleeding(exchange: Exchange): boolean {
  const sent = Buffer.from(exchange.sent, 'base64')
  const asked = sent.length >= 8 && sent[sent.length - 8] === 24 && sent.readUInt16BE(sent.length - 5) === 3
  return asked && received(exchange).at(-5) === 24
}

/** Our own id of 31 bytes, said to have 32. */
function isTicketBleeding(exchange: Exchange): boolean {
  const sent = Buffer.from(exchange.sent, 'base64')
  const from = begins(sent, (at) => sent[at] === 22 && sent[at + 5] === 1)
  const session = from < 0 ? undefined : readClientHello(sent.subarray(from + 5))?.session
  const answer = received(exchange)
  return session?.length === 31 && answer.at(-32) === 32 && Buffer.compare(answer.subarray(-31), session) === 0
}
