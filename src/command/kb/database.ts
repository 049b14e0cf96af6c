import { fail } from '#core/errors.ts'
import { openStore } from '#store/open.ts'
import type { Store } from '#store/store.ts'
import { askHolder } from '../control-socket.ts'

/** Runs with the database of a data directory on which Vigil is running; `url` is how people reach that. Throws `usage` when it is not. */
export async function withDatabase<T>(data: string, work: (store: Store, url: string) => Promise<T>): Promise<T> {
  const holder = await askHolder(data)
  if (holder === null) return fail('usage', { what: `Vigil is not running on ${data}. Start it with ./vigil up first.` })
  const opened = await openStore({ data, ...(process.env['DATABASE_URL'] ? { url: process.env['DATABASE_URL'] } : {}), shared: true })
  try {
    return await work(opened.store, holder.url)
  } finally {
    await opened.close()
  }
}
