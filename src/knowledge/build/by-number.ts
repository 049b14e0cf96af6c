import type { DatabaseSync } from 'node:sqlite'
import { affectedSpan } from './load.ts'

export type Affecting = Readonly<{ source: number; ecosystem: string; name: string }>
export type Checking = Readonly<{ kind: string; title: string; severity: number; source: number; type: string }>
export type Probability = Readonly<{ probability: number; percentile: number }>

/** What there is of one vulnerability, asked for in the order of their numbers. */
export type ByNumber = Readonly<{
  statements(id: number): readonly Readonly<{ source: number; body: Uint8Array }>[]
  affected(id: number): readonly Affecting[]
  checks(id: number): readonly Checking[]
  probability(id: number): Probability | undefined
}>

/** From here on it costs less to go over all rows once than to look each number up. */
const many = 40_000
const mostAffected = 400

/** The rows of `count` vulnerabilities: looked up one by one, or, where they are many, met in passing on one way through each table. Both give the same rows in the same order. */
export function byNumber(db: DatabaseSync, count: number): ByNumber {
  const statement = 'source, body from statement'
  const affected = 'source, ecosystem, name from affected where detects = 1'
  const checks = 'c.kind, c.title, c.severity, c.source, c.type from check_cve k join "check" c on c.id = k."check"'
  const probability = 'probability, percentile from probability'
  if (count < many) {
    const statementsOf = db.prepare(`select ${statement} where vulnerability = ? order by source, key`)
    const affectedOf = db.prepare(`select ${affected} and id >= ? and id < ? order by id`)
    const checksOf = db.prepare(`select ${checks} where k.vulnerability = ? order by k."check"`)
    const probabilityOf = db.prepare(`select ${probability} where vulnerability = ?`)
    return {
      statements: (id) => statementsOf.all(id) as { source: number; body: Uint8Array }[],
      affected: (id) => distinct(affectedOf.iterate(id * affectedSpan, (id + 1) * affectedSpan) as Iterable<Affecting>),
      checks: (id) => checksOf.all(id) as Checking[],
      probability: (id) => probabilityOf.get(id) as Probability | undefined,
    }
  }
  const affectedOf = passing<Affecting>(db, `select id / ${affectedSpan} as number, ${affected} order by id`)
  const probabilityOf = passing<Probability>(db, `select vulnerability as number, ${probability} order by vulnerability`)
  return {
    statements: passing(db, `select vulnerability as number, ${statement} order by vulnerability, source, key`),
    affected: (id) => distinct(affectedOf(id)),
    checks: passing(db, `select k.vulnerability as number, ${checks} order by k.vulnerability, k."check"`),
    probability: (id) => probabilityOf(id)[0],
  }
}

/** Rows of one number after the other, those between passed over. */
function passing<T>(db: DatabaseSync, sql: string): (id: number) => readonly T[] {
  const rows = db.prepare(sql).iterate() as IterableIterator<T & { number: number }>
  let next = rows.next()
  return (id) => {
    const found: T[] = []
    for (; next.done !== true && next.value.number <= id; next = rows.next()) if (next.value.number === id) found.push(next.value)
    return found
  }
}

function distinct(rows: Iterable<Affecting>): readonly Affecting[] {
  const known = new Map<string, Affecting>()
  for (const row of rows) {
    const key = `${row.source} ${row.ecosystem}\0${row.name}`
    if (!known.has(key)) known.set(key, row)
    if (known.size === mostAffected) break
  }
  return [...known.values()]
}
