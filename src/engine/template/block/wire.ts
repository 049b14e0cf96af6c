import type { Place } from '#core/place.ts'
import { failed, type Answers, type AskOptions, type Connection, type Failure, type TlsOptions } from '../../net.ts'
import type { Tools } from '../../probe.ts'

/** What blocks that speak no HTTP may reach: the ports of one host that were found open, and nothing else, whatever a template names. */
export interface Wire {
  readonly at: Place
  readonly port: number
  /** The service there speaks TLS from the first byte. */
  readonly tls: boolean
  /** What the service is called, or `unknown`. */
  readonly service: string
  readonly tools: Tools
  readonly signal: AbortSignal
  isOpen(port: number): boolean
  connect(port: number, tls?: TlsOptions | null): Promise<Connection | Failure>
  ask(port: number, datagrams: readonly Uint8Array[], options?: AskOptions): Promise<Answers | Failure>
  /** What is the same for all templates at this port: worked out once. */
  kept<T>(key: string, make: () => Promise<T>): Promise<T>
}

export type WireOptions = Readonly<{ at: Place; tls: boolean; service: string; tools: Tools; signal: AbortSignal; most?: number }>

/** Conversations of all templates with one port. */
const conversationsMost = 1500
const keptMost = 500
const opened = new WeakMap<object, Set<number>>()

/** Remembers that a port of a host is open, for templates that name it while they look at another. */
export function noteOpen(host: object, port: number): void {
  const ports = opened.get(host) ?? new Set()
  opened.set(host, ports.add(port))
}

export function openWire({ at, tls, service, tools, signal, most = conversationsMost }: WireOptions): Wire {
  const port = at.port!
  const known = new Map<string, Promise<unknown>>()
  let left = most
  noteOpen(tools.host, port)

  function mayReach(to: number): Failure | null {
    if (signal.aborted) return { failed: 'aborted', text: 'the scan was stopped' }
    if (!isOpen(to)) return { failed: 'refused', text: `port ${to} was not found open on the target` }
    return left-- > 0 ? null : { failed: 'budget', text: 'the conversations with this port are used up' }
  }
  const isOpen = (to: number): boolean => to === port || opened.get(tools.host)?.has(to) === true

  return {
    at, port, tls, service, tools, signal, isOpen,
    async connect(to, secure) {
      const name = tools.names[0]
      return mayReach(to) ?? tools.net.connect({ address: at.address, port: to }, secure == null ? {} : { tls: { ...(name === undefined ? {} : { servername: name }), ...secure } })
    },
    async ask(to, datagrams, options) {
      return mayReach(to) ?? tools.net.ask({ address: at.address, port: to }, datagrams, options)
    },
    kept<T>(key: string, make: () => Promise<T>): Promise<T> {
      const before = known.get(key) as Promise<T> | undefined
      if (before !== undefined) return before
      const made = make()
      if (known.size < keptMost) known.set(key, made)
      // A failure that passes is not what everybody should be told.
      void made.then((value) => {
        if (typeof value === 'object' && value !== null && failed(value)) known.delete(key)
      }, () => known.delete(key))
      return made
    },
  }
}
