/**
 * One limit of what begins a second, for all threads of a scan together: each takes from one cell of shared memory, which holds when the next may begin (µs of the system's
 * monotonic clock). A twentieth of a second's worth may be saved up.
 */
export type Rate = Readonly<{
  /** How many of those wanted may begin now. */
  take(wanted: number): number
}>

export function rateCell(): BigInt64Array {
  return new BigInt64Array(new SharedArrayBuffer(8))
}

/** `perSecond` 0: no limit. */
export function openRate(perSecond: number, cell: BigInt64Array, now: () => number = microseconds): Rate {
  if (perSecond <= 0) return { take: (wanted) => wanted }
  const cost = 1_000_000 / perSecond
  const saved = Math.max(cost, 50_000)
  return {
    take(wanted) {
      for (;;) {
        const before = Atomics.load(cell, 0)
        const time = now()
        const from = Math.max(Number(before), time - saved)
        const count = Math.min(wanted, Math.floor((time - from) / cost + 1e-6))
        if (count <= 0) return 0
        if (Atomics.compareExchange(cell, 0, before, BigInt(Math.ceil(from + count * cost))) === before) return count
      }
    },
  }
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
