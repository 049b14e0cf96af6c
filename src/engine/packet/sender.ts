import { errors, type Libc } from './libc.ts'
import { writeSyn, type Template } from './frame.ts'

/** Where packets leave. Nothing is sent before `flush`; `syn` and `packet` say false when there is no more room until then. */
export type Sender = Readonly<{
  syn(template: Template, port: number, sequence: number): boolean
  /** A whole packet, at most `mostBytes`, to a socket address. */
  packet(bytes: Uint8Array, name: Uint8Array): boolean
  /** How many are left because the system has no room for them at the moment: send slower. They go first the next time. */
  flush(): number
  /** Forgets what is left. */
  clear(): void
  close(): void
}>

export const mostBytes = 256
const slots = 1024
const nameSize = 32
const layout = { names: slots * mostBytes, vectors: slots * (mostBytes + nameSize), messages: slots * (mostBytes + nameSize + 16), bytes: slots * (mostBytes + nameSize + 16 + 64) } as const
const dontWait = 0x40
const [rawSocket, packetFamily] = [3, 17] as const

/** Whole IP packets over a raw socket: the kernel finds the way and the neighbour, on any device, loopback too. */
export function openIpSender(libc: Libc, version: 4 | 6): Sender | null {
  // IPPROTO_RAW: headers come with the packet, and nothing is received.
  return over(libc, libc.socket(version === 4 ? 2 : 10, rawSocket, 255))
}

/** Whole Ethernet frames; the socket address names the device. */
export function openLinkSender(libc: Libc): Sender | null {
  return over(libc, libc.socket(packetFamily, rawSocket, 0))
}

/** Hundreds of packets a call (sendmmsg). */
function over(libc: Libc, socket: number): Sender | null {
  if (socket < 0) return null
  const memory = libc.map(layout.bytes)
  if (memory === null) {
    libc.close(socket)
    return null
  }
  const { address, bytes, view } = memory
  view.setInt32(0, 1 << 20, true)
  libc.setsockopt(socket, 1, 32, address, 4)
  for (let slot = 0; slot < slots; slot++) {
    const [vector, message] = [layout.vectors + slot * 16, layout.messages + slot * 64]
    view.setBigUint64(vector, BigInt(address + slot * mostBytes), true)
    view.setBigUint64(message, BigInt(address + layout.names + slot * nameSize), true)
    view.setBigUint64(message + 16, BigInt(address + vector), true)
    view.setBigUint64(message + 24, 1n, true)
  }
  /** What lies in each place, so that the next packet of the same kind writes only what differs. */
  const held = Array.from({ length: slots }, (): Template | null => null)
  /** Those up to `done` have left. */
  let [done, count] = [0, 0]

  function addressTo(name: Uint8Array, length: number, slot: number): void {
    bytes.set(name, layout.names + slot * nameSize)
    view.setUint32(layout.messages + slot * 64 + 8, name.length, true)
    view.setUint32(layout.vectors + slot * 16 + 8, length, true)
  }

  return {
    syn(template, port, sequence) {
      if (count === slots) return false
      const isThere = held[count] === template
      writeSyn(bytes, count * mostBytes, template, port, sequence, isThere)
      if (!isThere) {
        addressTo(template.name, template.bytes.length, count)
        held[count] = template
      }
      count += 1
      return true
    },
    packet(packet, name) {
      if (count === slots || packet.length > mostBytes) return false
      bytes.set(packet, count * mostBytes)
      addressTo(name, packet.length, count)
      held[count] = null
      count += 1
      return true
    },
    flush() {
      while (done < count) {
        const sent = libc.sendmmsg(socket, address + layout.messages + done * 64, count - done, dontWait)
        if (sent > 0) {
          done += sent
          continue
        }
        const error = libc.errno()
        if (error === errors.ENOBUFS || error === errors.EAGAIN) return count - done
        // This one cannot leave (no route, a firewall of our own); the next may.
        done += 1
      }
      done = count = 0
      return 0
    },
    clear: () => void (done = count = 0),
    close() {
      libc.unmap(memory)
      libc.close(socket)
    },
  }
}
