import { parentPort, workerData } from 'node:worker_threads'
import { compileJudge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'

/** The thread of threaded-judge.ts: compiles the signatures it was started with, then answers batch after batch. */
const judge = compileJudge(workerData as readonly Signature[])
parentPort!.on('message', ({ id, seen }: Readonly<{ id: number; seen: readonly Observation[] }>) => {
  try {
    parentPort!.postMessage({ id, detections: seen.flatMap((one) => judge(one)) })
  } catch (error) {
    parentPort!.postMessage({ id, problem: error instanceof Error ? error.message : 'judging failed' })
  }
})
