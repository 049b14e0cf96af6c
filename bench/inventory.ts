import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { compare } from '../src/core/version/scheme.ts'
import type { Figure } from '../src/command/bench.ts'
import { packBody } from '../src/knowledge/body.ts'
import { openReleaseFile } from '../src/knowledge/open-file.ts'
import { packProducts } from '../src/knowledge/build/packed-products.ts'
import { createFleet } from '../src/knowledge/match/fleet.ts'
import { createMatcher } from '../src/knowledge/match/matcher.ts'
import { productOf } from '../src/knowledge/match/product.ts'
import { memoryRanges, type RangeSource, type StoredAffected } from '../src/knowledge/match/range-source.ts'
import { sqliteRanges } from '../src/knowledge/match/sqlite-ranges.ts'
import { advisoryAt, chance, hostAt, size } from './inventory/fleet-data.ts'
import { peers } from './inventory/peers.ts'

const delta = 500
const loopHosts = 100
const chunk = 20

/**
 * Software of 10,000 hosts against 250,000 advisories, cold; and 500 new advisories on top. Beside a plain loop, and beside
 * scanners that are on the PATH.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const random = chance(7)
  const rows = Array.from({ length: size.advisories }, (_, index) => advisoryAt(index, random))
  const news = Array.from({ length: delta }, (_, index) => advisoryAt(size.advisories + index, random))
  const figure = (metric: string, value: number, unit: string, rest: Partial<Figure> = {}): void =>
    tell({ bench: 'inventory', metric, value, unit, peer: null, ratio: null, goal: null, holds: null, runs: 1, ...rest })

  const ready = memoryRanges(rows)
  for (const row of rows) productOf(ready.ranges(row.affected.product.ecosystem, row.affected.product.name))
  const indexed = cold(ready, size.hosts)
  const memory = cold(memoryRanges(rows), size.hosts)
  const loop = plainLoop(rows, loopHosts)
  if (memory.hitsOfFirst !== loop.hits) {
    throw new Error(`the matcher found ${memory.hitsOfFirst} in the first ${loopHosts} hosts, the plain loop ${loop.hits}`)
  }
  const peer = `plain loop (${Math.round(loop.rate)} hosts/CPU-s, the same ${loop.hits} hits in ${loopHosts} hosts)`
  figure('hosts of 500 packages matched, cold, ranges in memory and in order', indexed.rate, 'hosts/CPU-s', { peer, ratio: indexed.rate / loop.rate, goal: '>= 5,000 hosts/CPU-s', holds: indexed.rate >= 5000 })
  // A release has its ranges in order; only drafts of a builder have not.
  figure('the same, with ranges put in order on the way', memory.rate, 'hosts/CPU-s')
  figure('hits a host', memory.hits / size.hosts, 'hits')
  figure('the same hosts again', memory.again, 'hosts/CPU-s')
  figure('giving software its numbers, once a host', memory.interning, 'hosts/CPU-s')

  const path = join(tmpdir(), `vigil-bench-inventory-${process.pid}.sqlite`)
  try {
    const stored = cold(sqliteRanges(releaseOf(path, rows)), size.hosts)
    if (stored.hits !== memory.hits) throw new Error(`over a release ${stored.hits} hits, in memory ${memory.hits}`)
    figure('hosts of 500 packages matched, cold, ranges read from a release', stored.rate, 'hosts/CPU-s', {
      goal: '>= 5,000 hosts/CPU-s', holds: stored.rate >= 5000,
    })
  } finally {
    rmSync(path, { force: true })
  }

  const ranges = memoryRanges(rows)
  const fleet = createFleet(ranges)
  for (let host = 0; host < size.hosts; host++) for (const id of fleet.put(host, hostAt(host))) fleet.matcher.answerOf(id)
  const begun = process.cpuUsage()
  for (const row of news) ranges.add(row)
  const newNames = new Set(news.map(({ name }) => name))
  let pairs = 0
  const touched = fleet.delta(news.map(({ affected }) => affected.product))
  for (const id of touched) {
    const fresh = fleet.matcher.answerOf(id).hits.filter((hit) => newNames.has(hit.vulnerability)).length
    if (fresh > 0) pairs += fresh * fleet.hostsOf(id).length
  }
  const spent = process.cpuUsage(begun)
  const seconds = (spent.user + spent.system) / 1e6
  figure(`${delta} new advisories applied to ${size.hosts} hosts`, seconds, 'CPU-s', { goal: '< 1 s', holds: seconds < 1 })
  figure('hits that they bring', pairs, 'hits')
  figure('memory of all of it', process.memoryUsage().rss / 1e6, 'MB')
  await peers(figure)
}

type Cold = Readonly<{ rate: number; interning: number; again: number; hits: number; hitsOfFirst: number }>

/** The rate over hosts that come one after another, made outside of what is measured. */
function cold(source: RangeSource, hosts: number): Cold {
  const matcher = createMatcher(source, Number.POSITIVE_INFINITY)
  let hits = 0
  let hitsOfFirst = 0
  const round = (): Readonly<{ matching: number; interning: number }> => {
    let matching = 0
    let interning = 0
    hits = 0
    for (let from = 0; from < hosts; from += chunk) {
      const part = Array.from({ length: chunk }, (_, index) => hostAt(from + index))
      const before = process.cpuUsage()
      const ids = part.map((software) => Uint32Array.from(software, matcher.intern))
      const between = process.cpuUsage()
      for (const list of ids) hits += matcher.matchInterned(list).length
      const after = process.cpuUsage()
      interning += (between.user + between.system - before.user - before.system) / 1e6
      matching += (after.user + after.system - between.user - between.system) / 1e6
      if (from + chunk === loopHosts) hitsOfFirst = hits
    }
    return { matching, interning }
  }
  const first = round()
  const second = round()
  return { rate: hosts / first.matching, interning: hosts / first.interning, again: hosts / second.matching, hits, hitsOfFirst }
}

