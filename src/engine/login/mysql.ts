import { constants, createHash, publicEncrypt } from 'node:crypto'
import type { Credential } from '#core/credential.ts'
import type { Facts } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import type { Sight } from '../probe.ts'
import { capability, packet, packetEnd, parseError, parseHandshake, parsePacket, query, resultEnd } from '../services/database/mysql-message.ts'
import { bytesOf, parse, u32le, type ByteReader } from '../services/wire/byte-reader.ts'
import { attemptOf } from './attempt.ts'
import { databaseLogin, type Trouble } from './database-login.ts'

type Login = Credential & { kind: 'mysql' }

/**
 * Logs in to MySQL or MariaDB, inside TLS where it has any, and reads its settings. The password is said in the clear to nobody: outside TLS it goes as a scramble, or sealed to the server's RSA key. Facts of
 * the area `database`: see docs/user/authentication.md. Reproduce: `mysql -h HOST -u USER -p -e "show variables"`. Source: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
 */
export const loginMysql = databaseLogin<'mysql', Connection>({
  kind: 'mysql',
  logIn: async (connection, credential) => (await logIn(connection, credential)) ?? connection,
  look,
  leave: (connection) => connection.write(packet(0, Uint8Array.of(1))),
})

const variables = ['version', 'version_comment', 'secure_file_priv', 'local_infile', 'have_ssl', 'require_secure_transport', 'skip_grant_tables', 'skip_name_resolve', 'log_error', 'general_log', 'bind_address', 'default_password_lifetime', 'old_passwords']

async function* look(connection: Connection, credential: Login, at: Place): AsyncGenerator<Sight, boolean> {
  const missing: string[] = []
  const facts: Record<string, Facts[string]> = {}
  const asked: string[] = []
  const rowsOf = async (name: string, sql: string): Promise<readonly (readonly string[])[]> => {
    asked.push(sql)
    const rows = await ask(connection, sql)
    if (rows === null) missing.push(name)
    return rows ?? []
  }
  const values = new Map((await rowsOf('settings', `show variables where Variable_name in (${variables.map((name) => `'${name}'`).join(', ')})`)).map(([name = '', value = '']) => [name, value] as const))
  const text = (name: string): string | null => values.get(name)?.slice(0, 200) ?? null
  const isOn = (name: string): boolean | null => (values.has(name) ? /^(?:ON|YES|1)$/i.test(values.get(name)!) : null)
  Object.assign(facts, {
    version: text('version'), edition: text('version_comment'), secureFilePriv: text('secure_file_priv') === '' ? 'anywhere' : text('secure_file_priv'), localInfile: isOn('local_infile'), ssl: isOn('have_ssl'), requireTls: isOn('require_secure_transport'),
    grantsSkipped: isOn('skip_grant_tables'), generalLog: isOn('general_log'), listens: text('bind_address'),
  })
  facts['plugins'] = (await rowsOf('plugins', "select plugin_name from information_schema.plugins where plugin_status = 'ACTIVE' limit 200")).map(([name = '']) => name.slice(0, 64))
  const isMaria = /mariadb/i.test(String(facts['version']))
  const users = await rowsOf('users', isMaria
    ? "select user, host, json_value(priv, '$.plugin'), if(coalesce(json_value(priv, '$.authentication_string'), '') = '', 1, 0), if(json_value(priv, '$.account_locked') in ('true', '1'), 1, 0) from mysql.global_priv where coalesce(json_value(priv, '$.is_role'), '') <> 'true' limit 500"
    : "select user, host, plugin, if(authentication_string = '', 1, 0), if(account_locked = 'Y', 1, 0) from mysql.user limit 500")
  // Who comes in by the operating system has no password and needs none.
  const bare = users.filter(([, , plugin = '', empty, locked]) => empty === '1' && locked === '0' && /^(?:mysql_native_password|caching_sha2_password|sha256_password|ed25519|)$/.test(plugin))
  if (!missing.includes('users')) {
    Object.assign(facts, {
      users: users.length, anonymousUsers: users.filter(([user = '']) => user === '').length, usersWithoutPassword: bare.map(([user = '', host = '']) => `${user}@${host}`.slice(0, 120)).slice(0, 100),
      rootFromAnywhere: users.some(([user, host]) => user === 'root' && host === '%'),
    })
  }
  yield { kind: 'setting', at, data: { area: 'database', name: 'mysql', facts }, evidence: { sent: asked.join('\n'), received: JSON.stringify(facts, null, 1).slice(0, 4000) } }
  const isWhole = missing.length === 0
  yield attemptOf(credential, at, { outcome: isWhole ? 'passed' : 'insufficient', rights: 'user', why: `as ${credential.user}${isWhole ? '' : `; not to be read: ${missing.join(', ')}. The right SELECT on mysql.* reads them`}` })
  if (isWhole) yield { kind: 'entered', at }
  return isWhole
}

const fullLogin = 4
const longSecret = 2_097_152

