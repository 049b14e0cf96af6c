import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { bytesOf, u32 } from '../wire/byte-reader.ts'
import { authMethodOf, messagesEnd, parseMessages, startup, type Message } from './postgresql-message.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

const sslRequest = bytesOf(u32(8), u32(80_877_103))
const terminate = bytesOf('X', u32(4))

/**
 * PostgreSQL (protocol 3). Asks for TLS, then begins a session as `postgres` to see how it would have to log in; sends no password and, where
 * none is needed, no query. Facts: see FACTS.md. Reproduce: `psql -h HOST -U postgres -w`.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html
 */
export const postgresql: Service = {
  name: 'postgresql',
  ports: [5432, 5433, 6432],
  guess: 45,
  async look(target) {
    const evidence: Evidence[] = []
    const offer = target.tls ? null : await askTls(target, evidence)
    if (offer !== null && failed(offer)) return null
    const plain = await begin(target, false, evidence)
    if (failed(plain)) return null
    const facts: Record<string, Facts[string]> = {}
    if (offer !== null) facts.starttls = offer.offered
    let session = plain
    let trouble: Failure | null = null
    if (!target.tls) {
      facts.plainAllowed = plain.method !== 'rejected'
      if (plain.method === 'rejected' && offer?.offered === true) {
        const secured = await begin(target, true, evidence)
        if (failed(secured)) trouble = secured
        else session = secured
      }
      facts.cleartextLogin = plain.method === 'password'
    }
    facts.authMethod = session.method
    facts.auth = session.method === 'trust' ? false : session.method === 'unknown' ? null : true
    facts.md5 = session.method === 'md5'
    if (session.errorCode !== null) facts.errorCode = session.errorCode
    if (session.serverVersion !== null) facts.serverVersion = session.serverVersion
    if (session.superuser !== null) facts.superuser = session.superuser
    const sighting: Sighting = { ...nameOf(session), facts, evidence: joinEvidence(...evidence) }
    return trouble === null ? sighting : { ...sighting, incomplete: { code: trouble.failed, text: trouble.text } }
  },
}

async function askTls(target: Target, evidence: Evidence[]): Promise<{ offered: boolean } | Failure> {
  const connection = await target.open()
  connection.write(sslRequest)
  const answer = await connection.read({ until: (received) => (received.length > 0 ? received.length : null), most: 4096 })
  evidence.push(connection.evidence())
  connection.close()
  if (failed(answer)) return answer
  const [letter] = answer.bytes
  // One byte: S or N; servers older than TLS answer with an error message, which begins with E.
  if (answer.bytes.length === 1 && (letter === 0x53 || letter === 0x4e)) return { offered: letter === 0x53 }
  return letter === 0x45 ? { offered: false } : { failed: 'protocol', text: 'not PostgreSQL' }
}

type Session = Readonly<{ method: string; errorCode: string | null; serverVersion: string | null; superuser: boolean | null; crdb: boolean; pooler: boolean }>

async function begin(target: Target, tls: boolean, evidence: Evidence[]): Promise<Session | Failure> {
  const connection = await target.open()
  try {
    if (tls) {
      connection.write(sslRequest)
      const ready = await connection.read({ until: (received) => (received.length > 0 ? 1 : null), most: 16 })
      if (failed(ready)) return ready
      const upgraded = await connection.upgrade({})
      if (upgraded !== true) return upgraded
    }
    connection.write(startup('postgres'))
    const answer = await connection.read({ until: messagesEnd, most: 32_768 })
    if (failed(answer)) return answer
    const messages = parseMessages(answer.bytes)
    const session = messages === null ? null : sessionOf(messages)
    if (session === null) return { failed: 'protocol', text: 'not PostgreSQL' }
    connection.write(terminate)
    return session
  } finally {
    evidence.push(connection.evidence(tls ? 'inside TLS' : 'in the clear'))
    connection.close()
  }
}

export function sessionOf(messages: readonly Message[]): Session | null {
  const [first] = messages
  if (first === undefined) return null
  const parameter = (name: string): string | null => messages.find((message) => message.type === 'S' && message.name === name)?.value ?? null
  const error = messages.find((message) => message.type === 'E')
  const errorCode = error === undefined || error.name === '' ? null : error.name
  const base = {
    errorCode,
    serverVersion: parameter('server_version'),
    superuser: parameter('is_superuser') === null ? null : parameter('is_superuser') === 'on',
    crdb: parameter('crdb_version') !== null,
    pooler: /pgbouncer/i.test(error?.value ?? ''),
  }
  if (first.type === 'R') {
    const method = authMethodOf(first)
    return { method: method === 'trust' && errorCode !== null && errorCode !== '3D000' ? 'unknown' : method, ...base }
  }
  if (first.type !== 'E' || errorCode === null) return null
  // 28000 invalid authorization: pg_hba has no line, or a reject, for us. 3D000: the database is missing, asked after the login.
  return { method: errorCode === '28000' ? 'rejected' : 'unknown', ...base }
}

function nameOf(session: Session): Readonly<{ product: string; version?: string; cpe?: string; distro?: string }> {
  if (session.crdb) return { product: 'CockroachDB', cpe: cpeOf('cockroachlabs:cockroachdb') }
  if (session.pooler) return { product: 'PgBouncer', cpe: cpeOf('pgbouncer:pgbouncer') }
  const version = /^\d{1,3}(?:\.\d{1,3}){0,2}/.exec(session.serverVersion ?? '')?.[0]
  return { product: 'PostgreSQL', ...(version === undefined ? {} : { version }), cpe: cpeOf('postgresql:postgresql', version), ...distroPart(session.serverVersion ?? '') }
}
