/** Lets `most` in at once; the rest wait in order. */
export type Semaphore = Readonly<{ enter(): Promise<void>; leave(): void }>

export function semaphore(most: number): Semaphore {
  const waiting: (() => void)[] = []
  let inside = 0
  return {
    enter() {
      if (inside < most) {
        inside += 1
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    leave() {
      const next = waiting.shift()
      if (next === undefined) inside -= 1
      else next()
    },
  }
}
