import type { DatabaseSync } from 'node:sqlite'
import type { KnownLifecycle } from '#core/knowledge/lifecycle.ts'
import type { Lifecycle } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'

/** Every life cycle that has a check. */
export function readLifecycles(db: DatabaseSync): readonly KnownLifecycle[] {
  const products = Map.groupBy(db.prepare('select key, ecosystem, name from lifecycle_product order by key, ecosystem, name').all() as { key: string; ecosystem: string; name: string }[], (row) => row.key)
  const rows = db.prepare(`select l.key, l.body, c.id from lifecycle l join "check" c on c.key = 'lifecycle:' || l.key order by l.key`).all() as { key: string; body: Uint8Array; id: number }[]
  return rows.map(({ key, body, id }) => ({
    check: id, lifecycle: unpackBody<Lifecycle>(body), products: (products.get(key) ?? []).map(({ ecosystem, name }) => [ecosystem, name] as const),
  }))
}
