import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { readDns, types, type DnsMessage } from '../services/name/dns-message.ts'
import { plainAddress } from './http-server.ts'

export type DnsListener = Readonly<{ port: number; close(): Promise<void> }>
export type DnsListenerOptions = Readonly<{
  address: string
  port: number
  domain: string
  /** What a name below the domain stands for. */
  answer: string
  /** False: nobody was told this name, and nobody gets an answer. */
  heard(name: string, request: string, from: string): boolean
}>

/** Questions answered in one second: beyond, silence. */
const perSecond = 500

/**
 * Answers for names below one domain that hold a token, with its own address, and for the domain itself with nothing, as resolvers ask for it on their way; all else is silence. Who looks a name up is a
 * resolver that stands anywhere, so that it is the token that lets in, and no answer is much longer than its question.
 */
export function listenDns({ address, port, domain, answer, heard }: DnsListenerOptions): Promise<DnsListener> {
  const socket = createSocket(isIPv4(address) ? 'udp4' : 'udp6')
  let second = 0
  let answered = 0
  socket.on('message', (bytes, { address: sender, port: back }) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) [second, answered] = [now, 0]
    if (bytes.length > 512 || answered >= perSecond) return
    const asked = readDns(bytes)
    if (asked === null || asked.response || asked.question === null) return
    const { name } = asked.question
    const isOwn = name === domain
    if (!isOwn && !(name.endsWith(`.${domain}`) && heard(name, questionText(asked.question), plainAddress(sender)))) return
    answered += 1
    socket.send(reply(bytes, asked, isOwn ? null : answer), back, sender, () => {})
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeListener('error', reject)
      socket.on('error', () => {})
      socket.unref()
      resolve({ port: socket.address().port, close: () => new Promise((done) => socket.close(() => done())) })
    })
  })
}

type Question = NonNullable<DnsMessage['question']>

function questionText({ name, type }: Question): string {
  const word = Object.entries(types).find(([, number]) => number === type)?.[0] ?? `TYPE${type}`
  return `;; opcode: QUERY, status: NOERROR\n\n;; QUESTION SECTION:\n;${name}.\tIN\t ${word}\n`
}

/** The question as it came, and one address where that was asked for. */
function reply(bytes: Buffer, { question }: DnsMessage, address: string | null): Buffer {
  const end = questionEnd(bytes)
  const head = Buffer.from(bytes.subarray(0, 12))
  head.writeUInt16BE(0x8400 | (bytes.readUInt16BE(2) & 0x0100), 2)
  const isA = question!.type === types.A && address !== null && isIPv4(address)
  const isAaaa = question!.type === types.AAAA && address !== null && address.includes(':')
  const data = isA ? Buffer.from(address.split('.').map(Number)) : isAaaa ? ipv6Bytes(address) : null
  for (const [at, count] of [[4, 1], [6, data === null ? 0 : 1], [8, 0], [10, 0]] as const) head.writeUInt16BE(count, at)
  if (data === null) return Buffer.concat([head, bytes.subarray(12, end)])
  const record = Buffer.alloc(12)
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(question!.type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt32BE(0, 6)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, bytes.subarray(12, end), record, data])
}

function questionEnd(bytes: Buffer): number {
  let at = 12
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! >= 0xc0 ? 1 : bytes[at]! + 1
  return Math.min(bytes.length, at + 5)
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] => text.split(':').filter((part) => part !== '').map((part) => Number.parseInt(part, 16))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const all = [...first, ...Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => 0), ...last].slice(0, 8)
  const bytes = Buffer.alloc(16)
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(group & 0xffff, index * 2)
  return bytes
}
