import type { DatabaseSync } from 'node:sqlite'
import { startBeside, takeBeside } from './beside.ts'
import { notePacked, packProducts } from './packed-products.ts'
import { contentSums } from './seal.ts'

/** What is made of rows alone that nothing writes any more once all feeds are joined: the hashes of sources, and products put in order. */
export type Settled = Readonly<{
  /** Products are in the release from here on. No other transaction goes on from here to there. */
  finish(): Promise<ReadonlyMap<number, string>>
}>
/** `path`: the release, whose rows are only read; `products`: a file to write. */
export type SettledTask = Readonly<{ path: string; products: string; sources: readonly number[] }>

/** Where nothing was there before and there is much, in a thread beside the merge, which writes to other tables: both take as long. What was written so far is committed. */
export function openSettled(db: DatabaseSync, isMuch: boolean, sources: ReadonlySet<number>, path: string): Settled {
  if (!isMuch) {
    packProducts(db)
    const sums = contentSums(db, sources)
    return { finish: async () => sums }
  }
  // The thread reads the file, not what this connection keeps of it.
  db.exec('commit; begin')
  const products = `${path}-products`
  const { worker, ended } = startBeside(new URL('./settled-thread.ts', import.meta.url), { path, products, sources: [...sources] } satisfies SettledTask, 'hashes what was loaded')
  let sums: ReadonlyMap<number, string> = new Map()
  worker.on('message', (made: ReadonlyMap<number, string>) => {
    sums = made
  })
  return {
    async finish() {
      worker.ref()
      await ended
      takeBeside(db, products, 'delete from packed_product; insert into packed_product select * from beside.packed_product')
      notePacked(db)
      return sums
    },
  }
}
