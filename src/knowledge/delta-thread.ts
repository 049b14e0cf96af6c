import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { systemPackages } from '#core/knowledge/lifecycle.ts'
import { readLifecycles } from './read/lifecycles.ts'

/** The thread of delta.ts. */
const { before, after, mostNames } = workerData as Readonly<{ before: string; after: string; mostNames: number }>

type Source = Readonly<{ id: number; name: string; feed: string; content: string }>

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true })
  db.exec('pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -16384')
  return db
}

function compare(): Readonly<{ checks: number[]; names: string[]; libraries: boolean }> | null {
  const [old, now] = [open(before), open(after)]
  const sourcesOf = (db: DatabaseSync): Map<string, Source> =>
    new Map((db.prepare('select id, name, feed, content from source').all() as Source[]).map((one) => [`${one.name} ${one.feed}`, one]))
  const [oldSources, nowSources] = [sourcesOf(old), sourcesOf(now)]
  const checks = new Set<number>()
  const names = new Set<string>()
  let libraries = false
  for (const key of new Set([...oldSources.keys(), ...nowSources.keys()])) {
    const [was, is] = [oldSources.get(key), nowSources.get(key)]
    if (was?.content === is?.content) continue
    libraries ||= (is ?? was)!.name === 'retirejs'
    // The same row has the same id in every release, so that ids alone tell, which an index over the source holds in order.
    for (const [db, id] of differing(idsOf(old, was), idsOf(now, is))) {
      const row = (db === 'old' ? oldRow : nowRow)(id)
      checks.add(row.vulnerability)
      names.add(row.name)
      if (names.size > mostNames) return null
    }
  }
  // The ranges are the same, and what they mean is not: what they speak of is judged anew.
  for (const id of [...ratedOtherwise(), ...overriddenOtherwise()]) {
    checks.add(id)
    for (const name of namesOf(id)) names.add(name)
    if (names.size > mostNames) return null
  }
  for (const { check, name } of lifecyclesOtherwise()) {
    checks.add(check)
    names.add(name)
  }
  return { checks: [...checks], names: [...names], libraries }

  function idsOf(db: DatabaseSync, source: Source | undefined): Iterator<{ id: number }> {
    if (source === undefined) return [][Symbol.iterator]()
    return db.prepare('select id from affected where source = ? order by id').iterate(source.id) as unknown as Iterator<{ id: number }>
  }
  function oldRow(id: number): { vulnerability: number; name: string } {
    return (oldStatement ??= old.prepare('select vulnerability, name from affected where id = ?')).get(id) as { vulnerability: number; name: string }
  }
  function nowRow(id: number): { vulnerability: number; name: string } {
    return (nowStatement ??= now.prepare('select vulnerability, name from affected where id = ?')).get(id) as { vulnerability: number; name: string }
  }
  function namesOf(id: number): readonly string[] {
    const sql = 'select distinct name from affected where vulnerability = ?'
    const rows = [...(oldNames ??= old.prepare(sql)).all(id), ...(nowNames ??= now.prepare(sql)).all(id)]
    return (rows as { name: string }[]).map((row) => row.name)
  }
  /** What NVD says counts only where no override of it speaks, be it of no product at all: match/sqlite-ranges.ts. */
  function overriddenOtherwise(): readonly number[] {
    const overridden = (db: DatabaseSync): Set<number> => {
      const sql = "select vulnerability from statement where source in (select id from source where name = 'nvd-overrides')"
      return new Set((db.prepare(sql).all() as { vulnerability: number }[]).map((row) => row.vulnerability))
    }
    const [was, is] = [overridden(old), overridden(now)]
    return [...was, ...is].filter((id) => was.has(id) !== is.has(id))
  }
  /** Products of life cycles that differ or were not judged by, with the packages that stand for a distribution. */
  function lifecyclesOtherwise(): readonly Readonly<{ check: number; name: string }>[] {
    const [was, is] = [lifecyclesOf(old), lifecyclesOf(now)]
    const changed = [...new Set([...was.keys(), ...is.keys()])].filter((key) => was.get(key)?.text !== is.get(key)?.text)
    return changed.flatMap((key) => [was.get(key), is.get(key)].flatMap((one) => (one === undefined ? [] : one.names.map((name) => ({ check: one.check, name })))))
  }
  /** Withdrawn or rated otherwise. */
  function* ratedOtherwise(): Generator<number> {
    const sql = 'select id, withdrawn is null as stands, severity from vulnerability where detection <> 0 order by id'
    type Row = { id: number; stands: number; severity: number }
    const was = old.prepare(sql).iterate() as unknown as Iterator<Row>
    let one = was.next()
    for (const is of now.prepare(sql).iterate() as unknown as Iterable<Row>) {
      while (one.done !== true && one.value.id < is.id) one = was.next()
      if (one.done !== true && one.value.id === is.id && (one.value.stands !== is.stands || one.value.severity !== is.severity)) yield is.id
    }
  }
}

function lifecyclesOf(db: DatabaseSync): ReadonlyMap<string, Readonly<{ check: number; text: string; names: readonly string[] }>> {
  const runs = new Map((db.prepare(`select key, runnable from "check" where kind = 'lifecycle'`).all() as { key: string; runnable: number }[]).map((row) => [row.key, row.runnable]))
  return new Map(readLifecycles(db).map(({ check, lifecycle, products }) => [lifecycle.key, {
    check, text: JSON.stringify([runs.get(`lifecycle:${lifecycle.key}`), lifecycle.cycles, products]), names: [...products.map(([, name]) => name), ...systemPackages(lifecycle.key)],
  }]))
}

let oldStatement: ReturnType<DatabaseSync['prepare']> | null = null
let nowStatement: ReturnType<DatabaseSync['prepare']> | null = null
let oldNames: ReturnType<DatabaseSync['prepare']> | null = null
let nowNames: ReturnType<DatabaseSync['prepare']> | null = null

/** Ids that one of two rising lists has alone. */
function* differing(old: Iterator<{ id: number }>, now: Iterator<{ id: number }>): Generator<readonly ['old' | 'now', number]> {
  let [a, b] = [old.next(), now.next()]
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.id < b.value.id)) {
      yield ['old', (a.value as { id: number }).id]
      a = old.next()
    } else if (a.done === true || b.value.id < a.value.id) {
      yield ['now', b.value.id]
      b = now.next()
    } else {
      a = old.next()
      b = now.next()
    }
  }
}

parentPort!.postMessage(compare())
