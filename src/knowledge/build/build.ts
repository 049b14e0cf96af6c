import { Worker } from 'node:worker_threads'
import { fail } from '#core/errors.ts'
import type { ErrorCode } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import type { Current } from '../folder.ts'

/** One feed to read: files or folders of one source. */
export type Import = Readonly<{ source: SourceName; paths: readonly string[] }>

export type BuildOptions = Readonly<{
  /** Takes a feed that holds far fewer records than the last one. */
  force?: boolean
  /** Threads that read; two is what two cores carry beside the writer. */
  readers?: number
  /** ISO time that the release says it is of; for tests. */
  at?: string
  tell?(progress: Progress): void
}>

export type Progress = Readonly<{ step: 'reading' | 'read' | 'same' | 'failed' | 'loaded' | 'merging' | 'sealing'; source?: SourceName; feed?: string; done?: number; all?: number; text?: string }>

export type FeedReport = Readonly<{
  source: SourceName; feed: string; state: 'imported' | 'same' | 'failed'; problem: string | null
  records: number; statements: number; ranges: number; unused: Readonly<Record<string, number>>; milliseconds: number
}>
export type BuildReport = Readonly<{
  /** Null when nothing changed: the release before serves on. */
  release: Current | null
  feeds: readonly FeedReport[]
  milliseconds: number
  /** By step, for the benchmark. */
  steps: Readonly<Record<string, number>>
}>

export type ThreadData = Readonly<{ folder: string; imports: readonly Import[]; force: boolean; readers: number; at: string | null }>
export type ThreadMessage = Readonly<{ progress: Progress }> | Readonly<{ report: BuildReport }> | Readonly<{ failed: Readonly<{ code: ErrorCode | null; params: Readonly<Record<string, string | number>>; text: string }> }>

/**
 * Makes the next release of the KnowledgeBase in `folder` from the one in force and these feeds, and brings it into force. A feed that cannot be believed is left out and
 * told in `feeds`; what it held before stays. When nothing changed there is no new release. All work is done in threads of its own. Throws `knowledge.busy` when another
 * build is at work, and whatever the disk says when it is full: then the release in force is untouched.
 */
export function build(folder: string, imports: readonly Import[], options: BuildOptions = {}): Promise<BuildReport> {
  const data: ThreadData = { folder, imports, force: options.force ?? false, readers: options.readers ?? 2, at: options.at ?? null }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./build-thread.ts', import.meta.url), { workerData: data, resourceLimits: { maxOldGenerationSizeMb: 640, maxYoungGenerationSizeMb: 48 } })
    let settled = false
    const settle = (work: () => void): void => {
      if (settled) return
      settled = true
      work()
    }
    worker.on('message', (message: ThreadMessage) => {
      if ('progress' in message) options.tell?.(message.progress)
      else if ('report' in message) settle(() => resolve(message.report))
      else settle(() => reject(errorOf(message.failed)))
    })
    worker.on('error', (error) => settle(() => reject(error)))
    worker.on('exit', (code) => settle(() => reject(new Error(`The thread that builds the KnowledgeBase ended with ${code}.`))))
  })
}

function errorOf({ code, params, text }: Extract<ThreadMessage, { failed: unknown }>['failed']): Error {
  if (code === null) return new Error(text)
  try {
    return fail(code, params)
  } catch (error) {
    return error as Error
  }
}
