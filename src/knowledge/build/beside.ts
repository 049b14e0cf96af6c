import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

export type Beside = Readonly<{ worker: Worker; /** Ends when the thread does, well or not. */ ended: Promise<void> }>

/** A thread at work beside the build. `doing` completes "The thread that …". */
export function startBeside(module: URL, workerData: unknown, doing: string): Beside {
  const worker = new Worker(module, { workerData, resourceLimits: { maxOldGenerationSizeMb: 384 } })
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('error', reject).on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The thread that ${doing} ended with ${code}.`))))
  })
  // A build that breaks off waits for nobody.
  worker.unref()
  // Told when it is waited for.
  ended.catch(() => {})
  return { worker, ended }
}

/** Takes what a thread wrote into a file of its own, there named `beside`. Files are not attached within a transaction; the one of the build is as safe as nothing there is (assembly.ts). */
export function takeBeside(db: DatabaseSync, path: string, sql: string): void {
  db.exec('commit')
  db.prepare('attach ? as beside').run(path)
  db.exec(`begin; ${sql}; commit; detach beside; begin`)
}
