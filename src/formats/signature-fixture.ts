import { askKey } from '#core/ask.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import type { Report } from './signature-entry.ts'

/** An observation that a signature must, or must not, fire on; `also` names other signatures that may fire on it as well. */
export type Fixture = Readonly<{ seen: Observation; also: readonly number[] }>

/** When fixtures were seen: 2026-11-01T00:00:00Z. */
const fixtureTime = Date.UTC(2026, 10, 1)

/** What a fixture need not say, by kind. */
const unsaid: { readonly [K in keyof Shapes]: Partial<Shapes[K]> } = {
  host: { up: true, why: 'answered' },
  port: { state: 'open' },
  service: { tls: false, facts: {} },
  tls: {
    accepted: ['TLSv1.2', 'TLSv1.3'],
    refused: ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1'],
    suites: ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    weak: [],
    forwardSecrecy: true,
    dhBits: null,
    starttls: null,
    certificate: null,
  },
  http: {
    method: 'GET',
    path: '/',
    status: 200,
    headers: {},
    title: null,
    body: '',
    length: 0,
    catchAll: false,
    ask: 'GET /',
    tls: false,
  },
  package: {},
  match: { extracted: [] },
  login: { method: 'ssh', outcome: 'passed', why: '' },
  system: { source: 'login', confidence: 100, facts: {} },
  setting: { facts: {} },
}

const certificate = {
  subject: 'CN=www.example.org',
  issuer: 'C=US, O=Example Trust, CN=Example CA 1',
  names: ['www.example.org'],
  serial: '0a1b2c3d4e5f60718293',
  sha256: 'ab'.repeat(32),
  notBefore: fixtureTime - 30 * 86_400_000,
  notAfter: fixtureTime + 60 * 86_400_000,
  keyType: 'rsa',
  keyBits: 2048,
  signatureAlgorithm: 'sha256WithRSAEncryption',
  selfSigned: false,
  trusted: true,
  nameMatches: true,
  chainLength: 2,
}

/**
 * Turns the short form of fixtures into observations: fields of `data`, those left out as an unremarkable server has them, and
 * `$port`, `$host`, `$also` (ids of other signatures that may fire). A `certificate` is laid over a sound one; its `notBefore`
 * and `notAfter` may be days from when it was seen.
 */
export function readFixtures(value: unknown, signature: Signature, field: string, report: Report): readonly Fixture[] {
  if (!Array.isArray(value) || value.length === 0) {
    report(field, 'needs at least one observation')
    return []
  }
  return value.flatMap((one: unknown, index): Fixture[] => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) {
      report(`${field}[${index}]`, 'is not an observation')
      return []
    }
    return [buildFixture(one as Readonly<Record<string, unknown>>, signature, (text) => report(`${field}[${index}]`, text))]
  })
}

function buildFixture(given: Readonly<Record<string, unknown>>, signature: Signature, wrong: (text: string) => void): Fixture {
  const { $port: port, $host: host, $also: also, ...said } = given
  const data: Record<string, unknown> = { ...unsaid[signature.on], ...said }
  if (signature.on === 'http') {
    const ask = signature.ask ?? { path: '/' }
    Object.assign(
      data,
      { method: ask.method ?? 'GET', path: ask.path, ask: askKey(ask), length: String(data['body']).length },
      said,
    )
  }
  if (signature.on === 'service' && typeof data['name'] !== 'string') wrong('a service needs a name')
  if (signature.on === 'tls' && 'certificate' in said && said['certificate'] !== null)
    data['certificate'] = certificateOf(said['certificate'] as object)
  for (const key of Object.keys(said))
    if (!fieldsOf[signature.on].includes(key)) wrong(`'${key}' is not a field of ${signature.on}`)
  const seen = {
    kind: signature.on,
    at: {
      asset: 'fixture',
      address: '127.0.0.1',
      port: typeof port === 'number' ? port : 1,
      proto: 'tcp',
      ...(typeof host === 'string' ? { host } : {}),
      ...(signature.on === 'http' ? { path: String(data['path']) } : {}),
    },
    seen: fixtureTime,
    by: 'fixture@1',
    data,
  } as unknown as Observation
  return { seen, also: Array.isArray(also) ? also.filter((id) => typeof id === 'number') : [] }
}

const fieldsOf: { readonly [K in keyof Shapes]: readonly string[] } = {
  host: ['up', 'why'],
  port: ['state', 'why'],
  service: ['name', 'product', 'version', 'cpe', 'distro', 'tls', 'banner', 'facts'],
  tls: [
    'accepted', 'refused', 'suites', 'weak', 'forwardSecrecy', 'dhBits', 'starttls', 'certificate', 'offers', 'groups', 'signatures', 'dhGroup', 'compression',
    'secureRenegotiation', 'clientRenegotiation', 'sessionIds', 'tickets', 'earlyData', 'stapling', 'alpn', 'hsts', 'fallbackGuard', 'extendedMasterSecret',
    'encryptThenMac', 'heartbeat', 'intolerant', 'nameless', 'flaws', 'tested', 'certificates',
  ],
  http: ['method', 'path', 'status', 'headers', 'title', 'body', 'length', 'catchAll', 'ask', 'tls'],
  package: ['ecosystem', 'name', 'version', 'purl'],
  match: ['template', 'matcher', 'extracted'],
  login: ['record', 'method', 'outcome', 'rights', 'why', 'hostKey'],
  system: ['source', 'name', 'version', 'family', 'cpe', 'kernel', 'architecture', 'hardware', 'confidence', 'facts'],
  setting: ['area', 'name', 'facts'],
}

function certificateOf(given: object): object {
  const whole: Record<string, unknown> = { ...certificate, ...given }
  for (const edge of ['notBefore', 'notAfter']) {
    const value = whole[edge]
    if (typeof value === 'number' && Math.abs(value) < 100_000) whole[edge] = fixtureTime + value * 86_400_000
  }
  return whole
}
