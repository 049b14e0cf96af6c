import type { Ask } from '#core/ask.ts'
import type { Place } from '#core/place.ts'
import { failed, type Failure } from '../net.ts'
import { printable } from '../net/transcript.ts'
import type { Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'
import { textOfBody } from './message/decode.ts'
import { openHttpSession } from './session.ts'
import type { HttpExchange } from './wire.ts'

/** Characters of a body as text. */
const textMost = 65_536

export interface HttpClient {
  /** Sends one request and reads the answer; a redirect is an answer. */
  request(ask: Ask): Promise<HttpAnswer | Failure>
  close(): void
}

/** `HttpSession` in the words of signatures: an `Ask` in, an answer as text out. */
export function httpClient(at: Place, tls: boolean, tools: Tools): HttpClient {
  const session = openHttpSession(at, tls, tools)
  return {
    async request({ method = 'GET', path, headers, body }) {
      const answer = await session.exchange({
        method, target: path,
        ...(headers === undefined ? {} : { headers: Object.entries(headers) }), ...(body === undefined ? {} : { body: Buffer.from(body) }),
      })
      return failed(answer) ? answer : answerOf(answer)
    },
    close: () => session.close(),
  }
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

export function answerOf(exchange: HttpExchange): HttpAnswer {
  const { version, status, reason, header: headers, head, body, length, cut } = exchange
  const coding = headers['content-encoding'] ?? ''
  const note = version === '0.9' ? 'not an HTTP/1 answer' : coding === '' ? undefined : `body decoded from ${coding.slice(0, 40)}`
  return {
    version, status, reason, headers, body, length, cut,
    text: textOfBody(body, headers['content-type'] ?? '', textMost),
    evidence: {
      sent: printable(Buffer.from(exchange.exchange().sent, 'base64')),
      received: printable(Buffer.concat([Buffer.from(head, 'latin1'), body])),
      ...(note === undefined ? {} : { note }),
    },
    exchange: (why) => exchange.exchange(why),
  }
}
