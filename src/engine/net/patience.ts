/**
 * How long it is worth waiting for the answer to a handshake, by how long earlier ones took (as RFC 6298 reckons it for TCP).
 * A system sends an unanswered SYN again after a second: an answer that took longer says little of the way, and counts only
 * while there is no better one.
 */
export type Patience = Readonly<{
  /** An answer came after so many ms. */
  learn(took: number): void
  /** Ms; null while nothing was measured. */
  most(): number | null
  /** Whether an answer that took so long was asked for twice: the host is known to be faster. */
  isLate(took: number): boolean
}>

/** Below this, a moment's load on either side would pass for silence. */
const least = 400
const again = 1000

export function newPatience(): Patience {
  let smooth: number | null = null
  let vary = 0
  let late: number | null = null
  return {
    learn(took) {
      if (took >= again) {
        late = Math.max(late ?? 0, took)
        return
      }
      if (smooth === null) {
        smooth = took
        vary = took / 2
        return
      }
      vary = 0.75 * vary + 0.25 * Math.abs(smooth - took)
      smooth = 0.875 * smooth + 0.125 * took
    },
    isLate: (took) => took >= again && smooth !== null,
    most() {
      if (smooth !== null) return Math.max(least, 2 * (smooth + 4 * vary))
      return late === null ? null : 2 * late
    },
  }
}

/** For a host that nothing is known of, beside the slowest of those that are: with time for one SYN to be sent again. */
export function forStranger(slowest: number): number {
  return again + slowest
}
