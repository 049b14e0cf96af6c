import { randomBytes } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { productOf, type ProductRule } from '../product.ts'
import { bytesOf, clean, malformed, parse, u16, u32 } from '../wire/byte-reader.ts'

const servers: readonly ProductRule[] = [{ pattern: /^Coturn-(\d+\.\d+\.\d+)/, product: 'coturn', cpe: 'coturn_project:coturn' }]
const magic = 0x2112a442

/**
 * STUN and TURN servers: a binding request, which anybody may make.
 * Facts: see FACTS.md. Reproduce: `turnutils_stunclient HOST`. Source: RFC 8489.
 */
export const stun: UdpService = {
  name: 'stun',
  ports: [3478],
  async look({ ask }) {
    const transaction = randomBytes(12)
    const { answers, evidence } = await ask([bytesOf(u16(1), u16(0), u32(magic), transaction)])
    const answer = readStun(answers[0]!, transaction)
    if (answer === null) return null
    return { ...productOf(answer.software ?? '', servers), facts: { software: answer.software, bound: answer.bound }, evidence }
  },
}

/** `bound`: the request was granted, not answered with an error. */
export function readStun(bytes: Uint8Array, transaction: Uint8Array): Readonly<{ bound: boolean; software: string | null }> | null {
  return parse(bytes, (reader) => {
    const type = reader.u16()
    reader.skip(2)
    if ((type !== 0x0101 && type !== 0x0111) || reader.u32() !== magic || Buffer.compare(reader.take(12), transaction) !== 0) malformed()
    let software: string | null = null
    while (reader.left >= 4) {
      const [attribute, length] = [reader.u16(), reader.u16()]
      const value = reader.text(length)
      if (attribute === 0x8022) software = clean(value)
      reader.skip(Math.min(reader.left, (4 - (length % 4)) % 4))
    }
    return { bound: type === 0x0101, software }
  })
}
