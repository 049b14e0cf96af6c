import type { Place } from '#core/place.ts'
import { askHttp } from './http/client.ts'
import { failed, type Answers, type AskOptions, type Connection } from './net.ts'
import { Unseen, type Tools } from './probe.ts'
import type { Target, UdpTarget, WebTarget } from './service.ts'
import type { Shapes } from '#core/observation.ts'

/** A connection that is open already and on which nothing but its greeting came; null once it is taken. */
export type Heard = Readonly<{ take(): Connection | null }>

/** What a service is given to look at a TCP port; `close` hangs up whatever the look left open. `heard`: what the first `open` gives, if it is still to be had. */
export function targetOf(at: Place, tls: boolean, greeting: Uint8Array, tools: Tools, signal: AbortSignal, heard?: Heard): Target & { close(): void } {
  const open: Connection[] = []
  return {
    at,
    tls,
    greeting,
    tools,
    signal,
    async open() {
      const connection = heard?.take() ?? await tools.net.connect({ address: at.address, port: at.port! }, tls ? { tls: tlsNames(tools) } : {})
      if (failed(connection)) throw new Unseen(connection.failed, connection.text)
      open.push(connection)
      return connection
    },
    close() {
      for (const connection of open.splice(0)) connection.close()
    },
  }
}

export function tlsNames(tools: Tools): { servername?: string } {
  const name = tools.names[0]
  return name === undefined ? {} : { servername: name }
}

export function udpTargetOf(at: Place, tools: Tools, signal: AbortSignal): UdpTarget {
  return {
    at,
    tools,
    signal,
    async ask(datagrams: readonly Uint8Array[], options: AskOptions = {}): Promise<Answers> {
      const result = await tools.net.ask({ address: at.address, port: at.port! }, datagrams, options)
      if (!failed(result)) return result
      throw new Unseen(result.failed === 'timeout' ? 'silent' : result.failed, result.text)
    },
  }
}

export function webTargetOf(at: Place, root: Shapes['http'], tools: Tools, signal: AbortSignal): WebTarget {
  return { at, tls: root.tls, root, tools, signal, request: (ask) => askHttp(at, root.tls, ask, tools) }
}
