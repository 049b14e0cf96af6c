import { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** How a knock ended: `open`, `itself` (it met its own end), or the system's name of the error, as `ECONNREFUSED`. */
export type KnockResult = string
export type Knock = Readonly<{ cancel(): void }>

/**
 * The part of Node's TCP handle that a knock needs. It lies beneath `net.Socket`, is what the pinned Node uses itself, and costs half the CPU for each of
 * the thousands of ports of a host (docs/decisions/020-knocking.md). Where it is missing or has changed, `net.Socket` does.
 */
type Handle = {
  connect(request: Request, address: string, port: number): number
  connect6(request: Request, address: string, port: number): number
  getsockname(out: { address?: string; port?: number }): number
  reset(done?: () => void): number
  close(): void
}
type Request = { oncomplete: (status: number) => void }
type Binding = Readonly<{ TCP: new (type: number) => Handle; TCPConnectWrap: new () => Request; constants: Readonly<{ SOCKET: number }> }>

const binding = findBinding()

function findBinding(): Binding | null {
  try {
    const found = (process as unknown as { binding(name: string): Partial<Binding> }).binding('tcp_wrap')
    if (found.TCP === undefined || found.TCPConnectWrap === undefined || typeof found.constants?.SOCKET !== 'number') return null
    const { prototype } = found.TCP as unknown as { prototype: Record<string, unknown> }
    return ['connect', 'connect6', 'getsockname', 'reset', 'close'].every((name) => typeof prototype[name] === 'function') ? (found as Binding) : null
  } catch {
    return null
  }
}

/** Connects and hangs up. `done` is called once, unless it was cancelled before. */
export function knock(address: string, version: 4 | 6, port: number, done: (result: KnockResult) => void): Knock {
  return binding === null ? knockBySocket(address, port, done) : knockByHandle(binding, address, version, port, done)
}

function knockByHandle({ TCP, TCPConnectWrap, constants }: Binding, address: string, version: 4 | 6, port: number, done: (result: KnockResult) => void): Knock {
  const handle = new TCP(constants.SOCKET)
  const request = new TCPConnectWrap()
  let over = false
  request.oncomplete = (status) => {
    if (over) return
    over = true
    if (status !== 0) {
      handle.close()
      return done(getSystemErrorName(status))
    }
    const own: { address?: string; port?: number } = {}
    handle.getsockname(own)
    // RST instead of FIN: a scan must not leave ten thousand sockets waiting for their last packets.
    if (handle.reset() !== 0) handle.close()
    done(own.port === port && own.address === address ? 'itself' : 'open')
  }
  const error = version === 4 ? handle.connect(request, address, port) : handle.connect6(request, address, port)
  // The caller expects its answer later, not from within.
  if (error !== 0) setImmediate(() => request.oncomplete(error))
  return {
    cancel() {
      if (over) return
      over = true
      handle.close()
    },
  }
}

/** The same with public means. */
export function knockBySocket(address: string, port: number, done: (result: KnockResult) => void): Knock {
  const socket = new Socket()
  let over = false
  const finish = (result: KnockResult): void => {
    if (over) return
    over = true
    if (result === 'open') socket.resetAndDestroy()
    else socket.destroy()
    done(result)
  }
  socket.on('connect', () => finish(socket.localPort === port && socket.localAddress === socket.remoteAddress ? 'itself' : 'open'))
  socket.on('error', (error: Error & { code?: string }) => finish(error.code ?? 'EIO'))
  socket.connect({ host: address, port })
  return {
    cancel() {
      over = true
      socket.destroy()
    },
  }
}
