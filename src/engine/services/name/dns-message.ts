import { textOf } from '../../net/transcript.ts'
import { byteReader, bytesOf, clean, malformed, parse, u16, u32, type ByteReader } from '../wire/byte-reader.ts'

/** DNS messages (RFC 1035, 6891) as far as a prober needs them: questions out, records in, names bounded. */
export const types = Object.freeze({
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  AXFR: 252,
  ANY: 255,
})
export const classes = Object.freeze({ IN: 1, CH: 3 })

export type DnsRecord = Readonly<{
  name: string
  type: number
  class: number
  ttl: number
  data: Uint8Array
  text: string | null
}>

export type DnsMessage = Readonly<{
  id: number
  response: boolean
  rcode: number
  authoritative: boolean
  truncated: boolean
  recursionAvailable: boolean
  /** Counts from the header: what the sender claims, which may be more than was read. */
  counts: Readonly<{ question: number; answer: number; authority: number; additional: number }>
  question: Readonly<{ name: string; type: number; class: number }> | null
  answers: readonly DnsRecord[]
  authority: readonly DnsRecord[]
}>

export type DnsQuestion = Readonly<{
  id: number
  name: string
  type: number
  class?: number
  recursion?: boolean
  /** Offers EDNS(0) with this UDP payload size. */
  payload?: number
}>

export function dnsQuery(ask: DnsQuestion): Uint8Array {
  const labels = ask.name.split('.').filter((label) => label !== '')
  const name = bytesOf(...labels.flatMap((label) => [Math.min(label.length, 63), label.slice(0, 63)]), 0)
  const opt = ask.payload === undefined ? [] : [0, u16(types.OPT), u16(ask.payload), u32(0), u16(0)]
  return bytesOf(
    u16(ask.id),
    u16(ask.recursion === true ? 0x0100 : 0),
    u16(1),
    u16(0),
    u16(0),
    u16(opt.length === 0 ? 0 : 1),
    name,
    u16(ask.type),
    u16(ask.class ?? classes.IN),
    ...opt,
  )
}

/** With the two-byte length that TCP needs. */
export function overTcp(message: Uint8Array): Uint8Array {
  return bytesOf(u16(message.length), message)
}

/** Length of the first TCP message, its prefix included, once it is whole. */
export function tcpMessageLength(received: Uint8Array): number | null {
  if (received.length < 2) return null
  const length = 2 + received[0]! * 256 + received[1]!
  return received.length >= length ? length : null
}

/** Reads a message; null when it is none. A truncated tail costs the records in it, not the message. */
export function readDns(bytes: Uint8Array): DnsMessage | null {
  return parse(bytes, (reader) => {
    const id = reader.u16()
    const flags = reader.u16()
    const counts = { question: reader.u16(), answer: reader.u16(), authority: reader.u16(), additional: reader.u16() }
    if (counts.question > 1) malformed('questions')
    const question = counts.question === 1 ? { name: readName(reader, bytes), type: reader.u16(), class: reader.u16() } : null
    const answers = records(reader, bytes, counts.answer)
    const authority = answers.length === counts.answer ? records(reader, bytes, counts.authority) : []
    return {
      id,
      response: (flags & 0x8000) !== 0,
      rcode: flags & 15,
      authoritative: (flags & 0x0400) !== 0,
      truncated: (flags & 0x0200) !== 0,
      recursionAvailable: (flags & 0x0080) !== 0,
      counts,
      question,
      answers,
      authority,
    }
  })
}

const mostRecords = 512

function records(reader: ByteReader, whole: Uint8Array, count: number): readonly DnsRecord[] {
  const list: DnsRecord[] = []
  while (list.length < Math.min(count, mostRecords) && reader.left > 0) {
    const record = parse(whole.subarray(reader.at), (part) => {
      const name = readName(part, whole)
      const [type, kind, ttl] = [part.u16(), part.u16(), part.u32()]
      const from = reader.at + part.at + 2
      const data = part.take(part.u16())
      return { record: { name, type, class: kind, ttl, data, text: meaningOf(type, data, whole, from) }, length: part.at }
    })
    if (record === null) break
    reader.skip(record.length)
    list.push(record.record)
  }
  return list
}

function meaningOf(type: number, data: Uint8Array, whole: Uint8Array, from: number): string | null {
  if (type === types.TXT) return parse(data, (reader) => clean(reader.text(reader.u8()), 255))
  if (type === types.NS || type === types.CNAME || type === types.PTR || type === types.SOA) {
    return parse(whole.subarray(from), (reader) => readName(reader, whole))
  }
  return type === types.A && data.length === 4 ? data.join('.') : null
}

/** A name without its last dot; `''` is the root. Pointers must lead backwards, so a loop cannot be. */
function readName(reader: ByteReader, whole: Uint8Array): string {
  const labels: string[] = []
  let source = reader
  let before = Number.POSITIVE_INFINITY
  for (let total = 0; total <= 255;) {
    const length = source.u8()
    if (length === 0) return labels.join('.').toLowerCase()
    if (length >= 0xc0) {
      const target = (length & 0x3f) * 256 + source.u8()
      if (target >= Math.min(before, whole.length)) malformed('pointer')
      before = target
      source = byteReader(whole.subarray(target))
    } else {
      if (length > 63) malformed('label')
      // Dots and what is not printable inside a label are escaped, or two names could read alike.
      labels.push(
        textOf(source.take(length)).replace(
          /[^\x21-\x2d\x2f-\x7e]/g,
          (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
        ),
      )
      total += length + 1
    }
  }
  return malformed('name')
}
