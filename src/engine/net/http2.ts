import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { failed, type Connection, type Failure } from '../net.ts'
import { duplexOver } from './duplex.ts'

/** One answer over HTTP/2, its headers as they came. `cut`: more was there than was taken. */
export type Http2Answer = Readonly<{ status: number; headers: readonly (readonly [name: string, value: string])[]; body: Buffer; cut: boolean }>

export type Http2Request = Readonly<{ method: string; target: string; authority: string; headers: readonly (readonly [string, string])[]; body?: Uint8Array | undefined; most: number; timeout: number }>

export interface Http2 {
  /** One after the other, however many are asked at once. */
  request(request: Http2Request): Promise<Http2Answer | Failure>
  readonly isOver: boolean
  close(): void
}

const headersMost = 200
const headMost = 65_536
/** Of the connection, and of `Host`: they have other ways in HTTP/2, and servers refuse them as headers. */
const notCarried: ReadonlySet<string> = new Set(['host', 'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'])

/** HTTP/2 over a connection of the net, which counts and bounds every byte; what a server may make us keep is bounded here. */
export function http2Over(connection: Connection, tls: boolean, patience: number): Http2 {
  const duplex = duplexOver(connection, patience)
  let over = false
  let why: Failure = { failed: 'closed', text: 'the server closed' }
  const session: ClientHttp2Session = connect(`${tls ? 'https' : 'http'}://target.invalid`, {
    createConnection: () => duplex,
    maxHeaderListPairs: headersMost, maxReservedRemoteStreams: 0, maxSessionMemory: 8, maxSettings: 32,
    settings: { enablePush: false, maxHeaderListSize: headMost },
  })
  session.on('error', (error) => {
    why = { failed: 'protocol', text: `HTTP/2: ${error.message.slice(0, 200)}` }
  })
  session.on('goaway', () => (over = true)).on('close', () => (over = true))
  let last: Promise<unknown> = Promise.resolve()

  function one({ method, target, authority, headers, body, most, timeout }: Http2Request): Promise<Http2Answer | Failure> {
    if (over || session.destroyed) return Promise.resolve(why)
    return new Promise((resolve) => {
      const fields: Record<string, string | string[]> = {}
      for (const [spelt, value] of headers) {
        const name = spelt.toLowerCase()
        if (notCarried.has(name)) continue
        const known = fields[name]
        fields[name] = known === undefined ? value : [known, value].flat()
      }
      const parts: Buffer[] = []
      let length = 0
      let status = 0
      let list: (readonly [string, string])[] = []
      const timer = setTimeout(() => finish(true, { failed: 'timeout', text: `no complete answer in ${timeout} ms` }), timeout)
      let done = false
      const finish = (cut: boolean, failure: Failure | null): void => {
        if (done) return
        done = true
        clearTimeout(timer)
        if (cut) stream.close(constants.NGHTTP2_CANCEL)
        resolve(status === 0 ? (failure ?? why) : { status, headers: list, body: Buffer.concat(parts).subarray(0, most), cut })
      }
      let stream: ReturnType<ClientHttp2Session['request']>
      try {
        stream = session.request({ ...fields, ':method': method, ':path': target, ':authority': authority, ':scheme': tls ? 'https' : 'http' } as OutgoingHttpHeaders, { endStream: body === undefined })
      } catch (error) {
        clearTimeout(timer)
        return resolve({ failed: 'protocol', text: `not to be said in HTTP/2: ${error instanceof Error ? error.message.slice(0, 200) : ''}` })
      }
      stream.on('response', (head, _flags, raw: readonly string[]) => {
        status = Number(head[':status'] ?? 0)
        list = []
        for (let at = 0; at + 1 < raw.length && list.length < headersMost; at += 2) if (!raw[at]!.startsWith(':')) list.push([raw[at]!, raw[at + 1]!])
      })
      stream.on('data', (bytes: Buffer) => {
        parts.push(bytes)
        length += bytes.length
        if (length > most) finish(true, null)
      })
      stream.on('end', () => finish(false, null)).on('close', () => finish(true, null)).on('error', (error: Error) => finish(true, { failed: 'protocol', text: `HTTP/2: ${error.message.slice(0, 200)}` }))
      if (body !== undefined) stream.end(body)
    })
  }

  return {
    request(request) {
      const next = last.then(() => one(request))
      last = next.then((answer) => failed(answer))
      return next
    },
    get isOver() {
      return over || session.destroyed
    },
    close() {
      over = true
      session.destroy()
      connection.close()
    },
  }
}
