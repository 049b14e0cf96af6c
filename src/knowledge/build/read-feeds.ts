import { Worker } from 'node:worker_threads'
import type { ReadAnswer, ReadJob } from '../import/reader-thread.ts'

export type Finished = Exclude<ReadAnswer, { outcome: 'progress' }>

/**
 * Reads feeds in threads, the heaviest first, and hands each answer on as it comes. A reader that dies of its feed (memory) fails that feed alone. Ends when all are
 * read, and stops the threads when `each` throws.
 */
export async function readFeeds(jobs: readonly ReadJob[], threads: number, each: (job: ReadJob, answer: Finished) => void, progress: (job: ReadJob, records: number) => void): Promise<void> {
  const waiting = [...jobs]
  const workers = new Set<Worker>()
  try {
    await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, async () => {
      let worker: Worker | null = null
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        const current = job
        if (worker === null) {
          worker = new Worker(new URL('../import/reader-thread.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 96 } })
          workers.add(worker)
        }
        const answer = await ask(worker, current, (records) => progress(current, records))
        if (answer === null) {
          workers.delete(worker)
          worker = null
        }
        each(current, answer ?? { id: current.id, outcome: 'failed', problem: 'Reading it took more memory than there is for it.', ours: false })
      }
      await worker?.terminate()
    }))
  } finally {
    await Promise.all([...workers].map((worker) => worker.terminate()))
  }
}

/** Null when the thread died. */
function ask(worker: Worker, job: ReadJob, progress: (records: number) => void): Promise<Finished | null> {
  return new Promise((resolve) => {
    const onMessage = (answer: ReadAnswer): void => {
      if (answer.id !== job.id) return
      if (answer.outcome === 'progress') progress(answer.records)
      else settle(answer)
    }
    const onEnd = (): void => settle(null)
    const settle = (answer: Finished | null): void => {
      worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd)
      if (answer === null) worker.on('error', () => {})
      resolve(answer)
    }
    worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd)
    worker.postMessage(job)
  })
}
