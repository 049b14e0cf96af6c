import { randomBytes } from 'node:crypto'
import { Unseen } from '../../probe.ts'
import type { UdpService, UdpTarget } from '../../service.ts'
import { bytesOf, malformed, parse, u16, u32 } from '../wire/byte-reader.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * IPsec's key exchange: the first message of version 2 and of version 1 (main mode, which shows no identity and no hash), each once. Nobody's identity is sent and nothing is agreed on.
 * Facts: see FACTS.md. Reproduce: `ike-scan --ikev2 HOST`, `ike-scan HOST`. Source: RFC 7296, RFC 2408, RFC 2409.
 */
export const ike: UdpService = {
  name: 'ike',
  ports: [500],
  async look(target) {
    const said = await Promise.all([say(target, 2), say(target, 1)])
    const heard = said.filter((one) => one !== null)
    // Neither answered: the silence of the last one.
    if (heard.length === 0) throw new Unseen('silent', 'no answer to either version')
    const known = heard.filter(({ answer }) => answer !== null)
    if (known.length === 0) return null
    return {
      facts: { versions: known.map(({ version }) => `${version}.0`), accepts: known.filter(({ answer }) => answer!.accepted).map(({ version }) => `${version}.0`), notify: known.flatMap(({ answer }) => answer!.notify ?? []) },
      evidence: joinEvidence(...known.map(({ evidence }) => evidence)),
    }
  },
}

async function say({ ask }: UdpTarget, version: 1 | 2) {
  const initiator = randomBytes(8)
  try {
    const { answers, evidence } = await ask([version === 2 ? ikeInit(initiator) : ikeMainMode(initiator)])
    return { version, answer: readIke(answers[0]!, initiator), evidence }
  } catch (error) {
    if (error instanceof Unseen && error.code === 'silent') return null
    throw error
  }
}

const header = (initiator: Uint8Array, next: number, version: number, exchange: number, flags: number, body: Uint8Array): Uint8Array =>
  bytesOf(initiator, new Uint8Array(8), next, version, exchange, flags, u32(0), u32(28 + body.length), body)

const payload = (next: number, body: Uint8Array): Uint8Array => bytesOf(next, 0, u16(4 + body.length), body)

/** AES-CBC-256, HMAC-SHA-256, group 14: what a server of today takes. */
export function ikeInit(initiator: Uint8Array): Uint8Array {
  const transforms = [bytesOf(3, 0, u16(12), 1, 0, u16(12), u16(0x800e), u16(256)), bytesOf(3, 0, u16(8), 2, 0, u16(5)), bytesOf(3, 0, u16(8), 3, 0, u16(12)), bytesOf(0, 0, u16(8), 4, 0, u16(14))]
  const proposal = bytesOf(0, 0, u16(8 + 12 + 8 * 3), 1, 1, 0, 4, ...transforms)
  return header(initiator, 33, 0x20, 34, 0x08, bytesOf(payload(34, proposal), payload(40, bytesOf(u16(14), u16(0), randomBytes(256))), payload(0, randomBytes(32))))
}

/** AES-256, SHA-1, a shared key, group 14; then 3DES, SHA-1, group 2. */
export function ikeMainMode(initiator: Uint8Array): Uint8Array {
  const attribute = (type: number, value: number) => bytesOf(u16(0x8000 | type), u16(value))
  const transform = (next: number, number: number, ...attributes: Uint8Array[]): Uint8Array => {
    const body = bytesOf(number, 1, 0, 0, ...attributes, attribute(11, 1), attribute(12, 28_800))
    return bytesOf(next, 0, u16(4 + body.length), body)
  }
  const transforms = bytesOf(
    transform(3, 1, attribute(1, 7), attribute(14, 256), attribute(2, 2), attribute(3, 1), attribute(4, 14)),
    transform(0, 2, attribute(1, 5), attribute(2, 2), attribute(3, 1), attribute(4, 2)),
  )
  const proposal = bytesOf(0, 0, u16(8 + transforms.length), 1, 1, 0, 2, transforms)
  return header(initiator, 1, 0x10, 2, 0, payload(0, bytesOf(u32(1), u32(1), proposal)))
}

/** `accepted`: it chose of what was proposed; `notify`: what it said instead (14 no proposal chosen, 17 another group, 16390 a cookie first). */
export function readIke(bytes: Uint8Array, initiator: Uint8Array): Readonly<{ accepted: boolean; notify: number | null }> | null {
  return parse(bytes, (reader) => {
    if (Buffer.compare(reader.take(8), initiator) !== 0) malformed()
    const isUntouched = reader.take(8).every((byte) => byte === 0)
    const [next, major] = [reader.u8(), reader.u8() >> 4]
    reader.skip(1)
    const isResponse = major === 2 ? (reader.u8() & 0x20) !== 0 : major === 1 && (reader.u8() & 0x20) === 0 && (!isUntouched || next === 11)
    // Our own message come back is none.
    if (!isResponse || next === 0) malformed()
    reader.skip(4)
    if (reader.u32() !== bytes.length) malformed()
    if (next === 33 || next === 1) return { accepted: true, notify: null }
    if (next !== 41 && next !== 11) return { accepted: false, notify: null }
    // Of version 1 a domain of interpretation stands before the rest.
    reader.skip(4 + (next === 11 ? 4 : 0) + 2)
    return { accepted: false, notify: reader.u16() }
  })
}
