import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Current } from './folder.ts'

/**
 * What two releases say otherwise of software: numbers of the checks of all vulnerabilities whose ranges, withdrawal, override or severity differ, and the names of the products
 * that these speak of, in either release. Life cycles that differ are among both. `libraries`: how client-side libraries are recognised, or what is said of them, differs.
 */
export type RangeDelta = Readonly<{ checks: readonly number[]; names: readonly string[]; libraries: boolean }>

/** Beyond this it is as quick to judge everything anew. */
const mostNames = 60_000

/**
 * Compares two releases of `folder`, in a thread. Null when one of the files is not there or damaged, or when so much changed that everything is better judged anew.
 */
export async function rangeDelta(folder: string, before: Pick<Current, 'file'>, after: Pick<Current, 'file'>): Promise<RangeDelta | null> {
  const worker = new Worker(new URL('./delta-thread.ts', import.meta.url), { workerData: { before: join(folder, before.file), after: join(folder, after.file), mostNames } })
  try {
    return await new Promise<RangeDelta | null>((resolve) => {
      worker.once('message', (delta: RangeDelta | null) => resolve(delta))
      worker.once('error', () => resolve(null))
      worker.once('exit', () => resolve(null))
    })
  } finally {
    await worker.terminate()
  }
}
