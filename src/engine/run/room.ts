import { getHeapStatistics } from 'node:v8'

/** Of the memory that there is, the share beyond which no further host is begun while others are under way. */
const mostShare = 0.75
/** Bytes outside the heap (what sockets brought) that count as all of it. */
const mostOutside = 268_435_456

/**
 * Lets hosts in as long as there is room, by the share of it that is taken when so many are inside. When memory is short, those under way are finished first: a scanner takes
 * fewer hosts at once instead of dying with all of them.
 */
export type Room = Readonly<{ enter(): Promise<void>; leave(): void }>

export function openRoom(share: (inside: number) => number): Room {
  const waiting: (() => void)[] = []
  let inside = 0
  const isFull = (): boolean => inside > 0 && share(inside) > mostShare
  return {
    async enter() {
      while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve))
      inside += 1
      // One at a time is woken: whoever comes in looks whether there is room for the next.
      if (waiting.length > 0 && !isFull()) waiting.shift()!()
    },
    leave() {
      inside -= 1
      waiting.shift()?.()
    },
  }
}

/** How much of the memory of this process is taken, 0 to 1. */
export function memoryShare(): number {
  const { used_heap_size: used, heap_size_limit: most, external_memory: outside } = getHeapStatistics()
  return Math.max(used / most, outside / mostOutside)
}
