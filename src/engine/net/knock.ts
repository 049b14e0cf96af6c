import { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import type { ErrorQueue, IcmpError } from './error-queue.ts'

/**
 * How a knock ended: `open`, `itself` (it met its own end), `reset` (the host itself refused: an RST), or the system's name of the error. `ECONNREFUSED` with the ICMP error that it came from;
 * without one this system does not tell whether it was an RST.
 */
export type KnockResult = string
type Done = (result: KnockResult, error: IcmpError | null) => void
export type Knock = Readonly<{ cancel(): void }>

/**
 * The part of Node's TCP handle that a knock needs. It lies beneath `net.Socket`, is what the pinned Node uses itself, and costs half the CPU for each of
 * the thousands of ports of a host (docs/decisions/020-knocking.md). Where it is missing or has changed, `net.Socket` does.
 */
type Handle = {
  open(descriptor: number): number
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
    return ['open', 'connect', 'connect6', 'getsockname', 'reset', 'close'].every((name) => typeof prototype[name] === 'function') ? (found as Binding) : null
  } catch {
    return null
  }
}

/** Connects and hangs up. `done` is called once, unless it was cancelled before. `queue`: tells an RST from an ICMP error. */
export function knock(address: string, version: 4 | 6, port: number, queue: ErrorQueue | null, done: Done): Knock {
  return binding === null ? knockBySocket(address, port, done) : knockByHandle(binding, address, version, port, queue, done)
}

function knockByHandle({ TCP, TCPConnectWrap, constants }: Binding, address: string, version: 4 | 6, port: number, queue: ErrorQueue | null, done: Done): Knock {
  const handle = new TCP(constants.SOCKET)
  const request = new TCPConnectWrap()
  let descriptor = queue?.socket('tcp', version) ?? null
  if (descriptor !== null && handle.open(descriptor) !== 0) {
    queue!.close(descriptor)
    descriptor = null
  }
  let over = false
  request.oncomplete = (status) => {
    if (over) return
    over = true
    const code = status === 0 ? 'open' : getSystemErrorName(status)
    if (status !== 0) {
      const error = code === 'ECONNREFUSED' && descriptor !== null ? queue!.read(descriptor) : null
      handle.close()
      return done(resultOf(code, descriptor !== null && error === null), error)
    }
    const own: { address?: string; port?: number } = {}
    handle.getsockname(own)
    // RST instead of FIN: a scan must not leave ten thousand sockets waiting for their last packets.
    if (handle.reset() !== 0) handle.close()
    done(own.port === port && own.address === address ? 'itself' : 'open', null)
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

/** `isReset`: no ICMP error came, where one would have been told. What was cut off between the handshake and our look was open. */
function resultOf(code: string, isReset: boolean): KnockResult {
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'open'
  return code === 'ECONNREFUSED' && isReset ? 'reset' : code
}

/** The same with public means. */
export function knockBySocket(address: string, port: number, done: Done): Knock {
  const socket = new Socket()
  let over = false
  const finish = (result: KnockResult): void => {
    if (over) return
    over = true
    if (result === 'open') socket.resetAndDestroy()
    else socket.destroy()
    done(result, null)
  }
  socket.on('connect', () => finish(socket.localPort === port && socket.localAddress === socket.remoteAddress ? 'itself' : 'open'))
  socket.on('error', (error: Error & { code?: string }) => finish(resultOf(error.code ?? 'EIO', false)))
  socket.connect({ host: address, port })
  return {
    cancel() {
      over = true
      socket.destroy()
    },
  }
}
