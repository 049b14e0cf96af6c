import { randomInt } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { bytesOf, clean, malformed, parse, u16 } from '../wire/byte-reader.ts'
import { amplification } from './amplification.ts'

/**
 * NetBIOS names (RFC 1002): asks for the table of names (NBSTAT of `*`).
 * Facts: see FACTS.md. Reproduce: `nmblookup -A HOST`.
 */
export const netbios: UdpService = {
  name: 'netbios-ns',
  ports: [137],
  async look({ ask }) {
    const id = randomInt(65_536)
    const question = netbiosStatus(id)
    const { answers, evidence } = await ask([question])
    const table = readNetbiosStatus(answers[0]!, id)
    if (table === null) return null
    const nameOf = (suffix: number, group: boolean): string | null => table.names.find((one) => one.suffix === suffix && one.group === group)?.name ?? null
    return {
      facts: {
        name: nameOf(0, false), workgroup: nameOf(0, true), mac: table.mac, fileServer: nameOf(0x20, false) !== null, domainController: nameOf(0x1c, true) !== null,
        names: table.names.map(({ name, suffix }) => `${name}<${suffix.toString(16).padStart(2, '0')}>`), amplification: amplification(question, answers),
      },
      evidence,
    }
  },
}

export function netbiosStatus(id: number): Uint8Array {
  // `*` and fifteen NULs, half a byte a letter.
  return bytesOf(u16(id), u16(0), u16(1), u16(0), u16(0), u16(0), 32, `CK${'A'.repeat(30)}`, 0, u16(0x21), u16(1))
}

type Name = Readonly<{ name: string; suffix: number; group: boolean }>

export function readNetbiosStatus(bytes: Uint8Array, id: number): Readonly<{ names: readonly Name[]; mac: string | null }> | null {
  return parse(bytes, (reader) => {
    if (reader.u16() !== id || (reader.u16() & 0x8000) === 0) malformed()
    reader.skip(8)
    reader.skip(reader.u8() + 1)
    if (reader.u16() !== 0x21) malformed()
    reader.skip(2 + 4 + 2)
    const names = Array.from({ length: reader.u8() }, (): Name => ({ name: clean(reader.text(15), 15), suffix: reader.u8(), group: (reader.u16() & 0x8000) !== 0 })).slice(0, 32)
    const mac = Buffer.from(reader.take(6)).toString('hex')
    return { names, mac: /^0+$/.test(mac) ? null : mac.replace(/(..)(?!$)/g, '$1:') }
  })
}