async function logIn(connection: Connection, credential: Login): Promise<Trouble | null> {
  const lost = ({ text }: Failure): Trouble => ({ outcome: 'not attempted', why: text })
  const greeting = await connection.read({ until: packetEnd, most: 4096 })
  if (failed(greeting)) return lost(greeting)
  const error = parseError(greeting.bytes)
  if (error !== null) return { outcome: 'not attempted', why: error.text }
  const handshake = parseHandshake(greeting.bytes)
  let challenge = handshake === null ? null : challengeOf(greeting.bytes)
  if (handshake === null || challenge === null) return { outcome: 'not attempted', why: 'no greeting that is known here' }
  const isSecure = (handshake.capabilities & capability.tls) !== 0
  const flags = u32le((capability.longPassword | capability.protocol41 | capability.transactions | capability.secureConnection | capability.pluginAuth | (isSecure ? capability.tls : 0) | longSecret) >>> 0)
  const head = bytesOf(flags, u32le(16_777_216), 45, new Uint8Array(23))
  let sequence = 1
  if (isSecure) {
    connection.write(packet(sequence++, head))
    const upgraded = await connection.upgrade({})
    if (upgraded !== true) return lost(upgraded)
  }
  let plugin = handshake.plugin ?? 'mysql_native_password'
  const first = scramble(plugin, credential.password, challenge) ?? new Uint8Array()
  connection.write(packet(sequence, bytesOf(head, Buffer.from(credential.user.replaceAll('\0', '')), 0, first.length, first, plugin, 0)))
  for (let round = 0; round < 8; round++) {
    const answer = await connection.read({ until: packetEnd, most: 16_384 })
    if (failed(answer)) return lost(answer)
    const message = parsePacket(answer.bytes)
    if (message === null || message.bytes.length === 0) return { outcome: 'not attempted', why: 'the server hung up on the login' }
    const [kind] = message.bytes
    const reply = (bytes: Uint8Array): void => connection.write(packet((message.sequence + 1) & 255, bytes))
    if (kind === 0) return null
    if (kind === 0xff) return { outcome: 'failed', why: parseError(answer.bytes)?.text ?? 'the server refused the login' }
    if (kind === 0xfe) {
      const wish = parse(message.bytes, (reader) => {
        reader.skip(1)
        return { plugin: untilNul(reader), challenge: Uint8Array.from(reader.rest()).subarray(0, 20) }
      })
      const said = wish === null ? null : scramble(wish.plugin, credential.password, wish.challenge)
      if (wish === null || said === null) return { outcome: 'failed', why: `the server asks for a login that is not known here${wish === null ? '' : ` (${wish.plugin.replace(/[^\w]/g, '').slice(0, 40)})`}` }
      ;({ plugin, challenge } = wish)
      reply(said)
      continue
    }
    if (kind !== 1) return { outcome: 'failed', why: 'an answer to the login that is not known here' }
    if (message.bytes[1] === fullLogin && plugin === 'caching_sha2_password') {
      if (isSecure) reply(bytesOf(Buffer.from(credential.password), 0))
      else reply(Uint8Array.of(2))
    } else if (message.bytes[1] === 0x2d) {
      const sealed = sealTo(Buffer.from(message.bytes.subarray(1)).toString('latin1'), credential.password, challenge)
      if (sealed === null) return { outcome: 'failed', why: 'the server’s key cannot be read' }
      reply(sealed)
    }
  }
  return { outcome: 'failed', why: 'the server talks without end' }
}

/** Null: nothing that says the password to who does not know it, or that is known here. */
function scramble(plugin: string, password: string, challenge: Uint8Array): Uint8Array | null {
  if (password === '') return new Uint8Array()
  const hash = (name: string, ...parts: readonly Uint8Array[]): Buffer => parts.reduce((to, part) => to.update(part), createHash(name)).digest()
  const secret = Buffer.from(password)
  if (plugin === 'mysql_native_password') {
    const once = hash('sha1', secret)
    return xor(once, hash('sha1', challenge, hash('sha1', once)))
  }
  if (plugin === 'caching_sha2_password') {
    const once = hash('sha256', secret)
    return xor(once, hash('sha256', hash('sha256', once), challenge))
  }
  return null
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ other[index % other.length]!)
}

function sealTo(pem: string, password: string, challenge: Uint8Array): Uint8Array | null {
  try {
    return publicEncrypt({ key: pem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, xor(bytesOf(Buffer.from(password), 0), challenge))
  } catch {
    return null
  }
}

/** The 20 bytes of the greeting that a scramble is made with. */
function challengeOf(greeting: Uint8Array): Uint8Array | null {
  const message = parsePacket(greeting)
  return message === null ? null : parse(message.bytes, (reader) => {
    reader.skip(1)
    untilNul(reader)
    reader.skip(4)
    const first = Uint8Array.from(reader.take(8))
    reader.skip(1 + 2 + 1 + 2 + 2 + 1 + 10)
    return bytesOf(first, Uint8Array.from(reader.take(12)))
  })
}

function untilNul(reader: ByteReader): string {
  let text = ''
  for (let byte = reader.u8(); byte !== 0 && text.length < 200; byte = reader.u8()) text += String.fromCharCode(byte)
  return text
}

/** Null: the server said no to the question. */
async function ask(connection: Connection, sql: string): Promise<readonly (readonly string[])[] | null> {
  connection.write(query(sql))
  const answer = await connection.read({ until: resultEnd, most: 1_048_576 })
  if (failed(answer) || parseError(answer.bytes) !== null) return null
  const packets: Uint8Array[] = []
  parse(answer.bytes, (reader) => {
    while (reader.left >= 4 && packets.length < 3000) {
      const length = reader.u16le() | (reader.u8() << 16)
      reader.skip(1)
      packets.push(reader.take(length))
    }
  })
  const columns = packets[0]?.length === 1 ? packets[0][0]! : 0
  if (columns === 0 || columns > 50) return null
  return packets.slice(columns + 2).flatMap((row) => (row[0] === 0xfe && row.length < 9 ? [] : [rowOf(row, columns)]))
}

function rowOf(row: Uint8Array, columns: number): readonly string[] {
  return parse(row, (reader) => Array.from({ length: columns }, () => {
    const first = reader.u8()
    if (first === 0xfb) return ''
    const length = first === 0xfc ? reader.u16le() : first === 0xfd ? reader.u16le() | (reader.u8() << 16) : first
    return Buffer.from(reader.take(length)).toString('utf8').slice(0, 1000)
  })) ?? []
}
