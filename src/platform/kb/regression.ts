import { Worker } from 'node:worker_threads'
import type { RegressionAsk, RegressionResult } from './regress.ts'

/** What a regression may take; a draft that needs more is at fault. */
export const regressionLimits = { milliseconds: 60_000, megabytes: 512 } as const

/** One at a time: each takes a core and its memory, and people wait seconds at most. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Tries a draft on all fixtures in a thread of its own, which is ended when it takes too long or too much. A draft at fault, whatever it does, is a result with
 * `problem`, never an error.
 */
export function runRegression(ask: RegressionAsk, limits: Readonly<{ milliseconds: number; megabytes: number }> = regressionLimits): Promise<RegressionResult> {
  const mine = last.then(() => inThread(ask, limits))
  last = mine.catch(() => {})
  return mine
}

function inThread(ask: RegressionAsk, limits: Readonly<{ milliseconds: number; megabytes: number }>): Promise<RegressionResult> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./regression-thread.ts', import.meta.url), { workerData: ask, resourceLimits: { maxOldGenerationSizeMb: limits.megabytes } })
    const failed = (text: string): RegressionResult => ({
      passed: false, fixtures: 0, failures: 1, rows: [{ fixture: 'all', check: ask.check, file: null, expected: 'silent', got: 'silent', passed: false, text: text.slice(0, 600) }],
    })
    const timer = setTimeout(() => settle(failed(`was ended: it took more than ${limits.milliseconds / 1000} s`)), limits.milliseconds)
    const settle = (result: RegressionResult): void => {
      clearTimeout(timer)
      void worker.terminate()
      resolve(result)
    }
    worker.on('message', (answer: { result?: RegressionResult; problem?: string }) => settle(answer.result ?? failed(answer.problem ?? 'failed')))
    worker.on('error', (error) => settle(failed(error.message)))
    worker.on('exit', (code) => settle(failed(`the thread that tries drafts ended with ${code}`)))
  })
}
