import type { Evidence } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import type { Target } from '../../service.ts'
import { capability, loginHead, loginMessage, packet, packetEnd, parseColumn, parseError, parseHandshake, parsePacket, query, resultEnd, switchAnswer } from './mysql-message.ts'

/** `in` null: an answer that tells neither. `databases` null: not in, or they could not be listed. */
export type Login = Readonly<{ in: boolean | null; databases: readonly string[] | null }>

const insecureTransport = 3159
const mostDatabases = 50

/** Tries a user without a password, inside TLS where the server demands it. */
export async function logIn(target: Target, user: string, evidence: Evidence[]): Promise<Login | Failure> {
  const plain = await attempt(target, user, false, evidence)
  return failed(plain) || plain.needsTls !== true || target.tls ? plain : attempt(target, user, true, evidence)
}

async function attempt(target: Target, user: string, tls: boolean, evidence: Evidence[]): Promise<(Login & { needsTls?: boolean }) | Failure> {
  const connection = await target.open()
  try {
    return await talk(connection, user, tls)
  } finally {
    evidence.push(connection.evidence(`login as ${user === '' ? 'the empty user' : user} without a password`))
    connection.close()
  }
}

async function talk(connection: Connection, user: string, tls: boolean): Promise<(Login & { needsTls?: boolean }) | Failure> {
  const greeting = await connection.read({ until: packetEnd, most: 4096 })
  if (failed(greeting)) return greeting
  const handshake = parseHandshake(greeting.bytes)
  if (handshake === null || (handshake.capabilities & capability.protocol41) === 0) return { failed: 'protocol', text: 'no handshake we can answer' }
  let sequence = 1
  if (tls) {
    connection.write(packet(sequence++, loginHead(true)))
    const upgraded = await connection.upgrade({})
    if (upgraded !== true) return upgraded
  }
  connection.write(packet(sequence, loginMessage(user, tls)))
  for (let round = 0; round < 3; round++) {
    const answer = await connection.read({ until: packetEnd, most: 8192 })
    if (failed(answer)) return answer
    const message = parsePacket(answer.bytes)
    if (message === null) return { failed: 'closed', text: 'the server hung up on a login' }
    if (message.bytes[0] === 0) return { in: true, databases: await databasesOf(connection) }
    const error = parseError(answer.bytes)
    if (error !== null) return error.code === insecureTransport ? { in: null, databases: null, needsTls: true } : { in: false, databases: null }
    // 0x01 is more data (caching_sha2_password: 3 fast success, 4 full authentication, which no empty password needs).
    if (message.bytes[0] === 1 && message.bytes[1] === 3) continue
    if (message.bytes[0] !== 0xfe) return { in: message.bytes[0] === 1 ? false : null, databases: null }
    connection.write(switchAnswer((message.sequence + 1) & 255, message.bytes))
  }
  return { in: null, databases: null }
}

async function databasesOf(connection: Connection): Promise<readonly string[] | null> {
  connection.write(query('SHOW DATABASES'))
  const answer = await connection.read({ until: resultEnd, most: 32_768 })
  connection.write(packet(0, Uint8Array.of(1)))
  return failed(answer) ? null : parseColumn(answer.bytes, mostDatabases)
}
