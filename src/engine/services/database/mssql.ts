import { failed } from '../../net.ts'
import type { Service } from '../../service.ts'
import { cpeOf } from '../product.ts'
import { bytesOf, malformed, parse, u16 } from '../wire/byte-reader.ts'

const editions: Readonly<Record<number, string>> = { 8: '2000', 9: '2005', 10: '2008', 11: '2012', 12: '2014', 13: '2016', 14: '2017', 15: '2019', 16: '2022', 17: '2025' }
const encryptions = ['login only', 'on', 'not supported', 'required'] as const
/** PRELOGIN: our version, encryption offered but not demanded. */
const options = bytesOf([0], u16(11), u16(6), [1], u16(17), u16(1), [0xff], [0, 0, 0, 0, 0, 0], [0])
const prelogin = bytesOf([0x12, 1], u16(8 + options.length), [0, 0, 0, 0], options)

/**
 * Microsoft SQL Server (TDS). Only the PRELOGIN message, which every client sends first; no login.
 * Facts: `edition` (`2019`), `encryption` (`login only` `on` `not supported` `required`), `cleartextLogin` (it has no encryption at all).
 * Reproduce: `nmap -p 1433 --script ms-sql-info HOST`. Source: [MS-TDS] 2.2.6.5.
 */
export const mssql: Service = {
  name: 'mssql',
  ports: [1433, 2433],
  async look({ open, tls }) {
    const connection = await open()
    connection.write(prelogin)
    const answer = await connection.read({ until: packetEnd, most: 4096 })
    if (failed(answer)) return null
    const found = readPrelogin(answer.bytes)
    if (found === null) return null
    const encryption = encryptions[found.encryption] ?? null
    return {
      product: 'Microsoft SQL Server', version: found.version, cpe: cpeOf('microsoft:sql_server', found.version),
      facts: { edition: editions[Number(found.version.split('.', 1)[0])] ?? null, encryption, ...(tls ? {} : { cleartextLogin: encryption === 'not supported' }) },
      evidence: connection.evidence(),
    }
  },
}

function packetEnd(received: Uint8Array): number | null {
  if (received.length < 4) return null
  const length = (received[2]! << 8) | received[3]!
  // What is no packet of TDS need not be waited for.
  return received[0] !== 4 || length < 8 ? received.length : received.length >= length ? length : null
}

export function readPrelogin(bytes: Uint8Array): Readonly<{ version: string; encryption: number }> | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 4) malformed()
    reader.skip(7)
    const body = reader.rest()
    const at = new Map<number, Uint8Array>()
    for (let index = 0; body[index] !== 0xff; index += 5) {
      if (index + 5 > body.length || at.size > 16) malformed()
      const [offset, length] = [(body[index + 1]! << 8) | body[index + 2]!, (body[index + 3]! << 8) | body[index + 4]!]
      if (offset + length > body.length) malformed()
      at.set(body[index]!, body.subarray(offset, offset + length))
    }
    const [version, encryption] = [at.get(0), at.get(1)]
    if (version?.length !== 6 || encryption?.length !== 1) return malformed()
    return { version: `${version[0]}.${version[1]}.${(version[2]! << 8) | version[3]!}`, encryption: encryption[0]! }
  })
}
