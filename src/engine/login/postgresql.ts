import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Credential } from '#core/credential.ts'
import type { Facts } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import type { Sight } from '../probe.ts'
import { bytesOf, parse, u32, type Piece } from '../services/wire/byte-reader.ts'
import { attemptOf } from './attempt.ts'
import { databaseLogin, type Trouble } from './database-login.ts'

type Login = Credential & { kind: 'postgresql' }
type Message = Readonly<{ type: string; body: Buffer }>
/** Reads of one session; PostgreSQL speaks strictly by turns. */
type Session = Readonly<{ next(): Promise<Message | Failure>; send(type: string, ...body: readonly Piece[]): void }>

const mostMessage = 1_048_576

/**
 * Logs in to PostgreSQL, inside TLS where it has any, and reads its settings. Never says a password in the clear, nor to a server that shows by SCRAM that it does not know it. Facts of the area
 * `database`: see docs/user/authentication.md. Reproduce: `psql "host=HOST user=USER" -c "select * from pg_hba_file_rules"`. Source: https://www.postgresql.org/docs/current/protocol-flow.html
 */
export const loginPostgresql = databaseLogin<'postgresql', Session>({ kind: 'postgresql', logIn, look })

async function* look(session: Session, credential: Login, at: Place): AsyncGenerator<Sight, boolean> {
  const facts: Record<string, Facts[string]> = {}
  const missing: string[] = []
  for (const [name, sql, read] of questions) {
    const rows = await ask(session, sql)
    if (rows === null) missing.push(name)
    else Object.assign(facts, read(rows))
  }
  yield { kind: 'setting', at, data: { area: 'database', name: 'postgresql', facts }, evidence: { sent: questions.map(([, sql]) => sql).join('\n'), received: JSON.stringify(facts, null, 1).slice(0, 4000) } }
  const isWhole = missing.length === 0
  yield attemptOf(credential, at, {
    outcome: isWhole ? 'passed' : 'insufficient', rights: facts['superuser'] === true ? 'root' : 'user', why: `as ${credential.user}${isWhole ? '' : `; not to be read: ${missing.join(', ')}. The role pg_monitor, or a superuser, reads them`}`,
  })
  if (isWhole) yield { kind: 'entered', at }
  return isWhole
}

type Rows = readonly (readonly string[])[]
const questions: readonly (readonly [string, string, (rows: Rows) => Record<string, Facts[string]>])[] = [
  ['settings', "select name, setting from pg_settings where name in ('server_version', 'ssl', 'password_encryption', 'log_connections', 'log_disconnections', 'log_statement', 'listen_addresses', 'shared_preload_libraries', 'row_security')", (rows) => {
    const of = new Map(rows.map(([name = '', value = '']) => [name, value]))
    const text = (name: string): string | null => of.get(name)?.slice(0, 200) ?? null
    return {
      version: text('server_version'), ssl: of.get('ssl') === 'on', passwordEncryption: text('password_encryption'), logConnections: of.get('log_connections') === 'on', logDisconnections: of.get('log_disconnections') === 'on',
      logStatement: text('log_statement'), listens: text('listen_addresses'), preloaded: text('shared_preload_libraries'),
    }
  }],
  ['roles', "select rolname, rolsuper from pg_roles where rolcanlogin and rolsuper limit 200", (rows) => ({ superusers: rows.map(([name = '']) => name.slice(0, 63)) })],
  ['rights', "select current_setting('is_superuser')", (rows) => ({ superuser: rows[0]?.[0] === 'on' })],
  ['extensions', 'select extname, extversion from pg_extension limit 200', (rows) => ({ extensions: rows.map(([name = '', version = '']) => `${name} ${version}`.slice(0, 100)) })],
  ['passwords of roles', 'select rolname from pg_authid where rolcanlogin and rolsuper and rolpassword is null limit 200', (rows) => ({ superusersWithoutPassword: rows.map(([name = '']) => name.slice(0, 63)) })],
  ['rules of access', "select concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), address, netmask) from pg_hba_file_rules where auth_method = 'trust' and type <> 'local' limit 50", (rows) => ({ trustRules: rows.map(([rule = '']) => rule.slice(0, 200)) })],
]

/** Null: the server said no to the question. */
async function ask(session: Session, sql: string): Promise<Rows | null> {
  session.send('Q', sql, 0)
  const rows: string[][] = []
  let refused = false
  for (let count = 0; count < 2000; count++) {
    const message = await session.next()
    if (failed(message)) return null
    if (message.type === 'Z') return refused ? null : rows
    if (message.type === 'E') refused = true
    if (message.type === 'D') rows.push(rowOf(message.body))
  }
  return null
}

function rowOf(body: Buffer): string[] {
  return parse(body, (reader) => Array.from({ length: Math.min(reader.u16(), 20) }, () => {
    const length = reader.u32()
    return length === 0xffffffff ? '' : Buffer.from(reader.take(length)).toString('utf8')
  })) ?? []
}

