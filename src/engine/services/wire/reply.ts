import type { Evidence } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'

/** A numbered reply as FTP and SMTP give it: `lines` without code and separator, at most 200. */
export type Reply = Readonly<{ code: number; lines: readonly string[]; text: string; ended: boolean }>

const mostBytes = 16_384
const mostLines = 200

/** Length of a whole numbered reply at the start of what was received, multi-line ones (RFC 959 4.2) included; null: not yet. */
export function replyEnd(received: Uint8Array): number | null {
  const text = textOf(received)
  const first = text.indexOf('\n')
  if (first < 0) return null
  const code = /^(\d{3})-/.exec(text)?.[1]
  if (code === undefined) return first + 1
  let at = first + 1
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    if (end < 0) return null
    // The last line has the code and no hyphen: `250 HELP`, or a bare `250`.
    if (text.startsWith(code, at) && text[at + 3] !== '-' && !/[0-9A-Za-z]/.test(text[at + 3] ?? '')) return end + 1
    at = end + 1
  }
  return null
}

/** Null when the bytes are no numbered reply. */
export function parseReply(bytes: Uint8Array, ended = false): Reply | null {
  const text = textOf(bytes)
  const code = /^(\d{3})(?:[ -]|\r?\n|$)/.exec(text)?.[1]
  if (code === undefined || !/^[1-5]/.test(code)) return null
  const lines = text.split('\n', mostLines + 1).slice(0, mostLines).map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  const bare = lines.map((line) => (line.startsWith(code) ? line.slice(4) : line).trim())
  return { code: Number(code), lines: bare, text: bare.join('\n').slice(0, 2048), ended }
}

export async function readReply(connection: Connection): Promise<Reply | Failure> {
  const answer = await connection.read({ until: replyEnd, most: mostBytes })
  if (failed(answer)) return answer
  if (answer.bytes.length === 0) return { failed: 'closed', text: 'the peer closed without an answer' }
  return parseReply(answer.bytes, answer.ended) ?? { failed: 'protocol', text: 'not a numbered reply' }
}

/** Sends one command line and reads its reply. */
export function say(connection: Connection, line: string): Promise<Reply | Failure> {
  connection.write(`${line}\r\n`)
  return readReply(connection)
}

const mostEvidence = 8192

/** One proof out of several connections, in the order they were made. */
export function joinEvidence(...parts: readonly Evidence[]): Evidence {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const join = (texts: readonly string[]): string => {
    const text = texts.map((one, index) => `--- connection ${index + 1} ---\n${one}`).join('\n')
    return text.length > mostEvidence ? `${text.slice(0, mostEvidence - 1)}…` : text
  }
  const notes = parts.map((part) => part.note).filter((note) => note !== undefined)
  return {
    sent: join(parts.map((part) => part.sent)),
    received: join(parts.map((part) => part.received)),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  }
}
