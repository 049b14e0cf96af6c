/**
 * How fast packets leave: begins gently, doubles while all is answered, and halves on each sign of loss. What says nothing makes nothing faster, so that a host behind a firewall that drops
 * is asked at the gentle pace throughout.
 */
export type Pace = Readonly<{
  /** How many might leave now. */
  ready(now: number): number
  /** How many may leave now, at most `wanted`. */
  allow(now: number, wanted: number): number
  /** So many of those allowed did not leave after all. */
  giveBack(count: number): void
  heard(now: number, count: number): void
  /** Something was lost: once in a while is enough, since one jam loses many. */
  lost(now: number): void
  /** The own device had no room for a while: nothing was lost, and a little less fits. */
  crowded(now: number): void
  /** Whether most of what was sent since the last step stayed away, for long enough to say so. */
  lags(now: number): boolean
  readonly rate: number
}>

export type PaceLimits = Readonly<{ first: number; least: number; most: number }>

/** Ms between two steps up or down. */
const step = 60
/** Answers that must have come since the last step, as a share of what was sent, for a step up. */
const share = 0.5

export function newPace({ first, least, most }: PaceLimits, began: number): Pace {
  let rate = Math.min(first, most)
  let threshold = most
  let level = 1
  let filled = began
  let stepped = began
  let cut = -Infinity
  let sent = 0
  let heardSince = 0
  const ready = (now: number): number => {
    level = Math.min(Math.max(1, rate / 50), level + ((now - filled) * rate) / 1000)
    filled = now
    return Math.floor(level)
  }
  return {
    ready,
    allow(now, wanted) {
      const count = Math.min(ready(now), wanted)
      level -= count
      sent += count
      return count
    },
    giveBack(count) {
      level += count
      sent -= count
    },
    heard(now, count) {
      heardSince += count
      if (now - stepped < step || heardSince < sent * share || heardSince < 8) return
      rate = Math.min(most, rate < threshold ? Math.min(rate * 2, Math.max(threshold, rate * 1.1)) : rate * 1.1)
      stepped = now
      sent = 0
      heardSince = 0
    },
    lost(now) {
      if (now - cut < 2 * step) return
      cut = now
      stepped = now
      sent = 0
      heardSince = 0
      rate = Math.max(Math.min(least, most), rate / 2)
      threshold = rate
    },
    crowded(now) {
      if (now - cut < 2 * step) return
      cut = now
      rate = Math.max(Math.min(least, most), rate * 0.8)
    },
    lags: (now) => now - stepped >= 2 * step && heardSince < sent * share,
    get rate() {
      return rate
    },
  }
}
