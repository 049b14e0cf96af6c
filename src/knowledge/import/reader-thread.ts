import { statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { VigilError } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { writeSpool } from '../spool.ts'
import { fingerprintOf } from './fingerprint.ts'
import { openFeed } from './open-feed.ts'
import { noTotals, spoolRecords, type FeedTotals } from './record-rows.ts'
import { spoolSignatures } from './signature-rows.ts'

export type ReadJob = Readonly<{ id: number; source: SourceName; feed: string; paths: readonly string[]; spool: string; known: string | null }>
export type ReadAnswer =
  | Readonly<{ id: number; outcome: 'read'; input: string; totals: FeedTotals; bytes: number }>
  | Readonly<{ id: number; outcome: 'same' }>
  | Readonly<{ id: number; outcome: 'failed'; problem: string; ours: boolean }>
  | Readonly<{ id: number; outcome: 'progress'; records: number }>

/** The thread that reads feeds: one after another, each onto a spool of its own. */
parentPort!.on('message', (job: ReadJob) => {
  void read(job).then((answer) => parentPort!.postMessage(answer))
})

async function read(job: ReadJob): Promise<ReadAnswer> {
  try {
    const input = await fingerprintOf(job.paths, job.source)
    if (input === job.known) return { id: job.id, outcome: 'same' }
    const totals = noTotals()
    const spool = writeSpool(job.spool)
    try {
      const write = spoolRecords(`${job.source}\0${job.feed}`, spool, totals)
      let told = 0
      for (const path of job.paths) {
        if (job.source === 'vigil') {
          await spoolSignatures(path, spool, totals)
          continue
        }
        for await (const record of openFeed(job.source, path)) {
          write(record)
          if (totals.rows - told < 5000) continue
          told = totals.rows
          parentPort!.postMessage({ id: job.id, outcome: 'progress', records: totals.records } satisfies ReadAnswer)
        }
      }
    } finally {
      spool.close()
    }
    return { id: job.id, outcome: 'read', input, totals, bytes: statSync(job.spool).size }
  } catch (error) {
    // A disk that is full is no fault of the feed: the whole build ends.
    const ours = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')
    return { id: job.id, outcome: 'failed', problem: problemOf(error), ours }
  }
}

function problemOf(error: unknown): string {
  if (error instanceof VigilError) return error.message
  // Our own mistake in a reader is told as one, without the stack of this machine.
  return `It could not be read: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500)
}
