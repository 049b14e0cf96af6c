import type { Evidence } from '#core/observation.ts'
import { failed, type Connection } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { ber, berInteger, berLength } from '../wire/ber.ts'
import { bytesOf, parse, u16, u32le } from '../wire/byte-reader.ts'
import { ntlmNegotiate, readNtlmChallenge, windowsOf, type NtlmChallenge } from '../wire/ntlm.ts'
import { cpeOf } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

const asked = Object.freeze({ rdp: 0, tls: 1, credSsp: 3 })

/**
 * Remote Desktop ([MS-RDPBCGR] 1.3.1.1). Negotiates three times, each with one kind of security on offer, and hangs up; where
 * CredSSP is
 * taken, reads the host's names and build out of the NTLM challenge, without any name of a user.
 * Facts: `protocols` (accepted, of `RDP` `TLS` `CredSSP`), `nla` (demanded), `nlaOffered`, `standardSecurity`, `starttls` (the
 * session goes on in TLS), `os`, `hostname`, `domain`,
 * `dnsHostname`, `dnsDomain`.
 * Reproduce: `nmap --script rdp-enum-encryption -p 3389 HOST` or `xfreerdp /v:HOST /sec:rdp`. Source: [MS-RDPBCGR] 2.2.1.1,
 * [MS-CSSP].
 */
export const rdp: Service = {
  name: 'rdp',
  ports: [3389],
  guess: 85,
  async look(target) {
    const first = await negotiate(target, asked.credSsp)
    if (first === null || 'code' in first) return null
    const challenge = first.answer === 'CredSSP' ? await challengeOf(first.connection) : null
    first.connection.close()
    const evidence: Evidence[] = [first.evidence]
    const protocols = new Set<string>()
    let incomplete: Sighting['incomplete']
    const looks = [first]
    for (const protocol of [asked.tls, asked.rdp]) {
      const next = await again(target, protocol)
      if ('code' in next) incomplete = next
      else {
        next.connection.close()
        looks.push(next)
        evidence.push(next.evidence)
      }
    }
    for (const { answer } of looks) if (answer !== 'refused') protocols.add(answer)
    const windows =
      windowsOf(challenge) === null
        ? {}
        : { product: 'Microsoft Terminal Services', cpe: cpeOf('microsoft:remote_desktop_services') }
    return {
      ...windows,
      facts: {
        protocols: [...protocols],
        nla: incomplete === undefined ? protocols.has('CredSSP') && !protocols.has('TLS') && !protocols.has('RDP') : null,
        nlaOffered: protocols.has('CredSSP'),
        starttls: protocols.has('CredSSP') || protocols.has('TLS'),
        standardSecurity: protocols.has('RDP') ? true : incomplete === undefined ? false : null,
        os: windowsOf(challenge),
        hostname: challenge?.computer ?? null,
        domain: challenge?.domain ?? null,
        dnsHostname: challenge?.dnsComputer ?? null,
        dnsDomain: challenge?.dnsDomain ?? null,
      },
      evidence: joinEvidence(...evidence),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

type Negotiated = Readonly<{ answer: 'RDP' | 'TLS' | 'CredSSP' | 'refused'; connection: Connection; evidence: Evidence }>
type Cut = NonNullable<Sighting['incomplete']>

async function negotiate(target: Target, protocol: number): Promise<Negotiated | Cut | null> {
  const connection = await target.open()
  connection.write(rdpRequest(protocol))
  const answer = await connection.read({ until: tpktLength, most: 4096 })
  if (failed(answer)) return { code: answer.failed, text: answer.text }
  const confirmed = readRdpAnswer(answer.bytes)
  return confirmed === null ? null : { answer: confirmed, connection, evidence: connection.evidence() }
}

async function again(target: Target, protocol: number): Promise<Negotiated | Cut> {
  try {
    return (await negotiate(target, protocol)) ?? { code: 'protocol', text: 'The server answered otherwise the second time' }
  } catch (error) {
    if (error instanceof Unseen) return { code: error.code, text: error.message }
    throw error
  }
}

/** TSRequest with an NTLM negotiate message inside TLS; whatever fails here costs only the names. */
async function challengeOf(connection: Connection): Promise<NtlmChallenge | null> {
  const upgraded = await connection.upgrade({})
  if (upgraded !== true) return null
  const token = ber(0x30, ber(0xa0, ber(4, ntlmNegotiate())))
  connection.write(ber(0x30, ber(0xa0, berInteger(6)), ber(0xa1, ber(0x30, token))))
  const answer = await connection.read({ until: berLength, most: 16_384 })
  return failed(answer) ? null : readNtlmChallenge(answer.bytes)
}

/** X.224 connection request in TPKT with an RDP negotiation request. */
export function rdpRequest(protocol: number): Uint8Array {
  const body = bytesOf(0xe0, [0, 0, 0, 0, 0], [1, 0, 8, 0], u32le(protocol))
  return bytesOf([3, 0], u16(body.length + 5), body.length, body)
}

export function tpktLength(received: Uint8Array): number | null {
  if (received.length < 4) return null
  // Not TPKT: whatever came is all that is wanted of it.
  if (received[0] !== 3) return received.length
  const length = Math.max(4, received[2]! * 256 + received[3]!)
  return received.length >= length ? length : null
}

/** The connection confirm: what the server chose; a confirm without a negotiation answer is the old RDP security. */
export function readRdpAnswer(bytes: Uint8Array): Negotiated['answer'] | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 3) return null
    reader.skip(1)
    if (reader.u16() !== bytes.length) return null
    const length = reader.u8()
    if (length !== reader.left || (reader.u8() & 0xf0) !== 0xd0) return null
    reader.skip(5)
    if (reader.left === 0) return 'RDP'
    const type = reader.u8()
    reader.skip(3)
    const value = reader.u32le()
    if (type === 3) return 'refused'
    if (type !== 2) return null
    return value === 0 ? 'RDP' : value === 1 ? 'TLS' : value === 2 || value === 8 ? 'CredSSP' : 'refused'
  })
}
