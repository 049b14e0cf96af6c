import type { Ask } from '#core/ask.ts'
import type { Evidence } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Exchange } from '#core/proof.ts'
import { failed, type Failure } from '../net.ts'
import { printable } from '../net/transcript.ts'
import type { Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'
import { textOfBody } from './message/decode.ts'
import { openHttpSession } from './session.ts'
import type { HttpExchange, HttpRequest } from './wire.ts'

/** Characters of a body as text. */
const textMost = 65_536

export interface HttpClient {
  /** Sends one request and reads the answer; a redirect is an answer. `shared`: what another look at this host was told a moment ago will do. */
  request(ask: Ask, shared?: true): Promise<HttpAnswer | Failure>
  close(): void
}

/** `HttpSession` in the words of signatures: an `Ask` in, an answer as text out. */
export function httpClient(at: Place, tls: boolean, tools: Tools): HttpClient {
  const session = openHttpSession(at, tls, tools)
  return {
    request: (ask, shared) => session.exchange(shared === true ? { ...requestOf(ask), shared } : requestOf(ask)).then(told),
    close: () => session.close(),
  }
}

function requestOf({ method = 'GET', path, headers, body }: Ask): HttpRequest {
  if (headers === undefined && body === undefined) return { method, target: path }
  return { method, target: path, ...(headers === undefined ? {} : { headers: Object.entries(headers) }), ...(body === undefined ? {} : { body: Buffer.from(body) }) }
}

function told(answer: HttpExchange | Failure): HttpAnswer | Failure {
  return failed(answer) ? answer : answerOf(answer)
}

/** Sends one request. */
export async function askHttp(at: Place, tls: boolean, ask: Ask, tools: Tools): Promise<HttpAnswer | Failure> {
  const client = httpClient(at, tls, tools)
  try {
    return await client.request(ask)
  } finally {
    client.close()
  }
}

/** What an exchange says in words. A class for its getters: of a hundred answers, ninety say "not found", and nobody reads on. */
class TextAnswer implements HttpAnswer {
  readonly #of: HttpExchange
  #text: string | null = null
  #evidence: Evidence | null = null

  constructor(of: HttpExchange) {
    this.#of = of
  }

  get version(): string {
    return this.#of.version
  }

  get status(): number {
    return this.#of.status
  }

  get reason(): string {
    return this.#of.reason
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#of.header
  }

  get body(): Uint8Array {
    return this.#of.body
  }

  get text(): string {
    return (this.#text ??= textOfBody(this.#of.body, this.#of.header['content-type'] ?? '', textMost))
  }

  get length(): number {
    return this.#of.length
  }

  get cut(): boolean {
    return this.#of.cut
  }

  get evidence(): Evidence {
    return (this.#evidence ??= evidenceFor(this.#of))
  }

  exchange(why?: string): Exchange {
    return this.#of.exchange(why)
  }
}

export function answerOf(exchange: HttpExchange): HttpAnswer {
  return new TextAnswer(exchange)
}

function evidenceFor(exchange: HttpExchange): Evidence {
  const coding = exchange.header['content-encoding'] ?? ''
  const note = exchange.version === '0.9' ? 'not an HTTP/1 answer' : coding === '' ? undefined : `body decoded from ${coding.slice(0, 40)}`
  return {
    sent: printable(Buffer.from(exchange.exchange().sent, 'base64')),
    received: printable(Buffer.concat([Buffer.from(exchange.head, 'latin1'), exchange.body])),
    ...(note === undefined ? {} : { note }),
  }
}
