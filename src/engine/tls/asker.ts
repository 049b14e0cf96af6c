import type { Observation } from '#core/observation.ts'
import type { Exchange } from '#core/proof.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import type { Tools } from '../probe.ts'
import { clientHello, wireVersion, type HelloOptions } from './hello.ts'
import { readFlight, silent, type ServerFlight } from './record.ts'
import { startTls } from './starttls.ts'
import { suiteName } from './suites.ts'

/** `lost`: nothing is known, since nothing came. A hang-up or an alert is an answer: it refused. `exchange`: the bytes, for a proof. */
export type Flight = ServerFlight & Readonly<{ lost: Failure | null; exchange: Exchange | null }>
export type Until = (flight: ServerFlight) => boolean
export type Ask = (options: HelloOptions, until?: Until) => Promise<Flight>

/** `hello` and `heard`: the bytes, from where TLS begins. */
export type Conversation = Readonly<{ flight: Flight; connection: Connection; hello: Uint8Array; heard: Uint8Array }>

export type Asker = Readonly<{
  /** One hello and what comes back until `until` (default: a ServerHello); then it hangs up. */
  ask: Ask
  /** A connection on which TLS may begin. Must be closed. */
  dial(): Promise<Connection | Failure>
  /** As `ask`, but the connection stays open for what comes next; the caller closes it. */
  converse(options: HelloOptions, until: Until): Promise<Conversation | Failure>
  name: string | undefined
  log: Readonly<{ sent: string[]; received: string[] }>
}>

/** Conversations open with one service at once. */
const mostAtOnce = 8

export function askerOf(seen: Observation<'service'>, tools: Tools, signal: AbortSignal): Asker {
  const starttls = seen.data.tls ? null : seen.data.name
  const name = tools.names[0]
  const log = { sent: [] as string[], received: [] as string[] }
  const lanes = lanesOf(tools.profile.fragile === true ? 1 : mostAtOnce)

  async function dial(): Promise<Connection | Failure> {
    await lanes.enter()
    let connection: Connection | Failure = { failed: 'aborted', text: 'the scan was stopped' }
    try {
      signal.throwIfAborted()
      connection = await tools.net.connect({ address: seen.at.address, port: seen.at.port! })
      if (!failed(connection) && starttls !== null) {
        const started = await startTls(connection, starttls, name)
        if (started !== true) {
          connection.close()
          connection = started
        }
      }
    } finally {
      if (failed(connection)) lanes.leave()
    }
    return failed(connection) ? connection : closing(connection, lanes.leave)
  }

  async function converse(options: HelloOptions, until: Until): Promise<Conversation | Failure> {
    const connection = await dial()
    log.sent.push(`ClientHello ${options.version}, ${options.suites.length} suites`)
    if (failed(connection)) {
      log.received.push(connection.text)
      return connection
    }
    const hello = clientHello({ servername: name, ...options })
    connection.write(hello)
    let flight = silent
    const answer = await connection.read({
      until(bytes) {
        flight = readFlight(bytes)
        return flight.foreign || flight.alert !== null || until(flight) ? bytes.length : null
      },
    })
    if (!failed(answer)) flight = readFlight(answer.bytes)
    log.received.push(textOf(flight, failed(answer) ? answer : null))
    const lost = failed(answer) && flight.hello === null && answer.failed !== 'reset' ? answer : null
    return { flight: { ...flight, lost, exchange: connection.exchange() }, connection, hello, heard: failed(answer) ? new Uint8Array() : answer.bytes }
  }

  async function ask(options: HelloOptions, until: Until = (flight) => flight.hello !== null): Promise<Flight> {
    const opened = await converse(options, until)
    if (failed(opened)) return { ...silent, lost: opened, exchange: null }
    opened.connection.close()
    return opened.flight
  }

  return { ask, dial, converse, name, log }
}

/** Runs `after` once, when the connection is closed. */
function closing(connection: Connection, after: () => void): Connection {
  let open = true
  return Object.assign(Object.create(connection) as Connection, {
    close() {
      connection.close()
      if (open) after()
      open = false
    },
  })
}

function lanesOf(free: number): Readonly<{ enter(): Promise<void>; leave(): void }> {
  const waiting: (() => void)[] = []
  let left = free
  return {
    enter() {
      if (left > 0) {
        left -= 1
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    leave() {
      const next = waiting.shift()
      if (next === undefined) left += 1
      else next()
    },
  }
}

export function textOf(flight: ServerFlight, failure: Failure | null): string {
  if (flight.hello !== null) return `ServerHello ${versionName(flight.hello.version)}, ${suiteName(flight.hello.suite)}${flight.dhBits === null ? '' : `, DH ${flight.dhBits} bits`}`
  if (flight.alert !== null) return `alert ${flight.alert}`
  return failure === null ? (flight.foreign ? 'not TLS' : 'closed') : failure.text
}

export function versionName(wire: number): string {
  return Object.entries(wireVersion).find(([, value]) => value === wire)?.[0] ?? `0x${wire.toString(16)}`
}
