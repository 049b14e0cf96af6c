import { failed, type Connection, type Failure } from '../net.ts'
import { textOf } from '../net/transcript.ts'
import { rdpRequest, readRdpAnswer, tpktLength } from '../services/desktop/rdp.ts'

type Start = (connection: Connection, name: string | undefined) => Promise<true | Failure>

const refused: Failure = { failed: 'protocol', text: 'the service did not agree to STARTTLS' }

/** How each protocol agrees to go on in TLS; after `true` the next byte is TLS. */
const starts: Readonly<Record<string, Start>> = {
  smtp: (connection) => talk(connection, [['', /^220/], ['EHLO vigil.invalid\r\n', /^250/], ['STARTTLS\r\n', /^220/]]),
  ftp: (connection) => talk(connection, [['', /^220/], ['AUTH TLS\r\n', /^234/]]),
  pop3: (connection) => talk(connection, [['', /^\+OK/], ['STLS\r\n', /^\+OK/]]),
  imap: (connection) => talk(connection, [['', /^\* (OK|PREAUTH)/i], ['a1 STARTTLS\r\n', /^a1 OK/im]]),
  nntp: (connection) => talk(connection, [['', /^20[01]/], ['STARTTLS\r\n', /^382/]]),
  // ManageSieve ends each answer with a line that says OK.
  sieve: (connection) => talkUntil(connection, [['', /^OK\b/im], ['STARTTLS\r\n', /^OK\b/im]]),
  irc: (connection) => talkUntil(connection, [['STARTTLS\r\n', / 670 /]]),
  // RFC 6120 §5.4: a stream, its features, then `proceed`.
  xmpp: (connection, name = 'localhost') => talkUntil(connection, [
    [`<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${name.replace(/[^\w.-]/g, '')}' version='1.0'>`, /<\/stream:features>/],
    ["<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", /<proceed[^>]*>/],
  ]),
  // LDAP extended request 1.3.6.1.4.1.1466.20037 (RFC 4511 §4.14): message 1, application 23, context 0.
  async ldap(connection) {
    const oid = Buffer.from('1.3.6.1.4.1.1466.20037')
    connection.write(Buffer.concat([Buffer.from([0x30, oid.length + 7, 0x02, 1, 1, 0x77, oid.length + 2, 0x80, oid.length]), oid]))
    const answer = await connection.read({ until: (bytes) => (bytes.length >= 2 && bytes.length >= 2 + bytes[1]! ? bytes.length : null), most: 4096 })
    if (failed(answer)) return answer
    // ExtendedResponse 0x78 with ENUMERATED resultCode 0.
    const at = Buffer.from(answer.bytes).indexOf(Buffer.from([0x0a, 1]))
    return answer.bytes.includes(0x78) && at > 0 && answer.bytes[at + 2] === 0 ? true : refused
  },
  async postgresql(connection) {
    connection.write(Uint8Array.from([0, 0, 0, 8, 4, 210, 22, 47]))
    const answer = await connection.read({ until: (bytes) => (bytes.length > 0 ? 1 : null) })
    return failed(answer) ? answer : textOf(answer.bytes) === 'S' ? true : refused
  },
  // Either kind of security that RDP negotiates goes on in TLS ([MS-RDPBCGR] 5.4.5).
  async rdp(connection) {
    connection.write(rdpRequest(3))
    const answer = await connection.read({ until: tpktLength, most: 4096 })
    if (failed(answer)) return answer
    const chosen = readRdpAnswer(answer.bytes)
    return chosen === 'TLS' || chosen === 'CredSSP' ? true : refused
  },
  async mysql(connection) {
    const greeting = await connection.read({ until: packetEnd, most: 4096 })
    if (failed(greeting)) return greeting
    if (greeting.bytes[4] !== 10) return refused
    // SSLRequest: CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION, 16 MB, utf8, 23 zeros; packet number 1.
    connection.write(Uint8Array.from([32, 0, 0, 1, 0x00, 0x8a, 0, 0, 0, 0, 0, 1, 33, ...Array<number>(23).fill(0)]))
    return true
  },
}

/** Whether this service can be asked to go on in TLS. */
export function knowsStartTls(service: string): boolean {
  return service in starts
}

export async function startTls(connection: Connection, service: string, name?: string): Promise<true | Failure> {
  const start = starts[service]
  return start === undefined ? refused : start(connection, name)
}

async function talk(connection: Connection, steps: readonly (readonly [say: string, expect: RegExp])[]): Promise<true | Failure> {
  for (const [say, expect] of steps) {
    if (say !== '') connection.write(say)
    const answer = await connection.read({ until: replyEnd, most: 16_384 })
    if (failed(answer)) return answer
    if (!expect.test(textOf(answer.bytes))) return refused
  }
  return true
}

/** Where an answer has no end of its own: until what is hoped for is there, or the peer hangs up. */
async function talkUntil(connection: Connection, steps: readonly (readonly [say: string, expect: RegExp])[]): Promise<true | Failure> {
  for (const [say, expect] of steps) {
    if (say !== '') connection.write(say)
    const answer = await connection.read({ until: (bytes) => (expect.test(textOf(bytes)) ? bytes.length : null), most: 16_384 })
    if (failed(answer)) return answer
    if (!expect.test(textOf(answer.bytes))) return refused
  }
  return true
}

/** A reply ends with a line that does not say that another follows (`250-`), and in IMAP with the tagged line. */
function replyEnd(bytes: Uint8Array): number | null {
  const text = textOf(bytes)
  if (!text.endsWith('\n')) return null
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  if (/^\d{3}-/.test(last) || (last.startsWith('* ') && !/^\* (OK|PREAUTH|BYE)/i.test(last))) return null
  return bytes.length
}

function packetEnd(bytes: Uint8Array): number | null {
  if (bytes.length < 4) return null
  const end = 4 + bytes[0]! + bytes[1]! * 256 + bytes[2]! * 65_536
  return bytes.length >= end ? end : null
}
