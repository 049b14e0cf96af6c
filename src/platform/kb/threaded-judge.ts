import { Worker } from 'node:worker_threads'
import { compileJudge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import type { Detection, Signature } from '#core/signature.ts'

/** Batches below both are judged at once: the way to the thread costs more than they do. */
const fewObservations = 200
const fewCharacters = 500_000
const idleMs = 60_000

type Answer = Readonly<{ id: number; detections?: readonly Detection[]; problem?: string }>
type Waiting = { resolve(detections: readonly Detection[]): void; reject(error: Error): void }

/**
 * Judges small batches here and large ones in a thread of its own, so that a scanner that sends pages of HTML does not hold up everybody's requests. The thread is
 * started when it is needed, ends when it was idle for a minute, and never keeps the program running. If it dies, the batches it had are rejected.
 */
export function threadedJudge(signatures: readonly Signature[]): (seen: readonly Observation[]) => readonly Detection[] | Promise<readonly Detection[]> {
  const judge = compileJudge(signatures)
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let next = 0
  const waiting = new Map<number, Waiting>()

  function start(): Worker {
    const worker = new Worker(new URL('./judge-thread.ts', import.meta.url), { workerData: signatures })
    const drop = (error: Error): void => {
      if (thread === worker) thread = null
      for (const one of waiting.values()) one.reject(error)
      waiting.clear()
    }
    worker.on('message', ({ id, detections, problem }: Answer) => {
      const one = waiting.get(id)
      waiting.delete(id)
      if (waiting.size === 0) rest(worker)
      if (detections === undefined) one?.reject(new Error(problem))
      else one?.resolve(detections)
    })
    worker.on('error', drop)
    worker.on('exit', (code) => {
      if (thread === worker) drop(new Error(`the judging thread ended with ${code}`))
    })
    worker.unref()
    return worker
  }

  function rest(worker: Worker): void {
    idle = setTimeout(() => {
      if (thread === worker && waiting.size === 0) {
        thread = null
        void worker.terminate()
      }
    }, idleMs).unref()
  }

  return (seen) => {
    if (seen.length < fewObservations && weigh(seen) < fewCharacters) return seen.flatMap((one) => judge(one))
    if (idle !== null) clearTimeout(idle)
    thread ??= start()
    const worker = thread
    return new Promise((resolve, reject) => {
      const id = next++
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, seen })
    })
  }
}

function weigh(seen: readonly Observation[]): number {
  return seen.reduce((sum, one) => sum + (one.kind === 'http' ? one.data.body.length : one.kind === 'service' ? (one.data.banner?.length ?? 0) : 100), 0)
}
