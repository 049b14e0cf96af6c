import { failed, type Endpoint, type Failure, type Net } from '../../net.ts'
import { http2Over, type Http2 } from '../../net/http2.ts'
import { headerMap } from '../message/head.ts'
import type { Message } from '../message/reader.ts'
import { userAgent } from '../message/request.ts'
import type { HttpRequest } from '../wire.ts'

/** HTTP/2 with one port, for who speaks nothing else: one connection, one request after the other. */
export interface Second {
  exchange(request: HttpRequest, host: string, more: readonly (readonly [string, string])[], most: number, timeout: number): Promise<Message | Failure>
  close(): void
}

/** Whether an answer to HTTP/1.1 says that only HTTP/2 is spoken there: no protocol to agree on in the handshake, or frames instead of words. */
export function speaksOnlySecond(result: Message | Failure): boolean {
  if (failed(result)) return result.failed === 'tls' && /no application protocol/i.test(result.text)
  const { body, version } = result
  // The first frame of a server is SETTINGS, on no stream, six bytes for each.
  return version === '0.9' && body.length >= 9 && body[3] === 4 && body.readUIntBE(0, 3) % 6 === 0 && body.readUIntBE(0, 3) <= 600 && body.readUInt32BE(5) === 0
}

export function openSecond(net: Net, to: Endpoint, tls: Readonly<{ servername?: string }> | null, patience: number): Second {
  let open: Promise<Http2 | Failure> | null = null
  let closed = false

  async function connect(): Promise<Http2 | Failure> {
    const connection = await net.connect(to, tls === null ? {} : { tls: { ...tls, alpn: ['h2'] } })
    return failed(connection) ? connection : http2Over(connection, tls !== null, patience)
  }

  async function current(): Promise<Http2 | Failure> {
    const known = open === null ? null : await open
    if (known !== null && !failed(known) && !known.isOver) return known
    open = connect()
    return open
  }

  return {
    async exchange({ method, target, headers = [], body }, host, more, most, timeout) {
      if (closed) return { failed: 'closed', text: 'the session is closed' }
      const session = await current()
      if (failed(session)) return session
      const own = [...headers, ...more]
      const has = new Set(own.map(([name]) => name.toLowerCase()))
      const usual = ([['user-agent', userAgent], ['accept', '*/*']] as const).filter(([name]) => !has.has(name))
      const answer = await session.request({ method, target, authority: host, headers: [...own, ...usual], body, most, timeout })
      if (failed(answer)) return answer
      const head = `HTTP/2 ${answer.status}\r\n${answer.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
      const coding = headerMap(answer.headers)['content-encoding'] ?? ''
      return { version: '2', status: answer.status, reason: '', head, wire: Buffer.concat([Buffer.from(head, 'latin1'), answer.body]), body: answer.body, coding, cut: answer.cut, keep: false }
    },
    close() {
      closed = true
      void open?.then((session) => void (failed(session) || session.close()))
    },
  }
}
