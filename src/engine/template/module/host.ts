import type { Exchange } from '#core/proof.ts'
import { callHelper } from '../dsl/call.ts'
import { NoValue, type Scope } from '../dsl/scope.ts'
import { failed, type Connection } from '../../net.ts'
import type { Wire } from '../block/wire.ts'
import { infoOf } from './info.ts'

/** What a script may ask for. It answers JSON, or says what went wrong, which the script sees as an error that it may catch. */
export interface Host {
  call(module: string, name: string, of: readonly unknown[]): Promise<Answer>
  /** All that went over the wire so far. */
  exchanges(): readonly Exchange[]
  /** The last thing the network refused, where that means that nothing was learnt. */
  trouble(): Readonly<{ failed: string; text: string }> | null
  close(): void
}
export type Answer = Readonly<{ value: unknown }> | Readonly<{ error: string }>

const connectionsMost = 20
const receivedMost = 1024 * 1024

export function openHost(wire: Wire, scope: Scope): Host {
  const connections: { connection: Connection; wait: number; own: boolean }[] = []
  const others: Exchange[] = []
  let trouble: Readonly<{ failed: string; text: string }> | null = null
  const wait = Math.min(5000, wire.tools.profile.limits.answer)

  async function open(secure: boolean, of: readonly unknown[]): Promise<Answer> {
    if (connections.length >= connectionsMost) return { error: 'too many connections' }
    const protocol = typeof of[0] === 'string' ? of[0] : 'tcp'
    if (protocol !== 'tcp' && protocol !== 'tls') return { error: `no ${protocol.slice(0, 10)} here` }
    const port = portOf(of[1])
    if (port === null) return { error: 'no port' }
    const connection = await wire.connect(port, secure || protocol === 'tls' ? {} : null)
    if (failed(connection)) {
      trouble = connection
      return { error: connection.text }
    }
    return { value: connections.push({ connection, wait, own: true }) - 1 }
  }

  /** Whatever host a script names, it is the target. */
  function portOf(address: unknown): number | null {
    const port = Number(/:(\d{1,5})$/.exec(String(address))?.[1] ?? Number.NaN)
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
  }

  async function talk(name: string, of: readonly unknown[]): Promise<Answer> {
    const entry = connections[Number(of[0])]
    if (entry === undefined) return { error: 'no such connection' }
    switch (name) {
      case 'close':
        entry.connection.close()
        return { value: null }
      case 'timeout':
        entry.wait = Math.max(100, Math.min(wait * 2, Number(of[1]) * 1000 || wait))
        return { value: null }
      case 'send':
        entry.connection.write(Buffer.from(String(of[1]), 'hex'))
        return { value: null }
      default: {
        const most = Number(of[1]) > 0 ? Math.min(receivedMost, Number(of[1])) : 4096
        const answer = await entry.connection.read({ most, timeout: entry.wait })
        if (failed(answer)) {
          if (answer.failed !== 'timeout' && answer.failed !== 'reset' && answer.failed !== 'closed') trouble = answer
          return { error: answer.text }
        }
        return answer.bytes.length === 0 ? { error: 'EOF' } : { value: Buffer.from(answer.bytes).toString('hex') }
      }
    }
  }

  return {
    async call(module, name, of) {
      if (module === 'net') return name === 'open' || name === 'openTls' ? open(name === 'openTls', of) : talk(name, of)
      if (module === 'port') return { value: name === 'tcp' ? wire.isOpen(Number(of[0])) : wire.at.proto === 'udp' && Number(of[0]) === wire.port }
      if (module === 'dsl') return helper(name, of, scope)
      const port = Number(of[1])
      if (!wire.isOpen(port)) return { error: `port ${Number.isFinite(port) ? port : ''} was not found open on the target` }
      const info = await wire.kept(`info ${module} ${port}`, () => infoOf(module, port, wire))
      if (failed(info)) {
        if (info.failed === 'budget' || info.failed === 'aborted') trouble = info
        return { error: info.text }
      }
      others.push(...info.exchanges)
      return Object.hasOwn(info.answers, name) ? { value: info.answers[name] } : { error: `no ${name}` }
    },
    exchanges: () => [...connections.map(({ connection }) => connection.exchange()), ...others],
    trouble: () => trouble,
    close() {
      for (const { connection } of connections) connection.close()
    },
  }
}

function helper(name: string, of: readonly unknown[], scope: Scope): Answer {
  try {
    return { value: callHelper(name, of.map((one) => (typeof one === 'number' || typeof one === 'boolean' ? one : Buffer.from(String(one)).toString('latin1'))), scope) }
  } catch (error) {
    if (error instanceof NoValue) return { error: error.message }
    throw error
  }
}
