/**
 * How many requests may be under way to one host: grows by one for each round that went well, halves when one got no answer or answers grow much slower than they were. Never above `most`.
 */
export interface Pace {
  enter(): Promise<void>
  /** `took`: ms; null: no answer came. */
  leave(took: number | null): void
  /** Lets others work while one waits for something else than the host. */
  aside<T>(work: () => Promise<T>): Promise<T>
  readonly width: number
  /** Requests in a row that got no answer. */
  readonly silent: number
}

const slower = 4
const shortest = 20
const silentEnough = 3

export function adaptivePace(most: number, start = 4): Pace {
  let width = Math.max(1, Math.min(start, most))
  let inside = 0
  let fastest = Number.POSITIVE_INFINITY
  let silent = 0
  let halvedAt = 0
  let left = 0
  const waiting: (() => void)[] = []

  function admit(): void {
    while (waiting.length > 0 && inside < Math.floor(width)) {
      inside += 1
      waiting.shift()!()
    }
  }

  const enter = (): Promise<void> => {
    if (inside < Math.floor(width)) {
      inside += 1
      return Promise.resolve()
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  const out = (): void => {
    inside -= 1
    admit()
  }

  return {
    enter,
    leave(took) {
      left += 1
      if (took === null) silent += 1
      else {
        silent = 0
        fastest = Math.min(fastest, took)
      }
      // One request without an answer may be the request's own fault: templates send much that is malformed.
      const isHard = took === null ? silent >= silentEnough : took > Math.max(shortest, fastest) * slower
      // Once for each round: what was under way already says nothing new.
      if (isHard && left - halvedAt >= width) {
        width = Math.max(1, width / 2)
        halvedAt = left
      } else if (!isHard) width = Math.min(most, width + 1 / width)
      out()
    },
    async aside(work) {
      out()
      try {
        return await work()
      } finally {
        await enter()
      }
    },
    get width() {
      return Math.floor(width)
    },
    get silent() {
      return silent
    },
  }
}
