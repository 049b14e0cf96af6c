import { VigilError } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Answer } from '#channel/channel.ts'
import type { SliceSpool } from './spool.ts'

/** Bounds of one batch, and of what may wait in memory before the engine is held back. */
const mostEvents = 512
const mostSize = 1_000_000
const highWater = 4_000_000
const flushMs = 1000

export type OutboxOptions = Readonly<{
  report(seq: number, batch: readonly ScanEvent[]): Promise<Answer>
  /** Number of the first batch. */
  seq: number
  /** Where batches wait while the platform cannot be reached; null: in memory, holding the engine back. */
  spool: SliceSpool | null
  heartbeatMs: number
  hear(answer: Answer): void
  /** The platform refused for good: nothing more of this slice will be taken. */
  refused(error: unknown): void
  onError(error: unknown): void
}>

export type Outbox = Readonly<{
  /** Resolves when there is room for more: awaiting it is the back-pressure. */
  put(event: ScanEvent): Promise<void>
  /** Sends what is left. True when all was taken; false when the platform refused or stayed away until `giveUp`. */
  close(giveUp: AbortSignal): Promise<boolean>
}>

/** Carries the events of one slice to the platform in numbered batches, in order, one at a time. */
export function openOutbox(options: OutboxOptions): Outbox {
  let pending: ScanEvent[] = []
  let size = 0
  let since = 0
  let seq = options.seq
  let closed = false
  let dead = false
  let spooled = false
  let giveUp: AbortSignal | null = null
  let room = signalling()
  let work = signalling()

  function take(): readonly ScanEvent[] {
    let taken = 0
    let bytes = 0
    while (taken < pending.length && taken < mostEvents && bytes < mostSize) bytes += sizeOf(pending[taken++]!)
    const batch = pending.slice(0, taken)
    pending = pending.slice(taken)
    size = pending.length === 0 ? 0 : Math.max(0, size - bytes)
    since = Date.now()
    if (size < highWater) room.fire()
    return batch
  }

  async function send(number: number, batch: readonly ScanEvent[]): Promise<'taken' | 'unreachable' | 'refused'> {
    try {
      options.hear(await options.report(number, batch))
      return 'taken'
    } catch (error) {
      if (error instanceof VigilError && error.status < 500) {
        dead = true
        options.refused(error)
        return 'refused'
      }
      options.onError(error)
      return 'unreachable'
    }
  }

  /** Oldest first: what is on disk goes before anything newer. */
  async function sendSpooled(): Promise<void> {
    for await (const entry of options.spool!.read()) {
      if ((await send(entry.seq, entry.batch)) !== 'taken') return
    }
    await options.spool!.clear()
    spooled = false
  }

  async function deliver(batch: readonly ScanEvent[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (spooled && !dead) await sendSpooled()
      if (dead) return
      if (!spooled && (await send(seq, batch)) !== 'unreachable') break
      if (dead) return
      if (options.spool !== null && (await options.spool.append(seq, batch))) {
        spooled = true
        break
      }
      if (giveUp?.aborted === true) {
        dead = true
        return
      }
      await pause(Math.min(10_000, 250 * 2 ** attempt), giveUp)
    }
    seq++
  }

  async function run(): Promise<void> {
    for (;;) {
      if (dead) return room.fire()
      if (pending.length >= mostEvents || size >= mostSize || (pending.length > 0 && (closed || Date.now() - since >= flushMs))) {
        await deliver(take())
      } else if (closed) {
        for (let attempt = 0; spooled && !dead && giveUp?.aborted !== true; attempt++) {
          await sendSpooled()
          if (spooled) await pause(Math.min(10_000, 250 * 2 ** attempt), giveUp)
        }
        return
      } else if (!(await work.wait(pending.length > 0 ? flushMs : options.heartbeatMs)) && pending.length === 0) {
        if (spooled) await sendSpooled()
        else await send(seq, [])
      }
    }
  }

  const running = run()
  return {
    async put(event) {
      if (dead) return
      if (pending.length === 0) since = Date.now()
      pending.push(event)
      size += sizeOf(event)
      if (pending.length === 1 || pending.length >= mostEvents || size >= mostSize) work.fire()
      while (size >= highWater && !dead) await room.wait(flushMs)
    },
    async close(signal) {
      giveUp = signal
      closed = true
      work.fire()
      await running
      return !dead && !spooled
    },
  }
}

/** About how much memory and wire an event takes: its long strings. */
function sizeOf(event: ScanEvent): number {
  if (event.type !== 'seen') return 200
  const { seen } = event
  let bytes = 300 + (seen.evidence === undefined ? 0 : seen.evidence.sent.length + seen.evidence.received.length)
  if (seen.kind === 'http') bytes += seen.data.body.length
  for (const one of [...(seen.proof?.exchanges ?? []), ...(seen.proof?.control ?? [])]) bytes += one.sent.length + one.received.length + 200
  if (seen.kind === 'service') bytes += 1000
  return bytes
}

function signalling(): { fire(): void; wait(ms: number): Promise<boolean> } {
  let fired = false
  let waiting: (() => void) | null = null
  return {
    fire() {
      fired = true
      waiting?.()
    },
    wait(ms) {
      if (fired) {
        fired = false
        return Promise.resolve(true)
      }
      return new Promise((resolve) => {
        const done = (result: boolean) => {
          clearTimeout(timer)
          waiting = null
          fired = false
          resolve(result)
        }
        const timer = setTimeout(() => done(false), ms)
        waiting = () => done(true)
      })
    },
  }
}

export function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