async function logIn(connection: Connection, credential: Login): Promise<Session | Trouble> {
  const lost = ({ text }: Failure): Trouble => ({ outcome: 'not attempted', why: text })
  connection.write(bytesOf(u32(8), u32(80_877_103)))
  const offer = await connection.read({ until: (received) => (received.length > 0 ? 1 : null), most: 16 })
  if (failed(offer)) return lost(offer)
  const isSecure = offer.bytes[0] === 0x53
  if (isSecure) {
    const upgraded = await connection.upgrade({})
    if (upgraded !== true) return lost(upgraded)
  }
  const session = sessionOver(connection)
  const startup = bytesOf(u32(196_608), 'user', 0, utf8(credential.user), 0, 'database', 0, utf8(credential.database ?? 'postgres'), 0, 'application_name', 0, 'vigil', 0, 'default_transaction_read_only', 0, 'on', 0, 0)
  connection.write(bytesOf(u32(startup.length + 4), startup))
  let scram: ReturnType<typeof scramOf> | null = null
  for (let round = 0; round < 200; round++) {
    const message = await session.next()
    if (failed(message)) return lost(message)
    if (message.type === 'E') return { outcome: 'failed', why: errorOf(message.body) }
    if (message.type === 'Z') return session
    if (message.type !== 'R') continue
    const code = message.body.length >= 4 ? message.body.readUInt32BE(0) : -1
    const rest = message.body.subarray(4)
    if (code === 3) return { outcome: 'failed', why: 'the server asks for the password in the clear; it is not said. Set scram-sha-256 in pg_hba.conf' }
    if (code === 5) session.send('p', `md5${md5(Buffer.concat([Buffer.from(md5(Buffer.from(credential.password + credential.user))), rest.subarray(0, 4)]))}`, 0)
    else if (code === 10) {
      if (!rest.toString('latin1').split('\0').includes('SCRAM-SHA-256')) return { outcome: 'failed', why: 'the server offers no way to log in that is known here' }
      scram = scramOf(credential.password)
      session.send('p', 'SCRAM-SHA-256', 0, u32(Buffer.byteLength(scram.first)), scram.first)
    } else if (code === 11 && scram !== null) {
      const answer = scram.answer(rest.toString('latin1'))
      if (answer === null) return { outcome: 'failed', why: 'the server’s half of SCRAM is not what it should be' }
      session.send('p', answer)
    } else if (code === 12 && scram !== null) {
      if (!scram.proves(rest.toString('latin1'))) return { outcome: 'failed', why: 'the server does not know the password itself: it is not the one it passes for' }
    } else if (code !== 0) return { outcome: 'failed', why: 'the server asks for a login that is not known here (Kerberos, SSPI, LDAP over it)' }
  }
  return { outcome: 'failed', why: 'the server talks without end' }
}

function sessionOver(connection: Connection): Session {
  return {
    async next() {
      const head = await connection.read({ until: (received) => (received.length >= 5 ? 5 : null), most: mostMessage })
      if (failed(head)) return head
      if (head.bytes.length < 5) return { failed: 'closed', text: 'the server hung up' }
      const bytes = Buffer.from(head.bytes)
      const length = bytes.readUInt32BE(1) - 4
      if (length < 0 || length > mostMessage) return { failed: 'protocol', text: 'a message that is none' }
      if (length === 0) return { type: String.fromCharCode(bytes[0]!), body: Buffer.alloc(0) }
      const body = await connection.read({ until: (received) => (received.length >= length ? length : null), most: mostMessage + 1 })
      if (failed(body)) return body
      return body.bytes.length < length ? { failed: 'closed', text: 'the server hung up' } : { type: String.fromCharCode(bytes[0]!), body: Buffer.from(body.bytes) }
    },
    send(type, ...body) {
      const content = bytesOf(...body)
      connection.write(bytesOf(type, u32(content.length + 4), content))
    },
  }
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text.replaceAll('\0', ''))
}

/** SCRAM-SHA-256 (RFC 5802, 7677), without channel binding. The name is empty: the server takes that of the session. */
function scramOf(password: string) {
  const nonce = randomBytes(18).toString('base64')
  const bare = `n=,r=${nonce}`
  let expected: Buffer = Buffer.alloc(0)
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return {
    first: `n,,${bare}`,
    answer(server: string): string | null {
      const [, theirs = '', salt = '', iterations = ''] = /^r=([^,]{1,200}),s=([A-Za-z0-9+/=]{1,200}),i=(\d{1,7})/.exec(server) ?? []
      const rounds = Number(iterations)
      // Whoever answers chooses the rounds: as many as make a scanner wait are none of PostgreSQL's.
      if (!theirs.startsWith(nonce) || theirs === nonce || rounds < 1 || rounds > 1_000_000) return null
      const salted = pbkdf2Sync(password.normalize('NFKC'), Buffer.from(salt, 'base64'), rounds, 32, 'sha256')
      const clientKey = hmac(salted, 'Client Key')
      const last = `c=biws,r=${theirs}`
      const signed = `${bare},${server},${last}`
      const signature = hmac(createHash('sha256').update(clientKey).digest(), signed)
      expected = hmac(hmac(salted, 'Server Key'), signed)
      salted.fill(0)
      return `${last},p=${Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!)).toString('base64')}`
    },
    proves(server: string): boolean {
      const said = Buffer.from(/^v=([A-Za-z0-9+/=]{1,100})/.exec(server)?.[1] ?? '', 'base64')
      return expected.length > 0 && said.length === expected.length && timingSafeEqual(said, expected)
    },
  }
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function errorOf(body: Buffer): string {
  const text = body.subarray(0, 2000).toString('utf8').split('\0').find((field) => field.startsWith('M'))?.slice(1) ?? 'the server refused the login'
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300)
}
