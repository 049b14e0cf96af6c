import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Failure, Stream, StreamEvents, TlsOptions, TlsSession } from '../net.ts'
import type { Allowance } from './connection.ts'
import { failureOf } from './failure.ts'
import { secure, sessionOf } from './secure.ts'

/** One buffer for every socket: a read is taken in its own event, before the next one happens. */
const shared = Buffer.allocUnsafeSlow(65_536)

/** A socket that reads into the shared buffer and allocates nothing for it. `take` is set before it is resumed. */
export type BareSocket = { readonly socket: Socket; take: (bytes: Buffer, length: number) => void }

export function bareSocket(): BareSocket {
  const bare: BareSocket = {
    take: () => {},
    socket: new Socket({
      onread: {
        buffer: shared,
        callback(length, bytes) {
          bare.take(bytes as Buffer, length)
          return true
        },
      },
    }),
  }
  return bare
}

export interface OpenStream extends Stream {
  /** Ends it from outside: the host's time is up, or the scan was stopped. */
  cut(why: Failure): void
}

/** A stream over a connected socket: what `Connection` does with promises, by callbacks; nothing is kept of what went by. */
export function streamOver(bare: BareSocket, on: StreamEvents, allowance: Allowance): OpenStream & { begin(): void; secure(options: TlsOptions): Promise<true | Failure> } {
  const plain = bare.socket
  let socket: Socket | TLSSocket = plain
  let inner: TLSSocket | null = null
  let session: TlsSession | null = null
  let over = false
  /** While the handshake goes on: what it waits for. */
  let shaking: ((why: Failure) => void) | null = null

  function close(): void {
    if (over) return
    over = true
    socket.on('error', () => {}).destroy()
    plain.on('error', () => {}).destroy()
    allowance.closed()
  }

  function finish(why: Failure | null): void {
    if (over) return
    if (shaking !== null) return shaking(why ?? { failed: 'reset', text: 'TLS handshake: the peer closed' })
    close()
    on.end(why)
  }

  function take(bytes: Buffer, length: number): void {
    if (over) return
    const why = allowance.spend(length)
    if (why === null) on.data(bytes, length)
    else finish(why)
  }

  return {
    get tls() {
      // Taking a chain of certificates apart costs as much as a handshake: only for who asks.
      if (inner !== null && !inner.destroyed) session ??= sessionOf(inner)
      return session
    },
    get alpn() {
      return inner !== null && typeof inner.alpnProtocol === 'string' ? inner.alpnProtocol : null
    },
    write(bytes: Uint8Array | string) {
      if (over || socket.destroyed) return
      // The kernel takes text of one byte a character as it lies; anything else is made into bytes first.
      if (typeof bytes === 'string') socket.write(bytes, Buffer.byteLength(bytes) === bytes.length ? 'latin1' : 'utf8')
      else socket.write(bytes)
    },
    close,
    cut: finish,
    begin() {
      bare.take = take
      plain.on('end', () => finish(null)).on('error', (error) => finish(failureOf(error, 'connection'))).on('close', () => finish(null))
      plain.resume()
    },
    secure(options: TlsOptions): Promise<true | Failure> {
      return new Promise((resolve) => {
        const settle = (result: true | Failure): void => {
          clearTimeout(timer)
          shaking = null
          if (result !== true) close()
          resolve(result)
        }
        shaking = settle
        const timer = setTimeout(() => settle({ failed: 'timeout', text: `no TLS handshake in ${allowance.answer} ms` }), allowance.answer)
        try {
          inner = secure(plain, options)
        } catch (error) {
          settle({ failed: 'tls', text: error instanceof Error ? error.message.slice(0, 200) : 'TLS could not start' })
          return
        }
        socket = inner
        plain.on('error', () => {})
        inner.on('data', (bytes: Buffer) => take(bytes, bytes.length)).on('end', () => finish(null)).on('close', () => finish(null))
        inner.on('error', (error) => finish(failureOf(error, shaking === null ? 'connection' : 'TLS handshake')))
        inner.once('secureConnect', () => settle(true))
      })
    },
  }
}

/** For TLS: the socket below is read by TLS itself. */
export function socketBelow(): BareSocket {
  return { socket: new Socket(), take: () => {} }
}
