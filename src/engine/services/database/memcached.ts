import { failed, type Connection } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target, UdpService } from '../../service.ts'
import { bytesOf, parse, u16, u32 } from '../wire/byte-reader.ts'
import { cpeOf, distroPart } from '../product.ts'

/**
 * memcached, text protocol first, and where that is refused (SASL) the binary one. Asks version and stats. Facts: see FACTS.md.
 * Reproduce: `printf 'version\r\nstats\r\nquit\r\n' | nc HOST 11211`. Source: https://docs.memcached.org/protocols/
 */
export const memcached: Service = {
  name: 'memcached',
  ports: [11211],
  guess: 65,
  async look(target) {
    const connection = await target.open()
    // Three times: the binary protocol waits for 24 bytes before it finds that this is none.
    connection.write('version\r\n'.repeat(3))
    const answer = await connection.read({ until: versionsEnd, most: 1024 })
    const text = failed(answer) ? '' : textOf(answer.bytes)
    if (text.startsWith('CLIENT_ERROR unauthenticated')) return named(undefined, { facts: { auth: true, sasl: false }, evidence: connection.evidence() })
    const version = parseVersionLine(text)
    if (version !== null) return lookAtText(connection, version)
    // With SASL it hangs up on text without a word: that is worth a second question.
    if (failed(answer) ? answer.failed !== 'reset' : text !== '') return null
    connection.close()
    return lookAtBinary(target)
  },
}

async function lookAtText(connection: Connection, version: string): Promise<Sighting> {
  connection.write('stats\r\n')
  const answer = await connection.read({ until: statsEnd, most: 32_768 })
  if (failed(answer)) return named(version, { facts: {}, evidence: connection.evidence(), incomplete: { code: answer.failed, text: answer.text } })
  const text = textOf(answer.bytes)
  connection.write('quit\r\n')
  if (!text.startsWith('STAT ')) return named(version, { facts: { auth: /unauthenticated/.test(text) ? true : null }, evidence: connection.evidence() })
  const stat = (name: string): number | null => {
    const value = new RegExp(`^STAT ${name} (\\d{1,15})`, 'm').exec(text)?.[1]
    return value === undefined ? null : Number(value)
  }
  return named(version, { facts: { auth: false, sasl: false, items: stat('curr_items'), uptime: stat('uptime') }, evidence: connection.evidence('stats answered without a login') })
}

async function lookAtBinary(target: Target): Promise<Sighting | null> {
  let connection: Connection
  try {
    connection = await target.open()
  } catch (error) {
    if (error instanceof Unseen) return null
    throw error
  }
  connection.write(binaryRequest(versionCode))
  const answer = await connection.read({ until: binaryEnd, most: 1024 })
  const version = failed(answer) ? null : parseBinary(answer.bytes)
  if (version === null || version.code !== versionCode) return null
  connection.write(binaryRequest(statCode))
  const stats = await connection.read({ until: binaryEnd, most: 32_768 })
  const first = failed(stats) ? null : parseBinary(stats.bytes)
  const found = version.status === 0 ? parseVersionLine(`VERSION ${version.text}`) ?? undefined : undefined
  if (first === null) return named(found, { facts: {}, evidence: connection.evidence(), incomplete: { code: 'protocol', text: 'no answer to stats' } })
  return named(found, { facts: { auth: first.status === authError ? true : first.status === 0 ? false : null, sasl: first.status === authError }, evidence: connection.evidence() })
}

/**
 * memcached over UDP: a few bytes asked, megabytes answered to whoever is named as the sender. Only `version` is asked. Fact: `udp` true.
 */
export const memcachedUdp: UdpService = {
  name: 'memcached',
  ports: [11211],
  async look({ ask }) {
    const { answers, evidence } = await ask([bytesOf(u16(0x5647), u16(0), u16(1), u16(0), 'version\r\n')])
    const [answer] = answers
    if (answer === undefined || answer.length < 8) return null
    const text = textOf(answer.subarray(8, 200))
    const version = parseVersionLine(text)
    if (version === null && !/^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)\b/.test(text)) return null
    return named(version ?? undefined, { facts: { udp: true }, evidence })
  },
}

function named(version: string | undefined, rest: Sighting): Sighting {
  return { product: 'memcached', ...(version === undefined ? {} : { version }), cpe: cpeOf('memcached:memcached', version), ...distroPart(version ?? ''), ...rest }
}

export function parseVersionLine(text: string): string | null {
  return /^VERSION (\d[\w.+~-]{0,40})/.exec(text)?.[1] ?? null
}

function versionsEnd(received: Uint8Array): number | null {
  const text = textOf(received)
  return (text.match(/\n/g)?.length ?? 0) >= (text.startsWith('VERSION ') ? 3 : 1) ? received.length : null
}

function statsEnd(received: Uint8Array): number | null {
  const text = textOf(received)
  if (text.startsWith('STAT ')) return /\nEND\r?\n/.test(text) ? received.length : null
  return text.includes('\n') ? received.length : null
}

const versionCode = 0x0b
const statCode = 0x10
const authError = 0x20

function binaryRequest(code: number): Uint8Array {
  return bytesOf(0x80, code, u16(0), 0, 0, u16(0), u32(0), u32(0), u32(0), u32(0))
}

export function binaryEnd(received: Uint8Array): number | null {
  if (received.length < 24) return received[0] === 0x81 || received.length === 0 ? null : received.length
  const length = parse(received, (reader) => {
    reader.skip(8)
    return reader.u32()
  }) ?? 0
  return received.length >= 24 + length ? 24 + length : null
}

export function parseBinary(bytes: Uint8Array): Readonly<{ code: number; status: number; text: string }> | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 0x81) return null
    const code = reader.u8()
    const key = reader.u16()
    const extras = reader.u8()
    reader.skip(1)
    const status = reader.u16()
    const body = reader.u32()
    reader.skip(12)
    reader.skip(extras + key)
    return { code, status, text: reader.text(Math.min(256, body - extras - key, reader.left)) }
  })
}
