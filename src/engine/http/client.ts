import type { Ask } from '#core/ask.ts'
import type { Place } from '#core/place.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import { printable, textOf } from '../net/transcript.ts'
import type { Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'
import { decode, textOfBody } from './decode.ts'
import { chunkReader, headEnd, headMost, parseHead, type Head } from './parse.ts'

/** Bytes of a body that are kept, after and before decoding. */
const bodyMost = 65_536
const rawMost = 262_144

export interface HttpClient {
  /** Sends one request and reads the answer; a redirect is an answer. */
  request(ask: Ask): Promise<HttpAnswer | Failure>
  close(): void
}

/**
 * HTTP/1.1 with one target port, over one connection that is kept alive where the server allows. Own, since a scanner needs the exact bytes,
 * takes answers that no library would, and must not follow, cache or decode without a bound.
 */
export function httpClient(at: Place, tls: boolean, tools: Tools): HttpClient {
  let open: Connection | null = null
  let used = false
  let heard = 0

  async function connection(): Promise<Connection | Failure> {
    if (open !== null) return open
    const name = tools.names[0]
    const result = await tools.net.connect({ address: at.address, port: at.port! }, tls ? { tls: { ...(name === undefined ? {} : { servername: name }), alpn: ['http/1.1'] } } : {})
    if (!failed(result)) {
      open = result
      used = false
      heard = 0
    }
    return result
  }

  function close(): void {
    open?.close()
    open = null
  }

  async function request(ask: Ask): Promise<HttpAnswer | Failure> {
    const bytes = requestBytes(ask, hostHeader(at, tls, tools.names[0]))
    if (bytes === null) return { failed: 'protocol', text: 'the request has a line break where none may be' }
    for (;;) {
      const over = await connection()
      if (failed(over)) return over
      const again = used
      used = true
      over.write(bytes)
      const answer = await readAnswer(over, ask.method ?? 'GET', bytes)
      if (failed(answer)) {
        close()
        // A kept connection may have been closed by the server just now; that says nothing of this request.
        if (again && (answer.failed === 'closed' || answer.failed === 'reset')) continue
        return answer
      }
      // A hundred pages may come over one connection; what one may carry is a bound for one that never ends, not for them together.
      heard += answer.bytes
      if (!answer.keep || heard > tools.profile.limits.connectionBytes / 2) close()
      return answer.answer
    }
  }

  return { request, close }
}

/** Sends one request over a fresh connection. */
export async function askHttp(at: Place, tls: boolean, ask: Ask, tools: Tools): Promise<HttpAnswer | Failure> {
  const client = httpClient(at, tls, tools)
  try {
    return await client.request(ask)
  } finally {
    client.close()
  }
}

export function hostHeader(at: Place, tls: boolean, name: string | undefined): string {
  const host = name ?? (at.address.includes(':') ? `[${at.address}]` : at.address)
  return at.port === (tls ? 443 : 80) ? host : `${host}:${at.port}`
}

function requestBytes(ask: Ask, host: string): Uint8Array | null {
  const headers = new Map<string, string>([
    ['host', `Host: ${host}`],
    ['user-agent', 'User-Agent: Mozilla/5.0 (compatible; Vigil scanner)'],
    ['accept', 'Accept: */*'],
    ['connection', 'Connection: keep-alive'],
  ])
  for (const [name, value] of Object.entries(ask.headers ?? {})) headers.set(name.toLowerCase(), `${name}: ${value}`)
  const body = ask.body === undefined ? Buffer.alloc(0) : Buffer.from(ask.body)
  if (ask.body !== undefined || ask.method === 'POST') headers.set('content-length', `Content-Length: ${body.length}`)
  const lines = [`${ask.method ?? 'GET'} ${ask.path} HTTP/1.1`, ...headers.values()]
  if (lines.some((line) => /[\r\n\0]/.test(line))) return null
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

/** `bytes`: what the answer took on the wire, its head with it. */
type Read = Readonly<{ answer: HttpAnswer; keep: boolean; bytes: number }>

async function readAnswer(connection: Connection, method: string, sent: Uint8Array): Promise<Read | Failure> {
  let head: Head | null = null
  let headBytes: Uint8Array = new Uint8Array()
  for (let interim = 0; interim < 6; interim++) {
    let looked = 0
    const raw = await connection.read({
      most: headMost,
      until(bytes) {
        if (bytes.length >= 5 && textOf(bytes.subarray(0, 5)) !== 'HTTP/') return bytes.length
        const end = headEnd(bytes, looked)
        looked = bytes.length
        return end
      },
    })
    if (failed(raw)) return raw
    if (raw.bytes.length === 0) return { failed: 'closed', text: 'the server closed without an answer' }
    headBytes = raw.bytes
    head = parseHead(textOf(headBytes))
    if (head === null || head.status >= 200 || head.status === 101) break
  }
  if (head === null) {
    const length = headBytes.length
    const evidence = { sent: printable(sent), received: printable(headBytes), note: 'not an HTTP/1 answer' }
    const body = headBytes.subarray(0, bodyMost)
    return { keep: false, bytes: length, answer: { version: '0.9', status: 0, reason: '', headers: {}, body, text: textOf(body), length, cut: length > bodyMost, evidence } }
  }
  const { headers } = head
  const raw = method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101 ? nothing : await readBody(connection, headers)
  if (failed(raw)) return raw
  const encoding = headers['content-encoding'] ?? ''
  const decoded = await decode(raw.bytes, encoding, bodyMost)
  const keep = raw.framed && !raw.cut && head.version === '1.1' && !/close/i.test(headers['connection'] ?? '')
  const shown = Buffer.concat([headBytes, decoded.body.subarray(0, bodyMost)])
  return {
    keep,
    bytes: headBytes.length + raw.bytes.length,
    answer: {
      version: head.version,
      status: head.status,
      reason: head.reason,
      headers,
      body: decoded.body,
      text: textOfBody(decoded.body, headers['content-type'] ?? '', bodyMost),
      length: raw.bytes.length,
      cut: raw.cut || decoded.cut,
      evidence: { sent: printable(sent), received: printable(shown), ...(encoding === '' ? {} : { note: `body decoded from ${encoding.slice(0, 40)}` }) },
    },
  }
}

type RawBody = Readonly<{ bytes: Uint8Array; cut: boolean; framed: boolean }>
const nothing: RawBody = { bytes: new Uint8Array(), cut: false, framed: true }

async function readBody(connection: Connection, headers: Readonly<Record<string, string>>): Promise<RawBody | Failure> {
  if (/(^|,)\s*chunked\s*$/i.test(headers['transfer-encoding'] ?? '')) {
    const chunks = chunkReader(rawMost)
    const raw = await take(connection, (bytes) => chunks.feed(bytes))
    if (failed(raw)) return raw
    return { bytes: chunks.parts(raw.bytes), cut: raw.short || chunks.cut(), framed: true }
  }
  const length = headers['content-length']
  if (length !== undefined && /^\d{1,15}$/.test(length)) {
    const most = Math.min(Number(length), rawMost)
    if (most === 0) return nothing
    const raw = await take(connection, (bytes) => (bytes.length >= most ? most : null))
    return failed(raw) ? raw : { bytes: raw.bytes, cut: raw.short || Number(length) > rawMost, framed: true }
  }
  const raw = await take(connection, (bytes) => (bytes.length >= rawMost ? rawMost : null))
  return failed(raw) ? raw : { bytes: raw.bytes, cut: !raw.short || raw.timed, framed: false }
}

type Taken = Readonly<{ bytes: Uint8Array; short: boolean; timed: boolean }>

/** Reads a body; where the server falls silent in the middle, what came counts (`short`): some answers are streams without an end. */
async function take(connection: Connection, until: (bytes: Uint8Array) => number | null): Promise<Taken | Failure> {
  const raw = await connection.read({ until, most: rawMost * 2 })
  if (!failed(raw)) return { bytes: raw.bytes, short: raw.ended, timed: false }
  if (raw.failed !== 'timeout') return raw.failed === 'reset' ? { bytes: new Uint8Array(), short: true, timed: false } : raw
  const rest = await connection.read({ until: (bytes) => bytes.length, timeout: 1 })
  return { bytes: failed(rest) ? new Uint8Array() : rest.bytes, short: true, timed: true }
}
