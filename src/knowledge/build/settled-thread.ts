import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { packAllProducts, productTable } from './packed-products.ts'
import { contentSums } from './seal.ts'
import type { SettledTask } from './settled.ts'

/**
 * The thread that hashes what was loaded and puts products in order, while the build writes to other tables of the same file. It takes no locks ("immutable"): no page of
 * the tables that it reads is written or moved before it has ended. One transaction, so that the first page is not looked at again either.
 */
const { path, products, sources } = workerData as SettledTask
const file = pathToFileURL(path)
file.searchParams.set('immutable', '1')
const db = new DatabaseSync(file, { readOnly: true })
db.exec('pragma trusted_schema = off; pragma query_only = on; pragma cache_size = -32768; begin')
const into = new DatabaseSync(products)
into.exec(`pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; begin; ${productTable}`)
packAllProducts(db, into)
into.exec('commit')
into.close()
parentPort!.postMessage(contentSums(db, new Set(sources)))
db.exec('commit')
db.close()
