import type { DatabaseSync } from 'node:sqlite'
import type { Affected } from '#core/knowledge/affected.ts'
import { cveOfNumber } from '#core/knowledge/number.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import { productKeyOf, type RangeSource, type StoredAffected } from './range-source.ts'

/** Rows kept in memory, in two generations: what was not asked for while the newer one filled up goes. */
const keptRows = 100_000
/** Of one product: more than any has. */
const mostRows = 100_000

/**
 * Ranges of a release, read when they are asked for. Withdrawn vulnerabilities say nothing. What NVD says of a vulnerability is
 * left out where there is an override of it, which stands for the whole of its configurations.
 */
export function sqliteRanges(db: DatabaseSync): RangeSource {
  // Most bodies are plain text: as such they cost half of what bytes do.
  const read = db.prepare(`
    select id, vulnerability, source, case when substr(body, 1, 1) = x'28' then body else cast(body as text) end as body
    from affected where ecosystem = ? and name = ? order by id limit ${mostRows}`)
  const nameOf = db.prepare('select name from vulnerability where id = ?')
  let facts: Facts | null = null
  const kept = twoGenerations()

  const rowOf = ({ id, vulnerability, source, body }: RawRow, { sources, withdrawn, overridden }: Facts): StoredAffected | null => {
    const by = sources.get(source)!
    if (withdrawn.has(vulnerability) || (by === 'nvd' && overridden.has(vulnerability))) return null
    const name = cveOfNumber(vulnerability) ?? (nameOf.get(vulnerability) as { name: string } | undefined)?.name
    return name === undefined ? null : { id, vulnerability, name, source: by, affected: typeof body === 'string' ? (JSON.parse(body) as Affected) : unpackBody<Affected>(body) }
  }
  return {
    ranges(ecosystem, name) {
      const key = productKeyOf(ecosystem, name)
      const known = kept.get(key)
      if (known !== undefined) return known
      const told = (facts ??= factsOf(db))
      const rows = (read.all(ecosystem, name) as RawRow[]).map((row) => rowOf(row, told)).filter((row) => row !== null)
      return kept.put(key, rows)
    },
  }
}

type RawRow = { id: number; vulnerability: number; source: number; body: Uint8Array | string }

/** What is asked of every row, read once: a look-up a row in a file of a gigabyte costs more than all else. */
type Facts = Readonly<{
  sources: ReadonlyMap<number, SourceName>; withdrawn: ReadonlySet<number>; overridden: ReadonlySet<number>
}>

function factsOf(db: DatabaseSync): Facts {
  const listed = db.prepare('select id, name from source').all() as { id: number; name: SourceName }[]
  const sources = new Map(listed.map(({ id, name }) => [id, name]))
  const numbers = (sql: string): Set<number> => new Set((db.prepare(sql).all() as { id: number }[]).map(({ id }) => id))
  const overrides = [...sources].filter(([, name]) => name === 'nvd-overrides').map(([id]) => id).join(', ')
  return {
    sources,
    withdrawn: numbers('select id from vulnerability where withdrawn is not null'),
    overridden: numbers(`
      select vulnerability as id from affected where source in (${overrides}) union select vulnerability from statement where source in (${overrides})`),
  }
}

type Kept = Readonly<{
  get(key: string): readonly StoredAffected[] | undefined
  put(key: string, rows: readonly StoredAffected[]): readonly StoredAffected[]
}>

function twoGenerations(): Kept {
  let newer = new Map<string, readonly StoredAffected[]>()
  let older = new Map<string, readonly StoredAffected[]>()
  let weight = 0
  const put = (key: string, rows: readonly StoredAffected[]): readonly StoredAffected[] => {
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
    get(key) {
      const known = newer.get(key)
      if (known !== undefined) return known
      const before = older.get(key)
      return before === undefined ? undefined : put(key, before)
    },
    put,
  }
}
