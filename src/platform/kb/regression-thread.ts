import { parentPort, workerData } from 'node:worker_threads'
import { regress, type RegressionAsk } from './regress.ts'

/** The thread of regression.ts: reads, compiles and judges, answers once and ends. */
void regress(workerData as RegressionAsk).then(
  (result) => parentPort!.postMessage({ result }),
  (error: unknown) => parentPort!.postMessage({ problem: error instanceof Error ? error.message : String(error) }),
)
