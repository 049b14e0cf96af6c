import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Answers, AskOptions, Endpoint, Failure } from '../net.ts'
import type { ErrorQueue } from './error-queue.ts'
import { failureOf, rejection } from './failure.ts'
import { evidenceOf } from './transcript.ts'

export type DatagramAllowance = Readonly<{
  answer: number
  /** A token for one datagram, or why none may leave. */
  token(): Promise<Failure | null>
  spend(bytes: number): Failure | null
  /** Gives the way to end the exchange from outside; returns what to call when it is over. */
  during(cut: (why: Failure) => void): () => void
}>

/** Answers kept, and bytes of all of them together. */
const defaultMost = 16

export async function askOver(to: Endpoint, version: 4 | 6, datagrams: readonly Uint8Array[], options: AskOptions, queue: ErrorQueue | null, allowance: DatagramAllowance): Promise<Answers | Failure> {
  const first = await exchange(to, version, datagrams, options, queue, allowance, options.anyPort !== true)
  // A socket that takes answers from any port is not told of ICMP errors; one that is connected is.
  if (options.anyPort !== true || !('failed' in first) || first.failed !== 'timeout') return first
  const again = await exchange(to, version, datagrams, { ...options, wait: Math.min(500, options.wait ?? allowance.answer) }, queue, allowance, true)
  return 'failed' in again && (again.failed === 'refused' || again.by !== undefined) ? again : first
}

function exchange(to: Endpoint, version: 4 | 6, datagrams: readonly Uint8Array[], options: AskOptions, queue: ErrorQueue | null, allowance: DatagramAllowance, connected: boolean): Promise<Answers | Failure> {
  const wait = options.wait ?? allowance.answer
  const most = options.most ?? defaultMost
  const until = options.until ?? ((answers) => answers.length > 0)
  return new Promise((resolve) => {
    const socket: Socket = createSocket(version === 4 ? 'udp4' : 'udp6')
    const descriptor = connected ? (queue?.socket('udp', version) ?? null) : null
    const answers: Uint8Array[] = []
    const timers: NodeJS.Timeout[] = []
    let settled = false
    const over = allowance.during((why) => finish(why))

    function finish(why: Failure | null): void {
      if (settled) return
      settled = true
      for (const timer of timers) clearTimeout(timer)
      over()
      socket.close()
      if (answers.length === 0 || why?.failed === 'aborted') return resolve(why ?? { failed: 'timeout', text: `no answer in ${wait} ms` })
      resolve({ answers, evidence: evidenceOf(Buffer.concat(datagrams), Buffer.concat(answers)) })
    }

    /** A port that the host itself calls unreachable is closed; what a firewall on the way calls so may be open behind it. */
    function fail(error: Error & { code?: string }): void {
      if (settled) return
      if (error.code !== 'ECONNREFUSED') return finish(failureOf(error, 'datagram'))
      const told = descriptor === null ? null : queue!.read(descriptor)
      finish(told?.by === to.address ? { failed: 'refused', text: 'datagram: port unreachable' } : rejection(told, 'datagram'))
    }

    async function send(): Promise<void> {
      for (const datagram of datagrams) {
        const refusal = await allowance.token()
        if (refusal !== null) return finish(refusal)
        if (settled) return
        const sent = (error: Error | null): void => {
          if (error !== null) fail(error)
        }
        if (connected) socket.send(datagram, sent)
        else socket.send(datagram, to.port, to.address, sent)
      }
    }

    function resend(): void {
      if (answers.length === 0) void send()
    }

    socket.on('error', fail)
    socket.on('message', (message: Buffer, from: RemoteInfo) => {
      if (settled || from.address !== to.address) return
      const refusal = allowance.spend(message.length)
      if (refusal !== null) return finish(refusal)
      answers.push(Uint8Array.from(message))
      if (answers.length >= most || until(answers)) finish(null)
    })
    const begin = (): void => {
      timers.push(setTimeout(resend, wait / 3), setTimeout(resend, (wait * 2) / 3), setTimeout(() => finish(null), wait))
      void send()
    }
    const connect = (): void => {
      socket.connect(to.port, to.address, begin)
    }
    if (descriptor !== null) socket.bind({ fd: descriptor }, connect)
    else if (connected) connect()
    else socket.bind(0, begin)
  })
}
