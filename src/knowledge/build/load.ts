import type { DatabaseSync } from 'node:sqlite'
import type { SourceName } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import type { FeedTotals } from '../import/record-rows.ts'
import { readSpool, type Row } from '../spool.ts'
import type { Names } from './names.ts'

export type Loading = Readonly<{
  source: SourceName; feed: string; input: string; spool: string; totals: FeedTotals
  /** ISO time of the build, and the number of the release it makes. */
  at: string; release: number
}>
export type Loaded = Readonly<{ id: number; isFirst: boolean; checksAdded: number; checksChanged: number; checksGone: number }>

/** Room for rows of one vulnerability below its number: `affected.id`. */
export const affectedSpan = 4_194_304

/**
 * Puts one feed's rows into the release that is being built: what is there already stays, what changed is replaced, and of a whole feed what is gone goes. Every
 * vulnerability whose rows changed is put into `touched`. Runs inside the caller's transaction.
 */
export function loadFeed(db: DatabaseSync, names: Names, loading: Loading): Loaded {
  const { totals } = loading
  const before = db.prepare('select id from source where name = ? and feed = ?').get(loading.source, loading.feed) as { id: number } | undefined
  const id = before?.id ?? Number((db.prepare('select coalesce(max(id), 0) + 1 as next from source').get() as { next: number }).next)
  const isFirst = before === undefined
  db.prepare(`insert into source (id, name, feed, snapshot, version, imported_at, input, records, statements, ranges, unused, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')
    on conflict (id) do update set snapshot = excluded.snapshot, version = excluded.version, imported_at = excluded.imported_at, input = excluded.input, records = excluded.records,
      statements = excluded.statements, ranges = excluded.ranges, unused = excluded.unused, content = ''`)
    .run(id, loading.source, loading.feed, totals.snapshot, totals.version, loading.at, loading.input, totals.records, totals.statements, totals.ranges,
      Object.values(totals.unused).reduce((sum, one) => sum + one.count, 0))
  db.prepare('delete from unused where source = ?').run(id)
  const unused = db.prepare('insert into unused (source, reason, count, examples) values (?, ?, ?, ?)')
  for (const [reason, { count, examples }] of Object.entries(totals.unused)) unused.run(id, reason, count, JSON.stringify(examples))
  const rows = rowWriters(db, names, loading, id, isFirst)
  if (!isFirst && totals.whole) rows.clear()
  for (const [row, body] of readSpool(loading.spool)) rows.write(row, body)
  return { id, isFirst, ...rows.finish() }
}

