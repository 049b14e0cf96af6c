import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { hashSize, type TextBatch, type TextTask } from './text-index.ts'

/** The thread that indexes texts into a file of its own, until it is told that there are no more. */
const { path, schema, waiting } = workerData as TextTask
const count = new Int32Array(waiting)
const db = new DatabaseSync(path)
db.exec(`pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -32768; begin; ${schema}; ${hashSize}`)
const put = db.prepare('insert into search (rowid, title, products, details) values (?, ?, ?, ?)')
parentPort!.on('message', (batch: TextBatch | null) => {
  if (batch !== null) {
    for (const row of batch) put.run(...row)
    Atomics.sub(count, 0, 1)
    Atomics.notify(count, 0)
    return
  }
  db.exec('commit')
  db.close()
  parentPort!.close()
})
