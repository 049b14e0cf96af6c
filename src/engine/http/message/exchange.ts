import { mostReceived, mostSent, type Exchange } from '#core/proof.ts'
import type { HttpExchange } from '../wire.ts'
import type { Decoded } from './decode.ts'
import { headerList, headerMap, type HeaderList } from './head.ts'
import type { Message } from './reader.ts'

/** Where an answer came from, and when. */
export type Told = Readonly<{ sent: string | Uint8Array; target: string; host: string; address: string; port: number; tls: boolean; serverName: string | undefined; began: number; took: number; before: readonly HttpExchange[]; notFollowed?: string }>

/**
 * One answer. A class for its getters: headers are parted, and text is made of bytes, only for who asks; of most answers nobody wants more than the
 * status and a look at the body.
 */
export class Answer implements HttpExchange {
  readonly version: string
  readonly status: number
  readonly reason: string
  readonly head: string
  readonly body: Uint8Array
  readonly length: number
  readonly cut: boolean
  readonly took: number
  readonly target: string
  readonly tls: boolean
  readonly before: readonly HttpExchange[]
  readonly notFollowed?: string
  readonly #message: Message
  readonly #told: Told
  #headers: HeaderList | null = null
  #header: Readonly<Record<string, string>> | null = null
  #text: string | null = null

  constructor(message: Message, { body, cut }: Decoded, told: Told) {
    this.version = message.version
    this.status = message.status
    this.reason = message.reason
    this.head = message.head
    this.body = body
    this.length = message.body.length
    this.cut = message.cut || cut
    this.took = told.took
    this.target = told.target
    this.tls = told.tls
    this.before = told.before
    if (told.notFollowed !== undefined) this.notFollowed = told.notFollowed
    this.#message = message
    this.#told = told
  }

  get headers(): HeaderList {
    return (this.#headers ??= headerList(this.head))
  }

  get header(): Readonly<Record<string, string>> {
    return (this.#header ??= headerMap(this.headers))
  }

  get url(): string {
    const { tls, host, target } = this.#told
    return target.startsWith('/') ? `${tls ? 'https' : 'http'}://${host}${target}` : target
  }

  text(): string {
    const { body } = this
    return (this.#text ??= Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'))
  }

  /** The same answer, told with what came before it. */
  after(before: readonly HttpExchange[], notFollowed?: string): Answer {
    return new Answer(this.#message, this, { ...this.#told, before, ...(notFollowed === undefined ? {} : { notFollowed }) })
  }

  /** Bytes as they went over the wire. */
  get sent(): Uint8Array {
    const { sent } = this.#told
    return typeof sent === 'string' ? Buffer.from(sent) : sent
  }

  /** The answer as it came, chunks and codings and all. */
  get received(): Uint8Array {
    return this.#message.wire
  }

  exchange(note?: string): Exchange {
    const { tls, address, port, serverName, began, took } = this.#told
    const { sent, received } = this
    return {
      over: tls ? 'tls' : 'tcp', to: `${address.includes(':') ? `[${address}]` : address}:${port}`, ...(tls && serverName !== undefined ? { serverName } : {}),
      sent: base64(sent, mostSent), received: base64(received, mostReceived), cut: this.cut || sent.length > mostSent || received.length > mostReceived,
      at: Math.round(performance.timeOrigin + began), took: Math.round(took), ...(note === undefined ? {} : { note }),
    }
  }
}

function base64(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(most, bytes.length)).toString('base64')
}
