import { parseIp } from '#core/ip.ts'
import { failed, type Connection } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { bytesOf, exactly, u16 } from '../wire/byte-reader.ts'
import { joinEvidence } from '../wire/reply.ts'

const noLogin = 0
const password = 2
const noneAcceptable = 0xff
const hostUnreachable = 4
const connectionRefused = 5
/** A port on which practically nobody listens. */
const emptyPort = 65_533

/**
 * SOCKS 5 and 4. Offers "no authentication", and where it is taken asks to be connected to the very proxy it speaks with, on the
 * same
 * address and port, and greets it again through itself, or tries an empty port of that address: nobody else is ever reached.
 * Facts: `protocol` (the highest), `socks4`, `auth` (false: no login needed), `methods` taken, `openProxy`.
 * Reproduce: `curl --socks5 HOST:PORT http://HOST:PORT/`. Source: RFC 1928, 1929; the SOCKS 4 memo.
 */
export const socks: Service = {
  name: 'socks',
  ports: [1080, 1081, 9050, 9150],
  guess: 65,
  async look(target) {
    const connection = await target.open()
    const first = await greet(connection, [noLogin])
    // What answered in another tongue is no proxy; what hung up may know SOCKS 4 alone.
    if (first === 'other') return null
    if (first === null) return socks4Only(target)
    const evidence = [connection.evidence()]
    const methods = first === noneAcceptable ? [] : [first]
    let relayed: boolean | null = null
    let incomplete: Sighting['incomplete']
    try {
      if (first === noLogin) {
        relayed = await reachesItself(target, connection)
        evidence[0] = connection.evidence(
          relayed === true ? 'Connected back to itself without a login, and greeted itself' : undefined,
        )
        if (relayed === false) {
          // Some refuse to call themselves and call anybody else: what they say of a port where nobody listens shows that they
          // tried it.
          const other = await target.open()
          relayed = await triesEmptyPort(target, other)
          evidence.push(
            other.evidence(
              relayed === true ? 'Tried a port of its own host without a login, and said that nobody listens there' : undefined,
            ),
          )
        }
      } else {
        const second = await target.open()
        const taken = await greet(second, [password])
        if (taken === password) methods.push(password)
        evidence.push(second.evidence())
      }
      connection.close()
      const four = await greets4(target)
      return {
        facts: { protocol: '5', socks4: four, auth: first !== noLogin, methods, openProxy: first === noLogin ? relayed : false },
        evidence: joinEvidence(...evidence),
      }
    } catch (error) {
      if (!(error instanceof Unseen)) throw error
      incomplete = { code: error.code, text: error.message }
      return {
        facts: { protocol: '5', auth: first !== noLogin, methods, openProxy: relayed },
        evidence: joinEvidence(...evidence),
        incomplete,
      }
    }
  },
}

/** The method the server takes; null when it hung up, or answered as SOCKS 4 does. */
async function greet(connection: Connection, methods: readonly number[]): Promise<number | 'other' | null> {
  connection.write(bytesOf(5, methods.length, methods))
  const answer = await connection.read({ until: exactly(2), most: 1024 })
  if (failed(answer)) return answer.failed === 'reset' || answer.failed === 'closed' ? null : 'other'
  if (answer.bytes.length === 0 || answer.bytes[0] === 0) return null
  if (answer.bytes.length !== 2 || answer.bytes[0] !== 5) return 'other'
  const method = answer.bytes[1]!
  // It must be one that was offered, or the word for none; anything else only begins with the same byte.
  return method === noneAcceptable || methods.includes(method) ? method : 'other'
}

async function triesEmptyPort(target: Target, connection: Connection): Promise<boolean | null> {
  if ((await greet(connection, [noLogin])) !== noLogin) return null
  const code = await connectTo(target, connection, emptyPort)
  return code === null ? null : code === hostUnreachable || code === connectionRefused || code === 0
}

async function reachesItself(target: Target, connection: Connection): Promise<boolean | null> {
  const code = await connectTo(target, connection, target.at.port ?? 0)
  if (code !== 0) return code === null ? null : false
  const method = await greet(connection, [noLogin])
  return typeof method === 'number'
}

/** The code of the reply to a CONNECT to the target's own address; null when there was none. */
async function connectTo(target: Target, connection: Connection, port: number): Promise<number | null> {
  connection.write(bytesOf(5, 1, 0, addressOf(target.at.address), u16(port)))
  const reply = await connection.read({ until: replyLength, most: 1024 })
  return failed(reply) || reply.bytes.length < 4 || reply.bytes[0] !== 5 ? null : reply.bytes[1]!
}

function replyLength(received: Uint8Array): number | null {
  if (received.length < 5) return null
  const kind = received[3]
  const length = kind === 1 ? 10 : kind === 4 ? 22 : kind === 3 ? 7 + received[4]! : received.length
  return received.length >= length ? length : null
}

function addressOf(address: string): Uint8Array {
  const ip = parseIp(address)
  const width = ip?.version === 6 ? 16 : 4
  const bytes = Array.from({ length: width }, (_, index) => Number(((ip?.value ?? 0n) >> BigInt(8 * (width - 1 - index))) & 255n))
  return bytesOf(width === 16 ? 4 : 1, bytes)
}

/** Whether SOCKS 4 is answered: granted 90, or refused 91–93. null when there is no IPv4 address to ask for. */
async function greets4(target: Target): Promise<boolean | null> {
  const answer = await ask4(target)
  return answer === null ? null : answer.granted !== null
}

async function ask4(target: Target): Promise<Readonly<{ granted: boolean | null; connection: Connection }> | null> {
  const ip = parseIp(target.at.address)
  if (ip?.version !== 4) return null
  const connection = await target.open()
  connection.write(bytesOf(4, 1, u16(target.at.port ?? 0), addressOf(target.at.address).subarray(1), 'vigil', 0))
  const reply = await connection.read({ until: exactly(8), most: 1024 })
  if (failed(reply) || reply.bytes.length !== 8 || reply.bytes[0] !== 0) return { granted: null, connection }
  const code = reply.bytes[1]!
  return { granted: code === 90 ? true : code >= 91 && code <= 93 ? false : null, connection }
}

async function socks4Only(target: Target): Promise<Sighting | null> {
  const answer = await ask4(target)
  if (answer === null || answer.granted === null) return null
  return {
    facts: { protocol: '4', socks4: true, auth: !answer.granted, methods: [], openProxy: answer.granted },
    evidence: answer.connection.evidence(),
  }
}
