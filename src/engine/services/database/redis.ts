import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { cpeOf, distroPart } from '../product.ts'

/**
 * Redis and its kin (RESP). Asks PING, then INFO without a password; changes nothing. Facts: see FACTS.md.
 * Reproduce: `redis-cli -h HOST INFO`. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export const redis: Service = {
  name: 'redis',
  ports: [6379, 26379],
  tlsPorts: [6380],
  guess: 60,
  // In protected mode it says why before it hangs up.
  greets: (greeting) => textOf(greeting).startsWith('-DENIED Redis'),
  async look({ open, greeting }) {
    if (textOf(greeting).startsWith('-DENIED')) return refused({ auth: true, protectedMode: true }, { sent: '', received: clean(textOf(greeting), 1024) })
    const connection = await open()
    connection.write('PING\r\n')
    const pong = await connection.read({ until: '\r\n', most: 2048 })
    if (failed(pong)) return null
    const first = textOf(pong.bytes)
    // Only Redis refuses in these words; a plain "-ERR" could be POP3.
    if (first.startsWith('-DENIED Redis')) return refused({ auth: true, protectedMode: true }, connection.evidence())
    if (/^-(?:NOAUTH|NOPERM)\b/.test(first)) return refused({ auth: true }, connection.evidence())
    if (!/^\+PONG\r\n$/.test(first) && !first.startsWith('-LOADING')) return null

    connection.write('INFO\r\n')
    const answer = await connection.read({ until: bulkEnd, most: 65_536 })
    if (failed(answer)) return { ...refused({}, connection.evidence()), incomplete: { code: answer.failed, text: answer.text } }
    const info = textOf(answer.bytes)
    if (/^-(?:NOAUTH|NOPERM)\b/.test(info)) return refused({ auth: true }, connection.evidence('PING answered, INFO refused'))
    const values = parseInfo(info)
    const facts = infoFacts(values)
    return { ...productFrom(values), ...distroPart(values.get('redis_version') ?? ''), facts, evidence: connection.evidence('INFO answered without a password') }
  },
}

function refused(facts: Facts, evidence: NonNullable<Sighting['evidence']>): Sighting {
  return { product: 'Redis', cpe: cpeOf('redis:redis'), facts, evidence }
}

function infoFacts(values: ReadonlyMap<string, string>): Facts {
  const text = (name: string, fact: string): Facts => (values.has(name) ? { [fact]: clean(values.get(name) ?? '', 160) } : {})
  let keys = 0
  for (const [name, value] of values) if (/^db\d{1,4}$/.test(name)) keys += Number(/^keys=(\d{1,15})/.exec(value)?.[1] ?? 0)
  return {
    auth: false,
    protectedMode: false,
    keys,
    ...text('redis_mode', 'mode'),
    ...text('role', 'role'),
    ...text('os', 'os'),
  }
}

function productFrom(values: ReadonlyMap<string, string>): Readonly<{ product: string; version?: string; cpe?: string }> {
  const name = (names: readonly string[]): string | undefined => names.map((one) => values.get(one)).find((value) => value !== undefined && /^\d[\w.-]{0,40}$/.test(value))
  const of = (product: string, cpe: string | null, version: string | undefined): Readonly<{ product: string; version?: string; cpe?: string }> => ({
    product,
    ...(version === undefined ? {} : { version }),
    ...(cpe === null ? {} : { cpe: cpeOf(cpe, version) }),
  })
  if (values.get('server_name') === 'valkey' || values.has('valkey_version')) return of('Valkey', 'lfprojects:valkey', name(['valkey_version']))
  if (values.has('dragonfly_version')) return of('Dragonfly', null, values.get('dragonfly_version')?.replace(/^df-v/, '').slice(0, 40))
  if (values.has('mvcc_depth')) return of('KeyDB', 'snap:keydb', name(['redis_version']))
  return of(values.get('redis_mode') === 'sentinel' ? 'Redis Sentinel' : 'Redis', 'redis:redis', name(['redis_version']))
}

/** `name:value` lines of INFO, at most 1,000. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([a-z][\w-]{0,60}):(.{0,500})/.exec(line.trimEnd())
    if (match !== null && values.size < 1000) values.set(match[1]!, match[2]!)
  }
  return values
}

/** `$<length>\r\n<data>\r\n`, or one line that starts otherwise. */
export function bulkEnd(received: Uint8Array): number | null {
  const text = textOf(received.subarray(0, 4096))
  const line = text.indexOf('\r\n')
  if (line < 0) return null
  const length = /^[$=](\d{1,6})$/.exec(text.slice(0, line))?.[1]
  if (length === undefined) return line + 2
  const end = line + 2 + Number(length) + 2
  return received.length >= end ? end : null
}
