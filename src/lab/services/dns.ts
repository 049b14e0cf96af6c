import type { Socket } from 'node:net'
import { onBytes, type LabService } from '../service.ts'

/** Pretends to resolve: every name has the address 192.0.2.1, which RFC 5737 keeps for documents. It asks nobody. */
export const dns: LabService = {
  name: 'DNS',
  wrong: 'resolves for anybody, release with known faults, tells its version',
  better: 'refuses strangers',
  expects: [15001, 15003, 60303, 60304],
  weak: [
    { kind: 'udp', port: 53, answer: (message) => answer(message, true) },
    { kind: 'tcp', port: 53, talk: (socket) => overTcp(socket, true) },
  ],
  twin: [
    { kind: 'udp', port: 53, answer: (message) => answer(message, false) },
    { kind: 'tcp', port: 53, talk: (socket) => overTcp(socket, false) },
  ],
}

function overTcp(socket: Socket, open: boolean): void {
  onBytes(socket, (bytes) => {
    if (bytes.length < 2) return 0
    const length = bytes.readUInt16BE(0)
    if (bytes.length < length + 2) return 0
    const reply = answer(bytes.subarray(2, length + 2), open)
    if (reply === null) socket.destroy()
    else socket.write(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]))
    return length + 2
  })
}

function answer(message: Buffer, open: boolean): Buffer | null {
  if (message.length < 17 || (message[2]! & 0x80) !== 0) return null
  const end = message.indexOf(0, 12) + 5
  if (end < 17 || end > message.length) return null
  const question = message.subarray(12, end)
  const type = question.readUInt16BE(question.length - 4)
  const isChaos = question.readUInt16BE(question.length - 2) === 3
  const record =
    !open || type === 252
      ? null
      : isChaos
        ? chaos(question)
        : type === 1 || type === 255
          ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1])
          : null
  const refused = !open || type === 252
  const head = Buffer.alloc(12)
  message.copy(head, 0, 0, 2)
  // Answer; recursion desired is echoed; recursion is on offer only where open. 5 is "refused".
  head[2] = 0x80 | (message[2]! & 0x01)
  head[3] = (open ? 0x80 : 0) | (refused ? 5 : 0)
  head[5] = 1
  head[7] = record === null ? 0 : 1
  return Buffer.concat([head, question, ...(record === null ? [] : [record])])
}

const versionBind = Buffer.from('0776657273696f6e0462696e6400', 'hex').toString('latin1')

function chaos(question: Buffer): Buffer | null {
  // The name version.bind as lengths and labels.
  if (!question.toString('latin1').toLowerCase().startsWith(versionBind)) return null
  const text = Buffer.from('dnsmasq-2.76')
  return Buffer.concat([Buffer.from([0xc0, 12, 0, 16, 0, 3, 0, 0, 0, 0, 0, text.length + 1, text.length]), text])
}
