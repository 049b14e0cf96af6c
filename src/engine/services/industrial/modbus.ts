import { failed } from '../../net.ts'
import type { Service } from '../../service.ts'
import { bytesOf, clean, malformed, parse, u16 } from '../wire/byte-reader.ts'

/** Read Device Identification (43/14), the basic objects, of the unit behind the address. */
const question = bytesOf(u16(0x5649), u16(0), u16(5), [0, 0x2b, 0x0e, 1, 0])

/**
 * Modbus over TCP. One read of what the device is called; registers and coils are neither read nor written. Left out of profiles for fragile devices.
 * Facts: `auth` (false: the protocol knows none), `vendor`, `productCode`, `revision`, `exception` (it does not tell: number of the refusal).
 * Reproduce: `nmap -p 502 --script modbus-discover HOST`. Source: MODBUS Application Protocol 1.1b3, 6.21.
 */
export const modbus: Service = {
  name: 'modbus',
  ports: [502],
  industrial: true,
  async look({ open }) {
    const connection = await open()
    connection.write(question)
    const answer = await connection.read({ until: messageEnd, most: 300 })
    const found = failed(answer) ? null : readIdentification(answer.bytes)
    if (found === null) return null
    const { vendor, productCode } = found
    const product = [vendor, productCode].filter((part) => part !== null).join(' ')
    return { ...(product === '' ? {} : { product }), facts: { auth: false, ...found }, evidence: connection.evidence() }
  },
}

function messageEnd(received: Uint8Array): number | null {
  if (received.length < 6) return null
  const length = 6 + ((received[4]! << 8) | received[5]!)
  return received[2] !== 0 || received[3] !== 0 || length > 260 ? received.length : received.length >= length ? length : null
}

export function readIdentification(bytes: Uint8Array): Readonly<{ vendor: string | null; productCode: string | null; revision: string | null; exception: number | null }> | null {
  return parse(bytes, (reader) => {
    if (reader.u16() !== 0x5649 || reader.u16() !== 0) malformed()
    if (reader.u16() !== reader.left) malformed()
    reader.skip(1)
    const code = reader.u8()
    if (code === 0xab) return { vendor: null, productCode: null, revision: null, exception: reader.u8() }
    if (code !== 0x2b || reader.u8() !== 0x0e) malformed()
    reader.skip(4)
    const objects = new Map<number, string>()
    for (let count = reader.u8(); count > 0; count--) {
      const id = reader.u8()
      objects.set(id, clean(reader.text(reader.u8()), 80))
    }
    const of = (id: number): string | null => objects.get(id) ?? null
    return { vendor: of(0), productCode: of(1), revision: of(2), exception: null }
  })
}
