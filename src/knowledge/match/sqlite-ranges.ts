import type { DatabaseSync } from 'node:sqlite'
import type { Affected } from '#core/knowledge/affected.ts'
import { unpackBody } from '../body.ts'
import { productKeyOf, type RangeSource, type StoredAffected } from './range-source.ts'

/** Rows kept in memory, in two generations: what was not asked for while the newer one filled up goes. */
const keptRows = 60_000
/** Of one product: more than any has. */
const mostRows = 100_000

/**
 * Ranges of a release, read when they are asked for. Withdrawn vulnerabilities say nothing. What NVD says of a vulnerability is
 * left out where there is an override of it, which stands for the whole of its configurations.
 */
export function sqliteRanges(db: DatabaseSync): RangeSource {
  const read = db.prepare(`
    select a.id, a.vulnerability, v.name, s.name as source, a.body
    from affected a join vulnerability v on v.id = a.vulnerability join source s on s.id = a.source
    where a.ecosystem = ? and a.name = ? and v.withdrawn is null
      and not (s.name = 'nvd' and (
        exists (select 1 from affected o join source t on t.id = o.source where o.vulnerability = a.vulnerability and t.name = 'nvd-overrides')
        or exists (select 1 from statement o join source t on t.id = o.source where o.vulnerability = a.vulnerability and t.name = 'nvd-overrides')))
    order by a.id limit ${mostRows}`)
  let newer = new Map<string, readonly StoredAffected[]>()
  let older = new Map<string, readonly StoredAffected[]>()
  let weight = 0
  const keep = (key: string, rows: readonly StoredAffected[]): readonly StoredAffected[] => {
    if (weight > keptRows) {
      older = newer
      newer = new Map()
      weight = 0
    }
    newer.set(key, rows)
    weight += 1 + rows.length
    return rows
  }
  return {
    ranges(ecosystem, name) {
      const key = productKeyOf(ecosystem, name)
      const known = newer.get(key)
      if (known !== undefined) return known
      const before = older.get(key)
      if (before !== undefined) return keep(key, before)
      const rows = read.all(ecosystem, name) as (Omit<StoredAffected, 'affected'> & { body: Uint8Array })[]
      return keep(key, rows.map(({ body, ...row }) => ({ ...row, affected: unpackBody<Affected>(body) })))
    },
  }
}