function rowWriters(db: DatabaseSync, names: Names, loading: Loading, source: number, isFirst: boolean) {
  const remember = !isFirst
  db.exec('delete from seen_statement; delete from seen_affected; delete from seen_check')
  const touch = db.prepare('insert or ignore into touched (id) values (?)')
  const statement = db.prepare(`insert into statement (vulnerability, source, key, body) values (?, ?, ?, ?)
    on conflict (vulnerability, source, key) do update set body = excluded.body where body <> excluded.body`)
  const seenStatement = db.prepare('insert or ignore into seen_statement (vulnerability, key) values (?, ?)')
  const affected = db.prepare('insert or ignore into affected (id, ecosystem, name, vulnerability, source, detects, body) values (?, ?, ?, ?, ?, ?, ?)')
  const sameAffected = db.prepare('select source = ? and ecosystem = ? and name = ? and body = ? as same from affected where id = ?')
  const seenAffected = db.prepare('insert or ignore into seen_affected (id) values (?)')
  const probability = db.prepare(`insert into probability (vulnerability, probability, percentile) values (?, ?, ?)
    on conflict (vulnerability) do update set probability = excluded.probability, percentile = excluded.percentile`)
  const seenCheck = db.prepare('insert or ignore into seen_check (id) values (?)')
  const checks = checkWriter(db, names, loading, source, isFirst, touch)
  const lifecycle = db.prepare('insert or replace into lifecycle (key, source, body) values (?, ?, ?)')
  const lifecycleProduct = db.prepare('insert or ignore into lifecycle_product (ecosystem, name, key) values (?, ?, ?)')
  const library = db.prepare('insert or replace into library (key, source, body) values (?, ?, ?)')
  const fingerprint = db.prepare('insert or replace into fingerprint (source, file, position, body) values (?, ?, ?, ?)')
  const hardware = db.prepare('insert or replace into hardware (prefix, source, organization) values (?, ?, ?)')
  const benchmark = db.prepare('insert or replace into benchmark (key, source, body) values (?, ?, ?)')
  const rule = db.prepare('insert or replace into rule (benchmark, key, source, body) values (?, ?, ?, ?)')
  const file = db.prepare('insert or replace into file (key, source, bytes) values (?, ?, ?)')
  const place = placeOfAffected(sameAffected, affected, source)

  return {
    /** What is not compared, but written anew. */
    clear(): void {
      db.prepare('delete from lifecycle_product where key in (select key from lifecycle where source = ?)').run(source)
      for (const table of ['lifecycle', 'library', 'fingerprint', 'hardware', 'benchmark', 'rule', 'file']) db.prepare(`delete from ${table} where source = ?`).run(source)
      if (loading.source === 'epss') db.exec('update probability set percentile = -1')
    },
    write(row: Row, body: Uint8Array | null): void {
      if (row[0] === 's') {
        const number = names.vulnerability(row[1], row[3])
        if (statement.run(number, source, row[2], body).changes > 0) touch.run(number)
        if (remember) seenStatement.run(number, row[2])
      } else if (row[0] === 'a') {
        const number = names.vulnerability(row[1], [])
        const { id, isNew } = place(number, row, body!)
        if (isNew) touch.run(number)
        if (remember) seenAffected.run(id)
      } else if (row[0] === 'p') probability.run(names.vulnerability(row[1], []), row[2], row[3])
      else if (row[0] === 'c') seenCheck.run(checks.write(row, body!))
      else if (row[0] === 'e') {
        lifecycle.run(row[1], source, body)
        for (const [ecosystem, name] of row[2]) lifecycleProduct.run(ecosystem, name, row[1])
      } else if (row[0] === 'l') library.run(row[1], source, body)
      else if (row[0] === 'f') fingerprint.run(source, row[1], row[2], body)
      else if (row[0] === 'h') hardware.run(row[1], source, row[2])
      else if (row[0] === 'b') benchmark.run(row[1], source, body)
      else if (row[0] === 'r') rule.run(row[1], row[2], source, body)
      else file.run(row[1], source, body)
    },
    finish(): Omit<Loaded, 'id' | 'isFirst'> {
      let gone = 0
      if (remember && loading.totals.whole) {
        const unseen = 'source = ? and not exists (select 1 from seen_statement e where e.vulnerability = statement.vulnerability and e.key = statement.key)'
        db.prepare(`insert or ignore into touched (id) select vulnerability from statement where ${unseen}`).run(source)
        db.prepare(`delete from statement where ${unseen}`).run(source)
        db.prepare('insert or ignore into touched (id) select vulnerability from affected where source = ? and id not in (select id from seen_affected)').run(source)
        db.prepare('delete from affected where source = ? and id not in (select id from seen_affected)').run(source)
        if (loading.source === 'epss') db.exec('delete from probability where percentile = -1')
        gone = checks.dropUnseen()
      } else if (remember) dropReplaced(db, source, touch)
      return { checksAdded: checks.counts.added, checksChanged: checks.counts.changed, checksGone: gone }
    },
  }
}

/** Finds the place of a row by its hash, the next one when another row has it. */
function placeOfAffected(same: ReturnType<DatabaseSync['prepare']>, insert: ReturnType<DatabaseSync['prepare']>, source: number) {
  return (number: number, row: Extract<Row, readonly ['a', ...unknown[]]>, body: Uint8Array): { id: number; isNew: boolean } => {
    for (let step = 0; step < affectedSpan; step++) {
      const id = number * affectedSpan + ((row[5] + step) % affectedSpan)
      if (insert.run(id, row[3], row[4], number, source, row[6], body).changes > 0) return { id, isNew: true }
      if ((same.get(source, row[3], row[4], body, id) as { same: number }).same === 1) return { id, isNew: false }
    }
    throw new Error('no place is left for what a vulnerability affects')
  }
}

