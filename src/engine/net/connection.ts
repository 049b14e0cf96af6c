import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Bytes, Connection, Endpoint, Failure, ReadOptions, TlsOptions, TlsSession } from '../net.ts'
import { failureOf } from './failure.ts'
import { Received } from './received.ts'
import { secure, sessionOf } from './secure.ts'
import { Transcript } from './transcript.ts'

/** What the house lets a connection do. `spend` counts bytes read and says when there were too many. */
export type Allowance = Readonly<{
  answer: number
  spend(bytes: number): Failure | null
  /** The handshake is over, one way or the other; called once, by whoever holds the place at the gate. */
  closed(): void
}>

/** What is read together when no `until` was given. */
const quiet = 50
const defaultMost = 65_536

export interface OpenConnection extends Connection {
  /** Ends it from outside: the host's time is up, or the scan was stopped. */
  cut(why: Failure): void
}

/**
 * A connection over a connected socket. The socket is paused except while somebody reads, so that a server that never stops talking
 * fills its own send buffer and not our memory.
 */
export function connectionOver(plain: Socket, to: Endpoint, allowance: Allowance): OpenConnection {
  let socket: Socket | TLSSocket = plain
  let session: TlsSession | null = null
  let failure: Failure | null = null
  let ended = false
  let closed = false
  let wake: (() => void) | null = null
  const began = Date.now()
  const started = performance.now()
  const received = new Received()
  const sent = new Transcript()
  const heard = new Transcript()

  const onData = (bytes: Buffer): void => {
    failure ??= allowance.spend(bytes.length)
    heard.add(bytes)
    received.add(bytes)
    wake?.()
  }
  const onEnd = (): void => {
    ended = true
    wake?.()
  }
  const onError = (error: Error): void => {
    failure ??= failureOf(error, 'connection')
    wake?.()
  }
  const onClose = (): void => {
    ended = true
    close()
    wake?.()
  }

  function attach(to: Socket): void {
    to.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
    to.pause()
  }

  function detach(from: Socket): void {
    from.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
    // Node re-throws the error of a socket that nobody listens to.
    from.on('error', () => {})
  }

  function close(): void {
    if (closed) return
    closed = true
    socket.destroy()
    plain.destroy()
    allowance.closed()
  }

  function read(options: ReadOptions = {}): Promise<Bytes | Failure> {
    if (wake !== null) throw new Error('two reads on one connection at the same time')
    const most = options.most ?? defaultMost
    const enough = untilOf(options.until)
    return new Promise((resolve) => {
      let calm: NodeJS.Timeout | null = null
      const deadline = setTimeout(() => finish('timeout'), options.timeout ?? allowance.answer)

      function finish(why: 'timeout' | 'calm' | 'over' | number): void {
        clearTimeout(deadline)
        if (calm !== null) clearTimeout(calm)
        wake = null
        socket.pause()
        resolve(outcome(why))
      }
      function outcome(why: 'timeout' | 'calm' | 'over' | number): Bytes | Failure {
        if (typeof why === 'number') return { bytes: received.take(why), ended: false }
        // What came before a cut is worth having, unless it was our own limit that cut.
        if (failure !== null && (received.length === 0 || failure.failed === 'budget' || failure.failed === 'aborted')) return failure
        if (why === 'timeout' && !(enough === null && received.length > 0)) {
          return { failed: 'timeout', text: `no ${received.length > 0 ? 'complete ' : ''}answer in ${options.timeout ?? allowance.answer} ms` }
        }
        return { bytes: received.take(most), ended: ended || failure !== null }
      }
      function look(): void {
        if (failure !== null && (failure.failed === 'budget' || failure.failed === 'aborted')) return finish('over')
        if (enough === null) {
          if (ended || failure !== null || received.length >= most) return finish('over')
          if (received.length === 0) return
          if (calm !== null) clearTimeout(calm)
          calm = setTimeout(() => finish('calm'), quiet)
          return
        }
        const length = received.length === 0 ? null : enough(received.view)
        if (length !== null) return finish(length)
        if (received.length >= most) {
          failure = { failed: 'protocol', text: `more than ${most} bytes without an end` }
          received.take(received.length)
          return finish('over')
        }
        if (ended || failure !== null) finish('over')
      }
      wake = look
      look()
      if (wake !== null) socket.resume()
    })
  }

  attach(plain)

  return {
    get tls() {
      return session
    },
    write(bytes) {
      const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      sent.add(data)
      if (!closed && !socket.destroyed) socket.write(data)
    },
    read,
    upgrade(options: TlsOptions) {
      return new Promise((resolve) => {
        if (failure !== null) return resolve(failure)
        if (closed || ended) return resolve({ failed: 'closed', text: 'the peer closed before TLS' })
        // Whatever was said in the clear after the agreement must not count as said inside TLS.
        received.take(received.length)
        detach(plain)
        let inner: TLSSocket
        const deadline = setTimeout(() => settle({ failed: 'timeout', text: 'TLS handshake: no answer' }), allowance.answer)
        const settle = (result: true | Failure): void => {
          clearTimeout(deadline)
          wake = null
          if (result !== true) {
            failure ??= result
            close()
          }
          resolve(result)
        }
        try {
          inner = secure(plain, options)
        } catch (error) {
          settle({ failed: 'tls', text: error instanceof Error ? error.message.slice(0, 200) : 'TLS could not start' })
          return
        }
        socket = inner
        wake = () => settle(failure ?? { failed: 'reset', text: 'TLS handshake: the peer closed' })
        attach(inner)
        inner.once('secureConnect', () => {
          session = sessionOf(inner)
          if (options.renegotiate !== true) return settle(true)
          clearTimeout(deadline)
          const told = (renegotiates: boolean | null): void => {
            clearTimeout(patience)
            if (session !== null && session.renegotiates === undefined) session = { ...session, renegotiates }
            inner.pause()
            settle(true)
          }
          // Silence, an alert and a hang-up are a no; what we cut ourselves says nothing.
          const patience = setTimeout(told, allowance.answer, false)
          wake = () => {
            if (failure !== null || ended) told(failure?.failed === 'budget' || failure?.failed === 'aborted' ? null : false)
          }
          inner.resume()
          inner.renegotiate({ rejectUnauthorized: false }, (error) => told(error === null))
        })
      })
    },
    evidence(note) {
      return { sent: sent.toString(), received: heard.toString(), ...(note === undefined ? {} : { note }) }
    },
    exchange(note) {
      return {
        over: session === null ? 'tcp' : 'tls', to: `${to.address.includes(':') ? `[${to.address}]` : to.address}:${to.port}`, sent: Buffer.from(sent.bytes).toString('base64'), received: Buffer.from(heard.bytes).toString('base64'),
        cut: sent.isCut || heard.isCut, at: began, took: Math.round(performance.now() - started), ...(note === undefined ? {} : { note }),
      }
    },
    close,
    cut(why) {
      failure ??= why
      close()
      wake?.()
    },
  }
}

type Enough = (received: Uint8Array) => number | null

function untilOf(until: ReadOptions['until']): Enough | null {
  if (until === undefined) return null
  if (typeof until !== 'string') return until
  const needle = Buffer.from(until)
  let looked = 0
  return (received) => {
    const at = Buffer.from(received.buffer, received.byteOffset, received.byteLength).indexOf(needle, Math.max(0, looked - needle.length + 1))
    looked = received.length
    return at < 0 ? null : at + needle.length
  }
}