/** What anybody would write first: every package against every advisory of its name. */
function plainLoop(rows: readonly StoredAffected[], hosts: number): Readonly<{ rate: number; hits: number }> {
  const byName = Map.groupBy(rows, ({ affected: { product } }) => `${product.ecosystem} ${product.name}`)
  let hits = 0
  let spent = 0
  for (let host = 0; host < hosts; host++) {
    const software = hostAt(host)
    const before = process.cpuUsage()
    for (const one of software) {
      for (const { affected } of byName.get(`${one.ecosystem} ${one.name}`) ?? []) {
        if (compare('dpkg', one.version, affected.intervals[0]!.before!)! < 0) hits++
      }
    }
    const { user, system } = process.cpuUsage(before)
    spent += (user + system) / 1e6
  }
  return { rate: hosts / spent, hits }
}

function releaseOf(path: string, rows: readonly StoredAffected[]): DatabaseSync {
  const db = new DatabaseSync(path)
  const schema = readFileSync(new URL('../src/knowledge/schema.sql', import.meta.url), 'utf8')
  db.exec(`pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off; ${schema}; begin`)
  const sources = [...new Set(rows.map(({ source }) => source))]
  const source = db.prepare(`insert into source (id, name, feed, imported_at, input, records, statements, ranges, unused, content)
    values (?, ?, '', '', '', 0, 0, 0, 0, '')`)
  for (const [index, name] of sources.entries()) source.run(index, name)
  const vulnerability = db.prepare(`insert into vulnerability
    (id, name, title, severity, ransomware, detection, cwe, products, sources, risk, changed_in) values (?, ?, '', 3, 0, 4, '', '', 0, 0, 1)`)
  const affected = db.prepare('insert into affected (id, ecosystem, name, vulnerability, source, body) values (?, ?, ?, ?, ?, ?)')
  for (const row of rows) {
    vulnerability.run(row.vulnerability, row.name)
    const { ecosystem, name } = row.affected.product
    affected.run(row.id, ecosystem, name, row.vulnerability, sources.indexOf(row.source), packBody(JSON.stringify(row.affected)))
  }
  packProducts(db)
  db.exec('commit')
  db.close()
  return openReleaseFile(path)
}
