import type { DatabaseSync } from 'node:sqlite'
import type { Affected } from '#core/knowledge/affected.ts'
import { cveOfNumber } from '#core/knowledge/number.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import { openProduct, packedForm } from './packed-product.ts'
import { productKeyOf, type RangeSource, type Ready, type StoredAffected } from './range-source.ts'

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
  const readOne = db.prepare(`
    select id, vulnerability, source, case when substr(body, 1, 1) = x'28' then body else cast(body as text) end as body from affected where id = ?`)
  const readPacked = hasPacked(db) ? db.prepare('select body from packed_product where ecosystem = ? and name = ?') : null
  let facts: Facts | null = null
  const kept = twoGenerations<readonly StoredAffected[]>()
  const ready = twoGenerations<Ready>()

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
      return kept.put(key, rows, 1 + rows.length)
    },
    ready(ecosystem, name) {
      if (readPacked === null) return null
      const key = productKeyOf(ecosystem, name)
      const known = ready.get(key)
      if (known !== undefined) return known
      const packed = readPacked.get(ecosystem, name) as { body: string } | undefined
      if (packed === undefined) return ready.put(key, saidNothing, 1)
      const told = (facts ??= factsOf(db))
      const rowAt = (id: number): StoredAffected | null => rowOf(readOne.get(id) as RawRow, told)
      const found = openProduct(packed.body, rowAt, told.withdrawn)
      // A row of a list costs a tenth of one that was read.
      return ready.put(key, found, 1 + packed.body.length / 400)
    },
  }
}

const saidNothing: Ready = { product: { sorted: [], groups: [] }, speaks: [] }

/** Releases of before have none, and one of another form is not read: then rows are put in order here. */
function hasPacked(db: DatabaseSync): boolean {
  const table = db.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'packed_product'`).get()
  const form = db.prepare(`select value from fact where name = 'packedProducts'`).get() as { value: string } | undefined
  return table !== undefined && form?.value === String(packedForm)
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

type Kept<T> = Readonly<{ get(key: string): T | undefined; put(key: string, value: T, weight: number): T }>

function twoGenerations<T>(): Kept<T> {
  type Weighed = Readonly<{ value: T; weight: number }>
  let newer = new Map<string, Weighed>()
  let older = new Map<string, Weighed>()
  let sum = 0
  const put = (key: string, one: Weighed): T => {
    if (sum > keptRows) {
      older = newer
      newer = new Map()
      sum = 0
    }
    newer.set(key, one)
    sum += one.weight
    return one.value
  }
  return {
    get(key) {
      const known = newer.get(key)
      if (known !== undefined) return known.value
      const before = older.get(key)
      return before === undefined ? undefined : put(key, before)
    },
    put: (key, value, weight) => put(key, { value, weight }),
  }
}
