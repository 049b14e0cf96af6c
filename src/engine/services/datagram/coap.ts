import { randomBytes } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { bytesOf, clean, malformed, parse } from '../wire/byte-reader.ts'
import { amplification } from './amplification.ts'

/**
 * CoAP, of small devices: what it has to offer (`/.well-known/core`).
 * Facts: see FACTS.md. Reproduce: `coap-client -m get coap://HOST/.well-known/core`. Source: RFC 7252, RFC 6690.
 */
export const coap: UdpService = {
  name: 'coap',
  ports: [5683],
  async look({ ask }) {
    const [message, token] = [randomBytes(2), randomBytes(4)]
    // A confirmable GET with two options Uri-Path.
    const question = bytesOf(0x44, 0x01, message, token, 0xbb, '.well-known', 0x04, 'core')
    const { answers, evidence } = await ask([question])
    const answer = readCoap(answers[0]!, message, token)
    if (answer === null) return null
    return { facts: { code: answer.code, resources: [...answer.payload.matchAll(/<([^<>]{1,200})>/g)].slice(0, 32).map(([, path]) => clean(path!)), amplification: amplification(question, answers) }, evidence }
  },
}

export function readCoap(bytes: Uint8Array, message: Uint8Array, token: Uint8Array): Readonly<{ code: string; payload: string }> | null {
  return parse(bytes, (reader) => {
    const [first, code, id] = [reader.u8(), reader.u8(), reader.take(2)]
    if (first >> 6 !== 1) malformed()
    const length = first & 15
    if (length === 0) {
      // An empty acknowledgement or a reset: it is there, and says no more.
      if (code !== 0 || reader.left > 0 || ((first >> 4) & 2) === 0 || Buffer.compare(id, message) !== 0) malformed()
      return { code: '0.00', payload: '' }
    }
    // Of an answer: granted, or an error of theirs or ours. What has another class is a question, perhaps our own.
    if (![2, 4, 5].includes(code >> 5) || length !== token.length || Buffer.compare(reader.take(length), token) !== 0) malformed()
    const rest = Buffer.from(reader.rest()).toString('latin1')
    const payload = rest.indexOf('\u00ff')
    return { code: `${code >> 5}.${String(code & 31).padStart(2, '0')}`, payload: payload < 0 ? '' : rest.slice(payload + 1) }
  })
}
