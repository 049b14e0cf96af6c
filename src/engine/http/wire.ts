import type { Exchange } from '#core/proof.ts'
import type { Failure } from '../net.ts'

/**
 * HTTP with a target, as a scanner needs it: the exact bytes on the wire, any answer taken, everything bounded. A session speaks with one port of one address and keeps connections
 * alive; made by src/engine/http/session.ts over `tools.net`, which alone decides what may be reached.
 */
export interface HttpSession {
  /** Sends and reads the answer; redirects are followed as asked, and only to what the scan may reach. Never throws for what a server does. */
  exchange(request: HttpRequest): Promise<HttpExchange | Failure>
  close(): void
}

export type HttpRequest = Readonly<{
  /** As it goes on the request line: never normalised. */
  method: string
  target: string
  /** In this order, spelt like this. Host, Connection, and Content-Length where there is a body, are added where they are missing, unless `exact`. */
  headers?: readonly (readonly [name: string, value: string])[]
  body?: Uint8Array
  /** The whole request byte for byte, malformed as it may be; `method` then only says whether an answer has a body. A connection of its own. */
  exact?: Uint8Array
  /** Name for the TLS handshake and the Host header, where it is not the host's own. */
  serverName?: string
  host?: string
  follow?: Redirects
  /** Cookies are sent from it and kept in it. */
  jar?: CookieJar
  /** Ms for the whole answer; the profile's when absent. */
  timeout?: number
  /** Bytes of the decoded body to keep; default 65,536, at most 4 MiB. */
  bodyMost?: number
  digest?: Readonly<{ user: string; password: string }>
  /** Of a GET without a body: the answer that another look at this host got to the same request a moment ago will do. */
  shared?: true
}>

/** `host`: only to the same name, address and port; `scope`: to whatever the scan may reach. Default: not at all. */
export type Redirects = Readonly<{ follow: 'host' | 'scope'; most: number }>

export interface CookieJar {
  header(host: string, target: string, tls: boolean): string | null
  keep(setCookie: readonly string[], host: string): void
}

export type HttpExchange = Readonly<{
  /** `1.1`, `1.0`, `2`; `0.9` when the bytes had no status line (then status is 0). */
  version: string
  status: number
  reason: string
  /** As they came: order, case and repeats. */
  headers: readonly (readonly [name: string, value: string])[]
  /** Names lower-case; repeats joined by `, `, set-cookie by newline. */
  header: Readonly<Record<string, string>>
  /** Head as it came, without the blank line. */
  head: string
  /** Decoded (chunked, gzip, deflate, br, zstd), at most `bodyMost`. */
  body: Uint8Array
  /** The body as Latin-1, one character a byte: what patterns run over. */
  text(): string
  /** Bytes as received, before decoding and cut. */
  length: number
  /** More was there than was taken, or decoding would have grown beyond all measure; `why` it ended. */
  cut: boolean
  /** Ms from the first byte sent to the last byte taken. */
  took: number
  /** Where the answer came from, after redirects: as it went on the request line, and as an address. */
  target: string
  url: string
  tls: boolean
  /** Answers on the way here, oldest first. */
  before: readonly HttpExchange[]
  /** This answer is a redirect that was to be followed and was not, and why: it leads out of the scope, to a name nobody vouches for, or round and round. */
  notFollowed?: string
  /** Bytes for a proof. Over HTTP/2, whose bytes nobody could read again without the connection's state: request and answer as HTTP/1 would say them. */
  exchange(note?: string): Exchange
}>
