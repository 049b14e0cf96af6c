import { setTimeout as sleep } from 'node:timers/promises'
import type { Semaphore } from './semaphore.ts'

/** The place that a host has among those looked at side by side. */
export type HostPlace = Readonly<{ enter(): Promise<void>; leave(): void }>

/** The looks at one host that are under way, and those of them that only let time pass. */
export interface Rest {
  /** A look begins, or is over. */
  began(): void
  over(): void
  /** Lets so many ms pass, and others work meanwhile. Rejects when it is stopped. */
  rest(time: number, signal: AbortSignal): Promise<void>
}

/**
 * A look that waits on purpose (between two tries of a login) holds nothing that another could use: its turn goes to the next, and when all looks at a host rest, so does the host's place. `turns`: what
 * a look holds, in the order in which it takes it.
 */
export function openRest(turns: readonly Semaphore[], place: HostPlace): Rest {
  let running = 0
  let resting = 0
  let isHeld = true
  let entering: Promise<void> | null = null

  function settle(): void {
    if (running === 0 || resting < running || !isHeld) return
    isHeld = false
    place.leave()
  }

  async function back(): Promise<void> {
    if (isHeld) return
    entering ??= place.enter().then(() => {
      isHeld = true
      entering = null
    })
    await entering
  }

  return {
    began: () => void (running += 1),
    over() {
      running -= 1
      settle()
    },
    async rest(time, signal) {
      for (const turn of turns.toReversed()) turn.leave()
      resting += 1
      settle()
      try {
        await sleep(time, undefined, { signal })
      } finally {
        // First: who wakes no longer rests, whoever begins to meanwhile.
        resting -= 1
        await back()
        for (const turn of turns) await turn.enter()
      }
    },
  }
}
