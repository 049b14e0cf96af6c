import { parentPort, workerData } from 'node:worker_threads'
import { VigilError } from '#core/errors.ts'
import { answersOver } from './answers.ts'
import { openReleaseFile } from './open-file.ts'

/** The thread of open.ts: answers questions over one release, one after another. */
const { path, folder } = workerData as Readonly<{ path: string; folder: string }>
const answers = answersOver(openReleaseFile(path), folder, Date.now)

parentPort!.on('message', ({ id, method, args }: Readonly<{ id: number; method: keyof typeof answers; args: readonly unknown[] }>) => {
  try {
    parentPort!.postMessage({ id, value: (answers[method] as (...args: readonly unknown[]) => unknown)(...args) })
  } catch (error) {
    const known = error instanceof VigilError ? error : null
    parentPort!.postMessage({ id, failed: { code: known?.code ?? null, params: known?.params ?? {}, text: error instanceof Error ? error.message : String(error) } })
  }
})
