import { parentPort, workerData } from 'node:worker_threads'
import { VigilError } from '#core/errors.ts'
import type { ThreadData, ThreadMessage } from './build.ts'
import { buildRelease } from './release.ts'

const tell = (message: ThreadMessage): void => parentPort!.postMessage(message)

try {
  tell({ report: await buildRelease(workerData as ThreadData, (progress) => tell({ progress })) })
} catch (error) {
  const known = error instanceof VigilError ? error : null
  tell({ failed: { code: known?.code ?? null, params: known?.params ?? {}, text: error instanceof Error ? error.message : String(error) } })
}
