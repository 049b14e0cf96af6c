import type { Facts } from '#core/observation.ts'
import { Unseen } from '../../probe.ts'
import { triesDefaults, type UdpService, type UdpTarget } from '../../service.ts'
import { bytesOf, malformed, parse } from '../wire/byte-reader.ts'
import { joinEvidence } from '../wire/reply.ts'

/** Get Channel Authentication Capabilities of the channel it comes in by, for an administrator, with what is of version 2.0. */
const capabilities = bytesOf([0x06, 0x00, 0xff, 0x07], [0, 0, 0, 0, 0, 0, 0, 0, 0, 9], [0x20, 0x18, 0xc8, 0x81, 0x00, 0x38, 0x8e, 0x04, 0xb5])
/** Open Session with cipher suite 0: no authentication, no integrity, no confidentiality. The session that it begins is left to run out. */
const cipherZero = bytesOf(
  [0x06, 0x00, 0xff, 0x07], [0x06, 0x10], [0, 0, 0, 0, 0, 0, 0, 0], [0x20, 0x00], [0x56, 0x04, 0, 0], [0x56, 0x49, 0x47, 0x31],
  [0, 0, 0, 8, 0, 0, 0, 0], [1, 0, 0, 8, 0, 0, 0, 0], [2, 0, 0, 8, 0, 0, 0, 0],
)
const authTypes = [[0x01, 'none'], [0x02, 'MD2'], [0x04, 'MD5'], [0x10, 'password'], [0x20, 'OEM']] as const

/**
 * IPMI over RMCP. Asks what logins it takes, which everybody may, and whether it would open a session by cipher suite 0; never logs in, and asks for no user's hash.
 * Facts: `versions`, `authTypes` (of 1.5), `anonymous` (a user without name and password), `nullUsers` (users without a name), `userLevel` and `perMessage` (authenticated), `cipherZero`.
 * Reproduce: `ipmitool -I lanplus -H HOST channel authcap 14 4`, `ipmitool -I lanplus -C 0 -H HOST …`. Source: IPMI 2.0 22.13 and 13.17; CVE-2013-4782, CVE-2013-4786.
 */
export const ipmi: UdpService = {
  name: 'ipmi',
  defaults: true,
  ports: [623],
  async look(target) {
    const first = await target.ask([capabilities])
    const facts = readCapabilities(first.answers[0]!)
    if (facts === null) return null
    const { profile } = target.tools
    // A session that anybody may open is a login that products ship with.
    if (!facts.versions.includes('2.0') || !triesDefaults(profile) || profile.fragile === true) return { facts, evidence: first.evidence }
    const second = await sessionOf(target)
    if (second === null) return { facts: { ...facts, cipherZero: false }, evidence: first.evidence }
    return { facts: { ...facts, cipherZero: readOpenSession(second.answers[0]!) }, evidence: joinEvidence(first.evidence, second.evidence) }
  },
}

/** It answered before, so that silence is its answer. */
async function sessionOf(target: UdpTarget) {
  try {
    return await target.ask([cipherZero])
  } catch (error) {
    if (error instanceof Unseen && error.code === 'silent') return null
    throw error
  }
}

export function readCapabilities(bytes: Uint8Array): (Facts & { versions: readonly string[] }) | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 6) malformed()
    reader.skip(2)
    if ((reader.u8() & 0x1f) !== 7 || reader.u8() !== 0) malformed()
    reader.skip(8)
    if (reader.u8() < 15) malformed()
    reader.skip(1)
    if (reader.u8() >> 2 !== 7) malformed()
    reader.skip(3)
    if (reader.u8() !== 0x38 || reader.u8() !== 0) malformed()
    reader.skip(1)
    const [types, status, extended] = [reader.u8(), reader.u8(), reader.u8()]
    const isExtended = (types & 0x80) !== 0
    return {
      versions: [...(!isExtended || (extended & 1) !== 0 ? ['1.5'] : []), ...(isExtended && (extended & 2) !== 0 ? ['2.0'] : [])],
      authTypes: authTypes.filter(([bit]) => (types & bit) !== 0).map(([, name]) => name),
      anonymous: (status & 1) !== 0, nullUsers: (status & 2) !== 0, userLevel: (status & 8) === 0, perMessage: (status & 16) === 0,
    }
  })
}

/** Whether a session by cipher suite 0 would be opened; null: no answer that tells. */
export function readOpenSession(bytes: Uint8Array): boolean | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 6) malformed()
    reader.skip(2)
    if ((reader.u8() & 0x1f) !== 7 || reader.u8() !== 6 || (reader.u8() & 0x3f) !== 0x11) malformed()
    reader.skip(8)
    const length = reader.u16le()
    if (length < 2 || reader.u8() !== 0x56) malformed()
    return reader.u8() === 0
  })
}
