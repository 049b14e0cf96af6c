import { answerFilter } from './filter.ts'
import type { Libc, Memory } from './libc.ts'

/**
 * Receives on all devices at once, through a ring that the kernel fills (packet socket, version 3), so that no packet costs a call. Cooked: what comes begins with its network header, whatever
 * the device. Blocks are handed over when full or after `retire` ms; a wait for one is always bounded by the caller, since a wake-up may be missed.
 */
export type Receiver = Readonly<{
  socket: number
  /** Hands over what is there; how many packets that were. */
  drain(take: (bytes: Uint8Array, at: number, length: number, ethernetType: number, sender: number) => void): number
  /** Packets that the ring had no place for since the last question. */
  dropped(): number
  close(): void
}>

const [blockSize, blocks, retire] = [1 << 17, 64, 2] as const
const [packetFamily, cooked, everything] = [17, 2, 0x0300] as const
const solPacket = 263
const option = { rxRing: 5, statistics: 6, version: 10, ignoreOutgoing: 23 } as const
const [solSocket, attachFilter] = [1, 26] as const

/** Null where the kernel does not let us, with the error left in `errno`. */
export function openReceiver(libc: Libc, ownPort: number, scratch: Memory): Receiver | null {
  // Protocol 0: nothing comes before the filter is in place.
  const socket = libc.socket(packetFamily, cooked, 0)
  if (socket < 0) return null
  const ring = setUp(libc, socket, ownPort, scratch)
  if (ring === null) {
    libc.close(socket)
    return null
  }
  const { bytes, view, words } = ring
  let block = 0
  return {
    socket,
    drain(take) {
      let count = 0
      // At most once around: a flood must not keep the caller from its other work.
      for (let turn = 0; turn < blocks; turn++) {
        const base = block * blockSize
        const status = (base + 8) >> 2
        if ((Atomics.load(words, status) & 1) === 0) break
        let left = view.getUint32(base + 12, true)
        for (let at = base + view.getUint32(base + 16, true); left > 0; left--) {
          take(bytes, at + view.getUint16(at + 26, true), view.getUint32(at + 12, true), view.getUint16(at + 50), at + 60)
          at += view.getUint32(at, true)
          count += 1
        }
        Atomics.store(words, status, 0)
        block = (block + 1) % blocks
      }
      return count
    },
    dropped() {
      scratch.view.setUint32(16, 12, true)
      if (libc.getsockopt(socket, solPacket, option.statistics, scratch.address, scratch.address + 16) < 0) return 0
      return scratch.view.getUint32(4, true)
    },
    close() {
      libc.unmap(ring)
      libc.close(socket)
    },
  }
}

function setUp(libc: Libc, socket: number, ownPort: number, scratch: Memory): Memory | null {
  const program = answerFilter(ownPort)
  const { bytes, view, address } = scratch
  // struct sock_fprog, and the program behind it.
  view.setUint16(0, program.length / 8, true)
  view.setBigUint64(8, BigInt(address + 16), true)
  bytes.set(program, 16)
  if (libc.setsockopt(socket, solSocket, attachFilter, address, 16) < 0) return null
  view.setInt32(0, 2, true)
  if (libc.setsockopt(socket, solPacket, option.version, address, 4) < 0) return null
  // Else the kernel copies each packet that leaves before the filter throws it away. Older ones than 4.20 do not know it.
  view.setInt32(0, 1, true)
  libc.setsockopt(socket, solPacket, option.ignoreOutgoing, address, 4)
  for (const [index, value] of [blockSize, blocks, 2048, (blockSize / 2048) * blocks, retire, 0, 0].entries()) view.setUint32(index * 4, value, true)
  if (libc.setsockopt(socket, solPacket, option.rxRing, address, 28) < 0) return null
  const ring = libc.map(blockSize * blocks, socket)
  if (ring === null) return null
  bytes.fill(0, 0, 20)
  view.setUint16(0, packetFamily, true)
  view.setUint16(2, everything, true)
  if (libc.bind(socket, address, 20) >= 0) return ring
  libc.unmap(ring)
  return null
}
