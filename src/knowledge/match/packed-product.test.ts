import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Affected, Software } from '#core/knowledge/affected.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { packBody } from '../body.ts'
import { followProducts, packProducts } from '../build/packed-products.ts'
import { createMatcher } from './matcher.ts'
import { memoryRanges, type StoredAffected } from './range-source.ts'
import { sqliteRanges } from './sqlite-ranges.ts'

const sources: readonly SourceName[] = ['debian', 'osv', 'ghsa', 'nvd', 'redhat']

function rowOf(id: number, source: SourceName, product: Affected['product'], said: Partial<Affected>): StoredAffected {
  const name = `CVE-2024-${10_000 + (id >> 1)}`
  const affected: Affected = { record: 'affected', vulnerability: name, key: name, product, of: 'source', scheme: 'dpkg', intervals: [], versions: [], status: 'affected', fixed: [], ...said }
  return { id, vulnerability: cveNumber(name)!, name, source, affected }
}

/** Of every kind that is put in order and of every kind that is not; two rows a vulnerability. */
const rows: readonly StoredAffected[] = Array.from({ length: 240 }, (_, id) => {
  const before = `1.${(id * 7) % 40}.${id % 3}`
  const package_ = `p${id % 6}`
  switch (id % 8) {
    case 0: return rowOf(id, 'debian', { ecosystem: 'Debian:12', name: package_ }, { intervals: [{ before }] })
    case 1: return rowOf(id, 'osv', { ecosystem: 'Debian:12', name: package_ }, { intervals: [{ from: '1.2', before }] })
    case 2: return rowOf(id, 'debian', { ecosystem: 'Debian:12', name: package_ }, { status: 'unfixed', intervals: [{}] })
    case 3: return rowOf(id, 'debian', { ecosystem: 'Debian:12', name: package_ }, { of: 'binary', intervals: [{ before }], architectures: ['amd64'] })
    case 4: return rowOf(id, 'ghsa', { ecosystem: 'npm', name: package_ }, { scheme: 'semver', intervals: [{ before }] })
    case 5: return rowOf(id, 'osv', { ecosystem: 'npm', name: package_ }, { scheme: 'semver', intervals: [{ before: 'no version' }] })
    case 6: return rowOf(id, 'redhat', { ecosystem: 'Red Hat:9', name: package_ }, { of: 'binary', scheme: 'rpm', intervals: [{ before: `${id % 3}:${before}-1.el9` }] })
    default: return rowOf(id, 'nvd', { ecosystem: 'cpe', name: `v:${package_}` }, { scheme: 'generic', intervals: [{ before }] })
  }
})

const software: readonly Software[] = ['0.9', '1.2.1', '1.20.0', '1.39', '2', 'none'].flatMap((version) => Array.from({ length: 6 }, (_, at) => `p${at}`).flatMap((name): Software[] => [
  { ecosystem: 'Debian:12', name, version, architecture: 'amd64' }, { ecosystem: 'Debian:12', name: `lib${name}`, version, source: name, architecture: 'arm64' },
  { ecosystem: 'Debian:12', name, version, source: 'p0', sourceVersion: '1.5' }, { ecosystem: 'npm', name, version }, { ecosystem: 'Red Hat:9', name, version: `${version}-1.el9` }, { ecosystem: 'cpe', name: `v:${name}`, version },
]))

function release(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(readFileSync(new URL('../schema.sql', import.meta.url), 'utf8'))
  for (const [id, name] of sources.entries()) db.prepare(`insert into source (id, name, feed, imported_at, input, records, statements, ranges, unused, content) values (?, ?, '', '', '', 0, 0, 0, 0, '')`).run(id, name)
  return db
}

function put(db: DatabaseSync, row: StoredAffected): void {
  const { ecosystem, name } = row.affected.product
  db.prepare(`insert or ignore into vulnerability (id, name, title, severity, ransomware, detection, cwe, products, sources, risk, changed_in) values (?, ?, '', 3, 0, 4, '', '', 0, 0, 1)`).run(row.vulnerability, row.name)
  db.prepare('insert into affected (id, ecosystem, name, vulnerability, source, body) values (?, ?, ?, ?, ?, ?)').run(row.id, ecosystem, name, row.vulnerability, sources.indexOf(row.source), packBody(JSON.stringify(row.affected)))
}

function answers(ranges: ReturnType<typeof sqliteRanges>): unknown {
  const matcher = createMatcher(ranges)
  return { hits: software.map((one) => [...matcher.match([[one]])[0]!].sort((a, b) => a.check - b.check || a.by.source.localeCompare(b.by.source))), unreadable: matcher.unreadable() }
}

const same = (db: DatabaseSync, held: readonly StoredAffected[]): void => assert.deepEqual(answers(sqliteRanges(db)), answers(memoryRanges(held)))

test('products kept in order say what their rows say: at first, without what was withdrawn, after rows came and went, and without them', () => {
  const db = release()
  const [early, late] = [rows.slice(0, 200), rows.slice(200)]
  for (const row of early) put(db, row)
  packProducts(db)
  assert.equal(sqliteRanges(db).ready!('Debian:12', 'p0')!.product.sorted.length > 0, true)
  same(db, early)
  const out = new Set(early.filter((_, at) => at % 9 === 0).map((row) => row.vulnerability))
  for (const id of out) db.prepare(`update vulnerability set withdrawn = '2099-01-01' where id = ?`).run(id)
  same(db, early.filter((row) => !out.has(row.vulnerability)))
  db.exec('update vulnerability set withdrawn = null')
  followProducts(db)
  for (const row of late) put(db, row)
  db.prepare('delete from affected where id % 5 = 0').run()
  db.prepare(`delete from affected where name = 'p3'`).run()
  packProducts(db)
  const left = rows.filter((row) => row.id % 5 !== 0 && row.affected.product.name !== 'p3')
  same(db, left)
  db.exec('drop table packed_product')
  assert.equal(sqliteRanges(db).ready!('Debian:12', 'p0'), null)
  same(db, left)
})
