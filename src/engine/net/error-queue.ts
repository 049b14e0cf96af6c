import { release } from 'node:os'
import { formatIp } from '#core/ip.ts'
import { openLibc, type Libc } from '../packet/libc.ts'

/** What one ICMP error said, and who sent it. */
export type IcmpError = Readonly<{ by: string; type: number; code: number }>

/**
 * Sockets that keep the ICMP errors they meet (`IP_RECVERR`, `IPV6_RECVERR`), so that an RST is told from an ICMP *port unreachable*: the system gives `ECONNREFUSED` for both. The option must be set
 * before a socket connects, so that they are made here and handed to Node as descriptors.
 */
export type ErrorQueue = Readonly<{
  /** A descriptor that belongs to the caller, not bound and not connected; null: none is left, or what is asked for is not told on this system. */
  socket(kind: 'tcp' | 'udp', version: 4 | 6): number | null
  /** The first ICMP error that came to the socket, which must still be open; null: none came. */
  read(socket: number): IcmpError | null
  close(socket: number): void
}>

/** `struct msghdr`, then the buffers it points at; all in one page. */
const [name, control, controlLength, value, vector, payload] = [64, 128, 512, 1024, 1032, 1280] as const
const [ofErrors, dontWait] = [0x2000, 0x40] as const
const origins = { icmp: 2, icmp6: 3 } as const

let opened: Promise<ErrorQueue | null> | null = null

/** One for the process: it holds no more than a page of memory. Null where it cannot be had: another system than Linux, or one that koffi has no binary for. */
export function errorQueue(): Promise<ErrorQueue | null> {
  return (opened ??= process.platform === 'linux' ? openLibc().then(queueOver, () => null) : Promise.resolve(null))
}

/** TCP sockets keep them since Linux 5.10 (commit 45af29ca761c); before, an empty queue proves nothing. */
function isTold(kind: 'tcp' | 'udp'): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return kind === 'udp' || major > 5 || (major === 5 && minor >= 10)
}

function queueOver(libc: Libc): ErrorQueue | null {
  const memory = libc.map(4096)
  if (memory === null) return null
  const { address, view, bytes } = memory
  const told = { tcp: isTold('tcp'), udp: isTold('udp') } as const
  view.setInt32(value, 1, true)
  view.setBigUint64(vector, BigInt(address + payload), true)
  view.setBigUint64(vector + 8, 256n, true)
  return {
    socket(kind, version) {
      if (!told[kind]) return null
      // SOCK_NONBLOCK | SOCK_CLOEXEC
      const socket = libc.socket(version === 4 ? 2 : 10, (kind === 'tcp' ? 1 : 2) | 0x80800, 0)
      if (socket < 0) return null
      if (libc.setsockopt(socket, version === 4 ? 0 : 41, version === 4 ? 11 : 25, address + value, 4) === 0) return socket
      libc.close(socket)
      return null
    },
    read(socket) {
      bytes.fill(0, 0, name)
      view.setBigUint64(0, BigInt(address + name), true)
      view.setUint32(8, 28, true)
      view.setBigUint64(16, BigInt(address + vector), true)
      view.setBigUint64(24, 1n, true)
      view.setBigUint64(32, BigInt(address + control), true)
      view.setBigUint64(40, BigInt(controlLength), true)
      if (libc.recvmsg(socket, address, ofErrors | dontWait) < 0) return null
      return icmpErrorIn(view, control, control + Number(view.getBigUint64(40, true)))
    },
    close: (socket) => void libc.close(socket),
  }
}

/** Looks through the control messages for a `struct sock_extended_err` of ICMP, after which the address of its sender stands. */
function icmpErrorIn(view: DataView, from: number, end: number): IcmpError | null {
  for (let at = from; at + 16 <= end; ) {
    const length = Number(view.getBigUint64(at, true))
    if (length < 16 || at + length > end) return null
    const [level, type, error] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true), at + 16]
    const isError = (level === 0 && type === 11) || (level === 41 && type === 25)
    const origin = isError && length >= 16 + 16 ? view.getUint8(error + 4) : 0
    if (origin === origins.icmp || origin === origins.icmp6) return { by: senderAt(view, error + 16, at + length), type: view.getUint8(error + 5), code: view.getUint8(error + 6) }
    at += (length + 7) & ~7
  }
  return null
}

/** The address in a `struct sockaddr`; empty where the system gives none. */
function senderAt(view: DataView, at: number, end: number): string {
  const family = at + 8 <= end ? view.getUint16(at, true) : 0
  if (family === 2) return formatIp({ version: 4, value: BigInt(view.getUint32(at + 4)) })
  return family === 10 && at + 24 <= end ? formatIp({ version: 6, value: (view.getBigUint64(at + 8) << 64n) | view.getBigUint64(at + 16) }) : ''
}
