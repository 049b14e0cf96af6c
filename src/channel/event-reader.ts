import { fail } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import { formatIp, parseIp } from '#core/ip.ts'
import { mostExchanges, mostReceived, mostSent } from '#core/proof.ts'

/** Bounds of what a scanner may say in one batch, compressed, uncompressed, and in events; and of one event. */
export const batchLimits = { compressed: 8_388_608, bytes: 33_554_432, events: 5000, event: 2_097_152 } as const

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const text = (most: number): Check => (value) => typeof value === 'string' && value.length <= most
const bool: Check = (value) => typeof value === 'boolean'
const count: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const oneOf = (...words: readonly string[]): Check => (value) => typeof value === 'string' && words.includes(value)
const signed: Check = (value) => value === (Number(value) | 0)
const maybe = (check: Check): Check => (value) => value === undefined || check(value)
const orNull = (check: Check): Check => (value) => value === null || check(value)
const list = (check: Check, most: number): Check => (value) => Array.isArray(value) && value.length <= most && value.every(check)
const scalar: Check = (value) =>
  ['string', 'number', 'boolean'].includes(typeof value) && (typeof value !== 'string' || value.length <= 65_536)
const record = (check: Check, most: number): Check => (value) =>
  isObject(value) && Object.keys(value).length <= most
  && Object.entries(value).every(([name, held]) => name.length <= 256 && check(held))
const shape = (fields: Fields): Check => (value) =>
  isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]))

