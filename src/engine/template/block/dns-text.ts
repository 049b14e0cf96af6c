import type { DnsRecord } from '../../services/name/dns-message.ts'

export const typeNumbers: Readonly<Record<string, number>> = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, DS: 43, TLSA: 52, ANY: 255, CAA: 257 }
const words = new Map(Object.entries(typeNumbers).map(([word, number]) => [number, word]))

/** A record as a zone file has it: `name.\tTTL\tIN\tTYPE\tdata`. */
export function recordText(record: DnsRecord): string {
  return `${record.name}.\t${record.ttl}\t${record.class === 3 ? 'CH' : 'IN'}\t${words.get(record.type) ?? `TYPE${record.type}`}\t${dataText(record)}`
}

function dataText({ type, data, text }: DnsRecord): string {
  const bytes = Buffer.from(data)
  switch (type) {
    case 16: return strings(bytes).map((one) => JSON.stringify(one)).join(' ')
    case 28: return bytes.length === 16 ? (bytes.toString('hex').match(/.{4}/g) ?? []).map((group) => group.replace(/^0+(?=.)/, '')).join(':') : ''
    case 15: return bytes.length < 3 ? '' : `${bytes.readUInt16BE(0)} ${plainName(bytes.subarray(2))}`
    case 43: return bytes.length < 5 ? '' : `${bytes.readUInt16BE(0)} ${bytes[2]} ${bytes[3]} ${bytes.toString('hex', 4).toUpperCase()}`
    case 52: return bytes.length < 4 ? '' : `${bytes[0]} ${bytes[1]} ${bytes[2]} ${bytes.toString('hex', 3)}`
    case 257: return bytes.length < 2 || bytes.length < 2 + bytes[1]! ? '' : `${bytes[0]} ${bytes.toString('latin1', 2, 2 + bytes[1]!)} ${JSON.stringify(bytes.toString('latin1', 2 + bytes[1]!))}`
    default: return text === null ? `\\# ${bytes.length} ${bytes.toString('hex')}` : [2, 5, 6, 12].includes(type) ? `${text}.` : text
  }
}

function strings(bytes: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!) found.push(bytes.toString('latin1', at + 1, Math.min(bytes.length, at + 1 + bytes[at]!)))
  return found
}

/** A name that is not abbreviated; beyond a pointer it is not followed. */
function plainName(bytes: Buffer): string {
  const labels: string[] = []
  for (let at = 0; at < bytes.length && bytes[at]! > 0 && bytes[at]! < 64; at += 1 + bytes[at]!) labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]!))
  return `${labels.join('.')}.`
}
