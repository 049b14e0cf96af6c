import { createHash, randomBytes } from 'node:crypto'
import { failed, type Connection, type Failure } from '../net.ts'
import { extension, size, vector, words } from './hello.ts'

/**
 * JARM: ten ClientHellos that are odd in different ways, and what the server makes of each, as 62 characters by which TLS stacks are told apart. Ciphers in the order of the published
 * method (salesforce/jarm, 2020), since the order is part of what is asked.
 */
const suites = [
  0x0016, 0x0033, 0x0067, 0xc09e, 0xc0a2, 0x009e, 0x0039, 0x006b, 0xc09f, 0xc0a3, 0x009f, 0x0045, 0x00be, 0x0088, 0x00c4, 0x009a, 0xc008, 0xc009, 0xc023, 0xc0ac, 0xc0ae, 0xc02b, 0xc00a,
  0xc024, 0xc0ad, 0xc0af, 0xc02c, 0xc072, 0xc073, 0xcca9, 0x1302, 0x1301, 0xcc14, 0xc007, 0xc012, 0xc013, 0xc027, 0xc02f, 0xc014, 0xc028, 0xc030, 0xc060, 0xc061, 0xc076, 0xc077, 0xcca8,
  0x1305, 0x1304, 0x1303, 0xcc13, 0xc011, 0x000a, 0x002f, 0x003c, 0xc09c, 0xc0a0, 0x009c, 0x0035, 0x003d, 0xc09d, 0xc0a1, 0x009d, 0x0041, 0x00ba, 0x0084, 0x00c0, 0x0007, 0x0004, 0x0005,
]
const isModern = (suite: number): boolean => suite >> 8 === 0x13
/** By number, those of TLS 1.3 last: places in this list stand for suites in the hash. */
const numbered = [...suites].sort((a, b) => Number(isModern(a)) - Number(isModern(b)) || a - b)

type Order = 'forward' | 'reverse' | 'top' | 'bottom' | 'middle'
type Hello = Readonly<{ version: '1.1' | '1.2' | '1.3'; order: Order; without13?: true; odd?: true; rare?: true; offers: readonly number[] | null; lists: 'forward' | 'reverse' }>

const upTo12 = [0x0301, 0x0302, 0x0303]
const upTo13 = [...upTo12, 0x0304]
const hellos: readonly Hello[] = [
  { version: '1.2', order: 'forward', offers: upTo12, lists: 'reverse' },
  { version: '1.2', order: 'reverse', offers: upTo12, lists: 'forward' },
  { version: '1.2', order: 'top', offers: null, lists: 'forward' },
  { version: '1.2', order: 'bottom', rare: true, offers: null, lists: 'forward' },
  { version: '1.2', order: 'middle', odd: true, rare: true, offers: null, lists: 'reverse' },
  { version: '1.1', order: 'forward', offers: null, lists: 'forward' },
  { version: '1.3', order: 'forward', offers: upTo13, lists: 'reverse' },
  { version: '1.3', order: 'reverse', offers: upTo13, lists: 'forward' },
  { version: '1.3', order: 'forward', without13: true, offers: upTo13, lists: 'forward' },
  { version: '1.3', order: 'middle', odd: true, offers: upTo13, lists: 'reverse' },
]

/** The 62 characters; all zero where it speaks no TLS. `dial` gives a fresh connection for each hello. */
export async function jarmOf(dial: () => Promise<Connection | Failure>, host: string): Promise<string | Failure> {
  const answers: string[] = []
  let lost: Failure | null = null
  for (const hello of hellos) {
    const connection = await dial()
    if (failed(connection)) {
      if (connection.failed === 'budget' || connection.failed === 'aborted' || connection.failed === 'refused') return connection
      lost = connection
      answers.push('|||')
      continue
    }
    try {
      connection.write(helloOf(hello, host))
      const answer = await connection.read({ until: recordEnd, most: 65_536 })
      answers.push(failed(answer) ? '|||' : described(answer.bytes))
    } finally {
      connection.close()
    }
  }
  return answers.every((answer) => answer === '|||') && lost !== null ? lost : hashOf(answers)
}

/** Answers as `cipher|version|alpn|extensions`, hashed. */
export function hashOf(answers: readonly string[]): string {
  if (answers.every((answer) => answer === '|||')) return '0'.repeat(62)
  const parts = answers.map((answer) => answer.split('|'))
  const plain = parts.map(([suite = '', version = '']) => {
    const place = suite === '' ? 0 : numbered.indexOf(Number.parseInt(suite, 16)) + 1 || numbered.length + 1
    return `${place.toString(16).padStart(2, '0')}${version === '' ? '0' : 'abcdef'[Number(version[3])] ?? '0'}`
  }).join('')
  return plain + createHash('sha256').update(parts.map(([, , alpn = '', types = '']) => alpn + types).join('')).digest('hex').slice(0, 32)
}

