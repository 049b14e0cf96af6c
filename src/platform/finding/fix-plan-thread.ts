import { parentPort, workerData } from 'node:worker_threads'
import { planFixes, type PlanInput } from '#core/fix-plan.ts'

/** The thread of fix-plan.ts: one large plan, and it ends. */
const { input, most } = workerData as Readonly<{ input: PlanInput; most: number }>
parentPort!.postMessage(planFixes(input, most))
