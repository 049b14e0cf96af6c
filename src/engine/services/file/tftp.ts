import { Unseen } from '../../probe.ts'
import type { UdpService } from '../../service.ts'
import { bytesOf, clean, parse, u16 } from '../wire/byte-reader.ts'

/**
 * TFTP (RFC 1350). Asks to read a file that nobody has; a server answers with an error from a fresh port.
 * Facts: `errorCode` (1 not found, 2 access violation), `errorText`, `readable` (data came although nobody has such a file).
 * Reproduce: `tftp HOST -c get vigil-no-such-file`.
 */
export const tftp: UdpService = {
  name: 'tftp',
  ports: [69],
  async look({ ask }) {
    const question = tftpRead('vigil-no-such-file')
    // A socket that takes answers from any port hears of no closed one: a short ask over another finds that out before the long
    // wait.
    const first = await ask([question], { wait: 300 }).catch((error: unknown) => {
      if (error instanceof Unseen && error.code === 'silent') return null
      throw error
    })
    const { answers, evidence } = first ?? (await ask([question], { anyPort: true }))
    const answer = readTftp(answers[0]!)
    if (answer === null) return null
    return {
      facts: {
        errorCode: answer.type === 'error' ? answer.code : null,
        errorText: answer.type === 'error' ? answer.text : null,
        readable: answer.type === 'data',
      },
      evidence,
    }
  },
}

export function tftpRead(file: string): Uint8Array {
  return bytesOf(u16(1), file, 0, 'octet', 0)
}

export type TftpAnswer = Readonly<{ type: 'error'; code: number; text: string } | { type: 'data'; block: number; length: number }>

export function readTftp(bytes: Uint8Array): TftpAnswer | null {
  return parse(bytes, (reader) => {
    const operation = reader.u16()
    if (operation === 5) return { type: 'error', code: reader.u16(), text: clean(reader.text(reader.left).split('\0', 1)[0]!) }
    return operation === 3 && bytes.length <= 516 ? { type: 'data', block: reader.u16(), length: reader.left } : null
  })
}
