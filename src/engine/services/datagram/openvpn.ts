import { randomBytes } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { bytesOf, malformed, parse, u32 } from '../wire/byte-reader.ts'

/**
 * OpenVPN: the first packet of a handshake. Who answers it demands no key before it talks to a stranger (neither `tls-auth` nor `tls-crypt`); who does keeps silent.
 * Facts: see FACTS.md. Reproduce: `openvpn --client --dev null --remote HOST`. Source: OpenVPN's protocol.h and doc/protocol.
 */
export const openvpn: UdpService = {
  name: 'openvpn',
  ports: [1194],
  async look({ ask }) {
    const session = randomBytes(8)
    // P_CONTROL_HARD_RESET_CLIENT_V2, nothing acknowledged, packet 0.
    const { answers, evidence } = await ask([bytesOf(7 << 3, session, 0, u32(0))])
    return isOpenvpn(answers[0]!, session) ? { facts: { answersStrangers: true }, evidence } : null
  },
}

/** P_CONTROL_HARD_RESET_SERVER_V2 that acknowledges our session. */
export function isOpenvpn(bytes: Uint8Array, session: Uint8Array): boolean {
  return parse(bytes, (reader) => {
    if (reader.u8() >> 3 !== 8) malformed()
    reader.skip(8)
    reader.skip(4 * reader.u8())
    return Buffer.compare(reader.take(8), session) === 0
  }) ?? false
}