const words = list(text(512), 1000)
const uuid: Check = (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
const address: Check = (value) => {
  const ip = typeof value === 'string' ? parseIp(value) : null
  return ip !== null && formatIp(ip) === value
}
const port: Check = (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535

const certificate = shape({
  subject: text(8192), issuer: text(8192), names: list(text(1024), 10_000), serial: text(256), sha256: text(64),
  notBefore: (value) => typeof value === 'number',
  notAfter: (value) => typeof value === 'number', keyType: text(64), keyBits: count, signatureAlgorithm: text(128),
  selfSigned: bool, trusted: bool,
  trustError: maybe(text(256)), nameMatches: orNull(bool), chainLength: count,
  chain: maybe(list(shape({ subject: text(8192), issuer: text(8192), sha256: text(64), notAfter: (value) => typeof value === 'number', keyType: text(64), keyBits: count, signatureAlgorithm: text(128) }), 20)),
  chainFaults: maybe(words), trustedBy: maybe(words), mustStaple: maybe(bool), timestamps: maybe(count), ocsp: maybe(words), crl: maybe(words), wildcard: maybe(bool),
})
const maybeBool = maybe(orNull(bool))

const facts = record((value) => value === null || scalar(value) || list(scalar, 10_000)(value), 500)

/** What each kind of observation must hold: as src/core/observation.ts has it. */
const shapes: Readonly<Record<string, Check>> = {
  host: shape({ up: bool, why: text(1000) }),
  port: shape({ state: oneOf('open', 'closed', 'filtered'), why: maybe(text(1000)) }),
  service: shape({
    name: text(100), product: maybe(text(1000)), version: maybe(text(500)), cpe: maybe(text(500)), distro: maybe(text(100)),
    tls: bool, banner: maybe(text(2048)),
    facts,
  }),
  tls: shape({
    accepted: words, refused: words, suites: words, weak: words, forwardSecrecy: orNull(bool), dhBits: orNull(count),
    starttls: orNull(text(100)),
    certificate: orNull(certificate),
    offers: maybe(list(shape({ version: text(32), suites: words, order: orNull(oneOf('server', 'client')) }), 6)),
    groups: maybe(words), signatures: maybe(words), dhGroup: maybe(orNull(text(100))), compression: maybeBool, secureRenegotiation: maybeBool,
    clientRenegotiation: maybeBool, sessionIds: maybeBool, tickets: maybeBool, earlyData: maybeBool, stapling: maybeBool, alpn: maybe(words),
    hsts: maybe(orNull(count)), fallbackGuard: maybeBool, extendedMasterSecret: maybeBool, encryptThenMac: maybeBool, heartbeat: maybeBool,
    intolerant: maybe(words), nameless: maybe(orNull(oneOf('same', 'different', 'required'))), flaws: maybe(words), tested: maybe(words),
    certificates: maybe(list(certificate, 10)),
  }),
  http: shape({
    method: text(32), path: text(8192), status: count, headers: record(text(65_536), 500), title: orNull(text(4096)),
    body: text(131_072), length: count,
    catchAll: bool, ask: text(16_384), tls: bool, icon: maybe(shape({ md5: text(32), mmh3: signed })),
  }),
  package: shape({ ecosystem: text(100), name: text(500), version: text(500), purl: maybe(text(1000)),
    source: maybe(text(500)), sourceVersion: maybe(text(500)), architecture: maybe(text(100)), distro: maybe(text(100)) }),
  match: shape({ template: text(200), matcher: maybe(text(200)), extracted: list(text(4096), 1000) }),
  login: shape({ record: text(100), method: text(32), outcome: oneOf('passed', 'failed', 'insufficient', 'not attempted'), rights: maybe(text(100)), why: text(1000), hostKey: maybe(text(100)) }),
  system: shape({
    source: oneOf('login', 'banner', 'stack'), name: text(200), version: maybe(text(200)), family: maybe(text(100)), cpe: maybe(text(500)), kernel: maybe(text(200)),
    architecture: maybe(text(100)), hardware: maybe(text(300)), confidence: count, facts,
  }),
  setting: shape({ area: text(100), name: maybe(text(1000)), facts }),
}

const place = shape({
  asset: uuid, address, host: maybe(text(255)), port: maybe(port), proto: maybe(oneOf('tcp', 'udp')), path: maybe(text(8192)),
  package: maybe(text(1000)),
})
const base64 = (most: number): Check => (value) => typeof value === 'string' && value.length <= most && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
const exchange = shape({
  over: oneOf('tcp', 'udp', 'tls', 'icmp'), to: text(100), serverName: maybe(text(255)), sent: base64(Math.ceil(mostSent / 3) * 4), received: base64(Math.ceil(mostReceived / 3) * 4),
  cut: bool, at: count, took: count, note: maybe(text(500)), turns: maybe(list(count, 1000)), ended: maybe(bool),
})
const call = shape({ protocol: oneOf('dns', 'http'), from: text(100), at: count, request: text(8192) })
const proof = shape({
  check: text(400), exchanges: list(exchange, mostExchanges), control: list(exchange, mostExchanges), controlNote: maybe(text(1000)), matched: list(text(2000), 100),
  variables: maybe(record(text(4096), 100)), callbacks: maybe(list(call, 50)),
  trigger: maybe((value) => isObject(value) && typeof value['kind'] === 'string' && Object.hasOwn(shapes, value['kind']) && place(value['at']) && shapes[value['kind']]!(value['data'])),
})
const evidence = shape({ sent: text(16_384), received: text(16_384), note: maybe(text(4096)) })
const common = { asset: uuid, address, at: count }

const events: Readonly<Record<string, Check>> = {
  seen: shape({
    seen: (value) => isObject(value) && Object.hasOwn(shapes, String(value['kind']))
      && shapes[String(value['kind'])]!(value['data'])
      && shape({ at: place, seen: count, by: text(100), evidence: maybe(evidence), proof: maybe(proof) })(value),
  }),
  covered: shape({ ...common, probe: text(100), ports: text(400_000), login: bool, signatures: maybe(list(count, 100_000)) }),
  failed: shape({ ...common, probe: text(100), ports: text(400_000), code: text(100), text: text(4096) }),
  done: shape({ ...common, outcome: oneOf('scanned', 'dead', 'partial', 'refused'), why: text(1000) }),
}

/** Whether it is a proof as src/core/proof.ts has it, of an address as ours are; `at` of its trigger included. For files that somebody brings. */
export function isProof(value: unknown): boolean {
  return proof(value)
}

/** Reads one event as it came over the wire. Throws `scan.bad_event` when it is none: nothing half-understood is taken. */
export function readEvent(line: string): ScanEvent {
  if (line.length > batchLimits.event) fail('scan.bad_event', { why: `a line has ${line.length} characters` })
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return fail('scan.bad_event', { why: 'a line is not JSON' })
  }
  const type = isObject(value) ? String(value['type']) : ''
  if (!Object.hasOwn(events, type)) fail('scan.bad_event', { why: `its type is "${type.slice(0, 40)}"` })
  if (!events[type]!(value)) fail('scan.bad_event', { why: `a "${type}" that lacks what it must hold` })
  return value as ScanEvent
}

/** Reads a batch: one event a line. */
export function readBatch(body: string): readonly ScanEvent[] {
  const lines = body.split('\n').filter((line) => line !== '')
  if (lines.length > batchLimits.events) fail('scan.bad_event', { why: `a batch of ${lines.length} events` })
  return lines.map(readEvent)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