/** Of a part of a feed: ranges that a record held before and holds no more. */
function dropReplaced(db: DatabaseSync, source: number, touch: ReturnType<DatabaseSync['prepare']>): void {
  const said = new Map<number, Set<string>>()
  for (const { vulnerability, key } of db.prepare('select vulnerability, key from seen_statement').iterate() as Iterable<{ vulnerability: number; key: string }>) {
    said.set(vulnerability, (said.get(vulnerability) ?? new Set()).add(key))
  }
  const old = db.prepare('select id, body from affected where id >= ? and id < ? and source = ? and id not in (select id from seen_affected)')
  const drop = db.prepare('delete from affected where id = ?')
  for (const [number, keys] of said) {
    for (const row of old.all(number * affectedSpan, (number + 1) * affectedSpan, source) as { id: number; body: Uint8Array }[]) {
      if (!keys.has(unpackBody<{ key: string }>(row.body).key)) continue
      drop.run(row.id)
      touch.run(number)
    }
  }
}

type CheckRow = Extract<Row, readonly ['c', ...unknown[]]>

function checkWriter(db: DatabaseSync, names: Names, loading: Loading, source: number, isFirst: boolean, touch: ReturnType<DatabaseSync['prepare']>) {
  const counts = { added: 0, changed: 0 }
  const known = db.prepare('select id, version, body, published, why from "check" where key = ?')
  const write = db.prepare(`insert into "check" (id, key, kind, source, version, title, category, severity, type, published, changed, runnable, why, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do update set version = excluded.version, title = excluded.title, category = excluded.category, severity = excluded.severity, type = excluded.type, published = excluded.published,
      changed = excluded.changed, runnable = excluded.runnable, why = excluded.why, body = excluded.body, source = excluded.source`)
  const cves = db.prepare('select vulnerability from check_cve where "check" = ?')
  const dropCves = db.prepare('delete from check_cve where "check" = ?')
  const addCve = db.prepare('insert or ignore into check_cve ("check", vulnerability) values (?, ?)')
  const log = db.prepare('insert into change (release, at, subject, kind, text, source) values (?, ?, ?, ?, ?, ?)')
  return {
    counts,
    /** Returns the check's number. */
    write(row: CheckRow, body: Uint8Array): number {
      const [, key, kind, title, category, severity, type, published, changed, cve, why, , fixedNumber, fixedVersion, news] = row
      const before = known.get(key) as { id: number; version: number; body: Uint8Array; published: string | null; why: string | null } | undefined
      const id = fixedNumber ?? before?.id ?? names.check(key)
      const isSame = before !== undefined && Buffer.compare(before.body, body) === 0
      if (isSame && before.why === why) return id
      const isNews = before === undefined ? 'added' : isSame ? null : 'changed'
      const day = loading.at.slice(0, 10)
      const version = fixedVersion ?? (before === undefined ? 1 : before.version + (isSame ? 0 : 1))
      write.run(id, key, kind, source, version, title, category, severity, type, published ?? before?.published ?? null, changed ?? (before === undefined ? null : day), why === null ? 1 : 0, why, body)
      for (const one of cves.all(id) as { vulnerability: number }[]) touch.run(one.vulnerability)
      dropCves.run(id)
      for (const name of cve) {
        if (!/^CVE-\d{4}-\d{4,7}$/.test(name)) continue
        const vulnerability = names.vulnerability(name, [])
        addCve.run(id, vulnerability)
        touch.run(vulnerability)
      }
      if (isNews !== null) {
        counts[isNews]++
        if (!isFirst) log.run(loading.release, loading.at, String(id), isNews, news !== undefined && news !== '' ? news : isNews === 'added' ? `New check: ${title}` : `Changed to version ${version}: ${title}`, source)
      }
      return id
    },
    dropUnseen(): number {
      const gone = db.prepare('select id, title from "check" where source = ? and id not in (select id from seen_check)').all(source) as { id: number; title: string }[]
      for (const { id, title } of gone) {
        for (const one of cves.all(id) as { vulnerability: number }[]) touch.run(one.vulnerability)
        dropCves.run(id)
        db.prepare('delete from "check" where id = ?').run(id)
        log.run(loading.release, loading.at, String(id), 'withdrawn', `Withdrawn: ${title}`, source)
      }
      return gone.length
    },
  }
}
