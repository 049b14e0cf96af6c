import type { UdpService } from '../../service.ts'
import { malformed, parse } from '../wire/byte-reader.ts'

/**
 * BACnet, of buildings: reads which device it is (ReadProperty of `object-identifier`), which the protocol lets anybody do.
 * Facts: see FACTS.md. Reproduce: nmap's `bacnet-info`. Source: ASHRAE 135, clauses 15.5 and 20; annex J.
 */
export const bacnet: UdpService = {
  name: 'bacnet',
  ports: [47808],
  industrial: true,
  async look({ ask }) {
    const { answers, evidence } = await ask([Uint8Array.of(0x81, 0x0a, 0x00, 0x11, 0x01, 0x04, 0x00, 0x05, 0x01, 0x0c, 0x0c, 0x02, 0x3f, 0xff, 0xff, 0x19, 0x4b)])
    const answer = readBacnet(answers[0]!)
    return answer === null ? null : { facts: { auth: answer.device === null ? null : false, device: answer.device }, evidence }
  },
}

/** `device`: its instance; null where it answered with an error. */
export function readBacnet(bytes: Uint8Array): Readonly<{ device: number | null }> | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 0x81 || reader.u8() !== 0x0a || reader.u16() !== bytes.length || reader.u8() !== 1) malformed()
    const control = reader.u8()
    if ((control & 0x08) !== 0) {
      reader.skip(2)
      reader.skip(reader.u8())
    }
    const [kind, invoke] = [reader.u8() >> 4, reader.u8()]
    if (invoke !== 1 || ![3, 5, 6, 7].includes(kind)) malformed()
    if (kind !== 3) return { device: null }
    if (reader.u8() !== 0x0c) malformed()
    // The object asked for, the property, then its value: an object of kind 8, a device.
    reader.skip(5 + 2)
    if (reader.u8() !== 0x3e || reader.u8() !== 0xc4) malformed()
    const value = reader.u32()
    return { device: value >>> 22 === 8 ? value & 0x3fffff : null }
  })
}
