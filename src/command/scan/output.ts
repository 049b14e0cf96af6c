import { once } from 'node:events'

/** Where findings go, with back-pressure: a slow reader slows the scan, and a reader that left ends it. */
export interface Output {
  write(text: string): Promise<void>
  /** Shows how far it is, on a terminal, at most twice a second. */
  progress(text: () => string): void
  close(): void
}

export function openOutput(stop: AbortController): Output {
  const shows = process.stderr.isTTY
  let last = 0
  let shown = false
  let gone = false
  let interrupts = 0

  const onError = (): void => {
    gone = true
    stop.abort()
  }
  const onInterrupt = (): void => {
    interrupts += 1
    if (interrupts > 1) process.exit(130)
    clear()
    process.stderr.write('vigil scan: stopping; once more to quit at once\n')
    stop.abort()
  }
  process.stdout.on('error', onError)
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt)

  function clear(): void {
    if (shown) process.stderr.write('\r\u001b[K')
    shown = false
  }

  return {
    async write(text) {
      if (text === '' || gone) return
      clear()
      if (!process.stdout.write(text) && !gone) await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(onError)
    },
    progress(text) {
      const now = performance.now()
      if (!shows || now - last < 500) return
      last = now
      process.stderr.write(`\r\u001b[K${text()}`)
      shown = true
    },
    close() {
      clear()
      process.stdout.off('error', onError)
      process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt)
    },
  }
}
