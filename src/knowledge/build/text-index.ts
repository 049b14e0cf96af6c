import type { DatabaseSync } from 'node:sqlite'
import { startBeside, takeBeside } from './beside.ts'

/** Where the texts of vulnerabilities go, to be searched. */
export type TextIndex = Readonly<{
  add(id: number, title: string, products: string, details: string): void
  /** What was added can be searched from now on. */
  finish(): Promise<void>
}>

export type TextBatch = readonly (readonly [id: number, title: string, products: string, details: string])[]
/** `waiting`: one number, of batches that were sent and are not indexed yet. */
export type TextTask = Readonly<{ path: string; schema: string; waiting: SharedArrayBuffer }>

/** Fewer are indexed before a thread has begun. */
const many = 20_000
const inBatch = 500
/** Batches on the way at most: texts are long, and merging is faster than indexing. */
const mostWaiting = 24
const patienceMs = 120_000
/** The tables in which SQLite keeps such an index. */
const parts = ['data', 'idx', 'docsize', 'config'] as const

export const hashSize = `insert into search (search, rank) values ('hashsize', 33554432)`

/** Into the release itself; many texts and no index yet: in a thread beside it, since words cost more than all the rest of merging. `path`: a file that may be written meanwhile. */
export function openTextIndex(db: DatabaseSync, isEmpty: boolean, count: number, path: string): TextIndex {
  if (isEmpty && count >= many) return beside(db, path)
  const put = db.prepare('insert into search (rowid, title, products, details) values (?, ?, ?, ?)')
  return { add: (...row) => void put.run(...row), finish: async () => {} }
}

function beside(db: DatabaseSync, path: string): TextIndex {
  const waiting = new SharedArrayBuffer(4)
  const count = new Int32Array(waiting)
  const { sql } = db.prepare(`select sql from sqlite_schema where name = 'search'`).get() as { sql: string }
  const { worker, ended } = startBeside(new URL('./text-index-thread.ts', import.meta.url), { path, schema: sql, waiting } satisfies TextTask, 'indexes texts')
  let batch: [number, string, string, string][] = []
  const send = (): void => {
    if (batch.length === 0) return
    for (let held = Atomics.load(count, 0); held >= mostWaiting; held = Atomics.load(count, 0)) {
      if (Atomics.wait(count, 0, held, patienceMs) === 'timed-out') throw new Error('The thread that indexes texts does not go on.')
    }
    Atomics.add(count, 0, 1)
    worker.postMessage(batch satisfies TextBatch)
    batch = []
  }
  return {
    add(...row) {
      batch.push(row)
      if (batch.length === inBatch) send()
    },
    async finish() {
      send()
      worker.ref()
      worker.postMessage(null)
      await ended
      // SQLite keeps these tables from whoever would write into them past the index; the types do not know yet how that is said.
      const guarded = db as DatabaseSync & Readonly<{ enableDefensive(on: boolean): void }>
      guarded.enableDefensive(false)
      takeBeside(db, path, `drop table search; ${sql}; ${parts.map((part) => `delete from search_${part}; insert into search_${part} select * from beside.search_${part}`).join('; ')}`)
      guarded.enableDefensive(true)
    },
  }
}
