/**
 * How many connections one host bears at once, by what became of those before: half as many as came through where something was lost, one more for each round of answers; for two rounds, four and in the end eight where
 * it was lost again, since what is lost shows only when nobody waits for it any more. Nothing is known at first, and the profile's own limit holds.
 */
export type Window = {
  readonly most: number
  /** Goes up with each halving: what was begun before one says nothing of what holds since. */
  readonly turn: number
  /** An answer came as it should. */
  heard(): void
  /** Something that was begun in this turn was lost, with so many under way. */
  lost(turn: number, active: number): void
}

/** As many as a single probe may hold at once: with fewer it would wait for itself. */
export const leastConnections = 6

const mostRounds = 8

export function newWindow(): Window {
  let most = Infinity
  let turn = 0
  let heard = 0
  return {
    get most() {
      return Math.floor(most)
    },
    get turn() {
      return turn
    },
    heard() {
      heard += 1
      if (heard < most * Math.min(mostRounds, 2 ** (turn - 1))) return
      heard = 0
      most += 1
    },
    lost(of, active) {
      // With the first of a handful: half of those that were under way and not lost remain.
      if (of === turn - 1) most = Math.max(leastConnections, most - 0.5)
      if (of !== turn) return
      turn += 1
      heard = 0
      most = Math.max(leastConnections, (Math.min(most, active) - 1) / 2)
    },
  }
}
