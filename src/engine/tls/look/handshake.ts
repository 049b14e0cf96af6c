import type { Observation } from '#core/observation.ts'
import { failed, type Connection, type TlsSession } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Tools } from '../../probe.ts'
import type { Asker } from '../asker.ts'
import { fieldAt, fieldsIn } from '../der.ts'

/** `earlyData`: bytes that a ticket of TLS 1.3 lets be sent before a handshake; null where it was not told. */
export type Handshake = Readonly<{ session: TlsSession; alpn: string | null; hsts: number | null; earlyData: number | null }>

/** One whole handshake by OpenSSL, where it can make one; and of a web server its root page, for Strict-Transport-Security. */
export async function handshakeOf({ dial, name, log }: Asker, seen: Observation<'service'>, tools: Tools, wait: number): Promise<Handshake | null> {
  const connection = await dial()
  if (failed(connection)) return null
  try {
    const resume: { ticket: Buffer | null } = { ticket: null }
    const web = seen.data.tls && seen.data.name === 'http'
    const upgraded = await connection.upgrade({ ...(name === undefined ? {} : { servername: name }), alpn: ['http/1.1'], resume })
    const session = connection.tls
    if (upgraded !== true || session === null) return null
    log.sent.push('handshake')
    log.received.push(`${session.version}, ${session.cipher}, ${session.chain.length} certificates`)
    if (!web) return { session, alpn: session.alpn, hsts: null, earlyData: await earlyDataOf(connection, session, resume, wait) }
    const { address } = seen.at
    connection.write(`GET / HTTP/1.1\r\nHost: ${name ?? (address.includes(':') ? `[${address}]` : address)}\r\nUser-Agent: Mozilla/5.0 (compatible; Vigil)\r\nAccept: */*\r\nConnection: close\r\n\r\n`)
    const answer = await connection.read({ until: '\r\n\r\n', most: 65_536, timeout: Math.min(2000, tools.profile.limits.answer) })
    return { session, alpn: session.alpn, hsts: failed(answer) ? null : hstsOf(textOf(answer.bytes)), earlyData: failed(answer) && answer.failed !== 'timeout' && resume.ticket === null ? null : await earlyDataOf(connection, session, resume, 0) }
  } finally {
    connection.close()
  }
}

/**
 * What the first ticket says of early data. A server sends tickets when the handshake is over, before all else; who has sent none by the time it answers, or in the whole wait, gives none. Versions below 1.3 know no
 * such thing.
 */
async function earlyDataOf(connection: Connection, { version }: TlsSession, resume: Readonly<{ ticket: Buffer | null }>, wait: number): Promise<number | null> {
  if (version !== 'TLSv1.3') return version === 'unknown' ? null : 0
  for (const until = performance.now() + wait; resume.ticket === null && performance.now() < until;) {
    const answer = await connection.read({ timeout: slice })
    // Who hangs up without a word may have wanted to know who we are.
    if (failed(answer) ? answer.failed !== 'timeout' : answer.ended && answer.bytes.length === 0) return null
  }
  return resume.ticket === null ? 0 : earlyDataIn(resume.ticket)
}

/** Ms for which a silent server is waited for between two looks at whether its ticket has come. */
const slice = 30

/**
 * `max_early_data` out of a session as OpenSSL writes it: a SEQUENCE of fields, that one under context tag 15; absent where it is 0. Newer Nodes write a line of their own before it, with the name
 * of the server: the SEQUENCE is what goes exactly to the end. Null where it cannot be read.
 */
export function earlyDataIn(session: Uint8Array): number | null {
  let outer: ReturnType<typeof fieldAt> = null
  for (let at = session.indexOf(0x30); at >= 0 && at < longestPreface; at = session.indexOf(0x30, at + 1)) {
    outer = fieldAt(session, at)
    if (outer?.to === session.length) break
    outer = null
  }
  if (outer === null) return null
  const fields = [...fieldsIn(session, outer)]
  if ((fields.at(-1)?.to ?? outer.from) !== outer.to) return null
  const field = fields.find(({ tag }) => tag === 0xaf)
  const value = field === undefined ? null : fieldAt(session, field.from)
  return value === null ? 0 : session.subarray(value.from, value.to).reduce((sum, byte) => sum * 256 + byte, 0)
}

const longestPreface = 600

/** Seconds that a browser is told to remember; 0 when the header is not there, null when it was no HTTP. */
function hstsOf(head: string): number | null {
  if (!/^HTTP\/\d/.test(head)) return null
  const value = /^strict-transport-security:[^\r\n]*?max-age="?(\d{1,12})/im.exec(head)?.[1]
  return value === undefined ? 0 : Number(value)
}
