import { randomInt } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { bytesOf, clean, malformed, parse, u16 } from '../wire/byte-reader.ts'
import { amplification } from './amplification.ts'

/**
 * The service location protocol: which kinds of services it knows. Strangers can blow up what it answers (CVE-2023-29552); nothing is registered here.
 * Facts: see FACTS.md. Reproduce: `slptool -u HOST findsrvtypes`. Source: RFC 2608, 10.1.
 */
export const slp: UdpService = {
  name: 'slp',
  ports: [427],
  async look({ ask }) {
    const id = randomInt(1, 65_536)
    const question = slpTypes(id)
    const { answers, evidence } = await ask([question])
    const answer = readSlpTypes(answers[0]!, id)
    return answer === null ? null : { facts: { error: answer.error, types: answer.types, amplification: amplification(question, answers) }, evidence }
  },
}

/** No previous responders, all naming authorities, the default scope. */
export function slpTypes(id: number): Uint8Array {
  const body = bytesOf(u16(0), u16(0xffff), u16(7), 'DEFAULT')
  const head = 12 + 4
  return bytesOf(2, 9, 0, u16(head + body.length), u16(0), 0, u16(0), u16(id), u16(2), 'en', body)
}

export function readSlpTypes(bytes: Uint8Array, id: number): Readonly<{ error: number; types: readonly string[] }> | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 2 || reader.u8() !== 10) malformed()
    reader.skip(3 + 2 + 3)
    if (reader.u16() !== id) malformed()
    reader.skip(reader.u16())
    const error = reader.u16()
    const list = error === 0 && reader.left >= 2 ? reader.text(reader.u16()) : ''
    return { error, types: list.split(',').filter((one) => one !== '').slice(0, 32).map((one) => clean(one)) }
  })
}