function recordEnd(bytes: Uint8Array): number | null {
  if (bytes.length < 5) return null
  if (bytes[0] !== 22 && bytes[0] !== 21) return bytes.length
  const whole = 5 + bytes[3]! * 256 + bytes[4]!
  return bytes.length >= Math.min(whole, 1484) ? Math.min(bytes.length, whole) : null
}

function described(record: Uint8Array): string {
  const bytes = Buffer.from(record.buffer, record.byteOffset, Math.min(record.byteLength, 1484))
  if (bytes[0] !== 22 || bytes[5] !== 2 || bytes.length < 47 + bytes[43]!) return '|||'
  const session = bytes[43]!
  const head = `${bytes.toString('hex', session + 44, session + 46)}|${bytes.toString('hex', 9, 11)}`
  const from = session + 49
  // No extensions: the next message follows, or nothing.
  if (bytes.length < from || bytes[session + 47] === 11) return `${head}||`
  const end = Math.min(bytes.length, from + bytes.readUInt16BE(session + 47))
  const types: string[] = []
  let alpn = ''
  for (let at = from; at + 4 <= end;) {
    const length = bytes.readUInt16BE(at + 2)
    types.push(bytes.toString('hex', at, at + 2))
    if (bytes.readUInt16BE(at) === 16) alpn ||= bytes.toString('latin1', at + 7, Math.min(end, at + 4 + length))
    at += 4 + length
  }
  return `${head}|${alpn}|${types.join('-')}`
}

function helloOf({ version, order, without13, odd, rare, offers, lists }: Hello, host: string): Buffer {
  const grease = (): number[] => (odd === true ? [odds()] : [])
  const chosen = ordered(suites.filter((suite) => without13 !== true || !isModern(suite)), order)
  const names = ['http/0.9', 'http/1.0', ...(rare === true ? [] : ['http/1.1']), 'spdy/1', 'spdy/2', 'spdy/3', ...(rare === true ? [] : ['h2']), 'h2c', 'hq']
  const share = Buffer.concat([...(odd === true ? [words([odds()]), Buffer.from([0, 1, 0])] : []), words([0x001d]), vector(2, randomBytes(32))])
  const extensions = Buffer.concat([
    ...(odd === true ? [extension(odds())] : []), extension(0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(host))]))), extension(23), extension(1, Buffer.from([1])), extension(0xff01, Buffer.from([0])),
    extension(10, vector(2, words([0x001d, 0x0017, 0x0018, 0x0019]))), extension(11, Buffer.from([1, 0])), extension(35),
    extension(16, vector(2, Buffer.concat(ordered(names, lists).map((name) => vector(1, Buffer.from(name)))))),
    extension(13, vector(2, words([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201]))), extension(51, vector(2, share)), extension(45, Buffer.from([1, 1])),
    ...(offers === null ? [] : [extension(43, vector(1, words([...grease(), ...ordered(offers, lists)])))]),
  ])
  const wire = version === '1.1' ? 0x0302 : 0x0303
  const body = Buffer.concat([words([wire]), randomBytes(32), vector(1, randomBytes(32)), vector(2, words([...grease(), ...chosen])), vector(1, Buffer.from([0])), vector(2, extensions)])
  return Buffer.concat([Buffer.from([22]), words([version === '1.3' ? 0x0301 : wire]), vector(2, Buffer.concat([Buffer.from([1]), size(3, body.length), body]))])
}

/** Numbers that stand for nothing (RFC 8701). */
function odds(): number {
  const half = (randomBytes(1)[0]! & 0xf0) | 0x0a
  return half * 257
}

function ordered<T>(list: readonly T[], order: Order): readonly T[] {
  const middle = Math.floor(list.length / 2)
  const isUneven = list.length % 2 === 1
  switch (order) {
    case 'forward': return list
    case 'reverse': return list.toReversed()
    case 'bottom': return list.slice(isUneven ? middle + 1 : middle)
    case 'top': return [...(isUneven ? [list[middle]!] : []), ...ordered(list.toReversed(), 'bottom')]
    case 'middle': {
      const out: T[] = isUneven ? [list[middle]!] : []
      for (let step = 1; step <= middle; step++) out.push(list[isUneven ? middle + step : middle - 1 + step]!, list[middle - step]!)
      return out
    }
    default: return order satisfies never
  }
}
