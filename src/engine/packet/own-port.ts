import type { Libc, Memory } from './libc.ts'

/** A port of our own that nobody else gets as long as the sockets are open. Nobody listens, so that the system resets what answers. */
export function reservePort(libc: Libc, { address, bytes, view }: Memory): { port: number; sockets: readonly number[] } | null {
  const sockets: number[] = []
  let port = 0
  for (const [family, type, length] of [[2, 1, 16], [10, 1, 28], [2, 2, 16], [10, 2, 28]] as const) {
    const socket = libc.socket(family, type, 0)
    if (socket < 0) continue
    sockets.push(socket)
    if (family === 10) {
      view.setInt32(128, 1, true)
      libc.setsockopt(socket, 41, 26, address + 128, 4)
    }
    bytes.fill(0, 0, 28)
    view.setUint16(0, family, true)
    view.setUint16(2, port)
    if (libc.bind(socket, address, length) < 0 || port !== 0) continue
    view.setUint32(64, 28, true)
    if (libc.getsockname(socket, address, address + 64) >= 0) port = view.getUint16(2)
  }
  return port === 0 ? null : { port, sockets }
}
