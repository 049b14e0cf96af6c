import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { cveNumber, namedNumber } from '#core/knowledge/number.ts'
import { packBody } from '#knowledge/body.ts'
import { createFleet } from '#knowledge/match/fleet.ts'
import { createMatcher, type Matcher } from '#knowledge/match/matcher.ts'
import { memoryRanges, type RangeSource, type StoredAffected } from '#knowledge/match/range-source.ts'
import { sqliteRanges } from '#knowledge/match/sqlite-ranges.ts'
import type { Advisory, Case, Expected } from './corpus/case.ts'
import { distributions } from './corpus/distributions.ts'
import { packages } from './corpus/packages.ts'
import { products } from './corpus/products.ts'

/**
 * All advisories of the corpus lie in one release together, so that each case is also tried against what is said in every other.
 */
const corpus: readonly Case[] = [...distributions, ...packages, ...products]
const advisories: readonly Advisory[] = corpus.flatMap((one) => one.advisories)

function numberOf(name: string): number {
  return cveNumber(name) ?? namedNumber(name)
}

function stored(): readonly StoredAffected[] {
  const overridden = new Set(advisories.filter(({ source }) => source === 'nvd-overrides').map(({ vulnerability }) => vulnerability))
  return advisories.flatMap(({ source, vulnerability, withdrawn, affected }, index) =>
    withdrawn === true || (source === 'nvd' && overridden.has(vulnerability)) ? [] : [{ id: index + 1, vulnerability: numberOf(vulnerability), name: vulnerability, source, affected }])
}

function release(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(readFileSync(new URL('../../src/knowledge/schema.sql', import.meta.url), 'utf8'))
  const sources = [...new Set(advisories.map(({ source }) => source))]
  const source = db.prepare(`insert into source (id, name, feed, imported_at, input, records, statements, ranges, unused, content) values (?, ?, '', '', '', 0, 0, 0, 0, '')`)
  for (const [index, name] of sources.entries()) source.run(index, name)
  const vulnerability = db.prepare(`insert or ignore into vulnerability (id, name, title, withdrawn, severity, ransomware, detection, cwe, products, sources, risk, changed_in)
    values (?, ?, '', ?, 3, 0, 4, '', '', 0, 0, 1)`)
  const affected = db.prepare('insert into affected (id, ecosystem, name, vulnerability, source, body) values (?, ?, ?, ?, ?, ?)')
  for (const [index, one] of advisories.entries()) {
    vulnerability.run(numberOf(one.vulnerability), one.vulnerability, one.withdrawn === true ? '2099-01-01T00:00:00Z' : null)
    affected.run(index + 1, one.affected.product.ecosystem, one.affected.product.name, numberOf(one.vulnerability), sources.indexOf(one.source), packBody(JSON.stringify(one.affected)))
  }
  return db
}

function told(hits: readonly Hit[]): readonly string[] {
  return hits.map(({ software, vulnerability, fixedIn }) => line([software.name, vulnerability, fixedIn])).sort()
}

function line([name, vulnerability, fixedIn]: Expected): string {
  return `${name} has ${vulnerability}, ${fixedIn === null ? 'no fix' : `fixed in ${fixedIn}`}`
}

const sources: readonly Readonly<{ name: string; open(): RangeSource }>[] = [
  { name: 'memory', open: () => memoryRanges(stored()) },
  { name: 'a release', open: () => sqliteRanges(release()) },
]

for (const { name, open } of sources) {
  test(`the corpus over ${name}: precision and recall`, (t) => {
    const matcher = createMatcher(open())
    const found = matcher.match(corpus.map((one) => one.host))
    let right = 0
    let wrong = 0
    let missed = 0
    const problems: string[] = []
    for (const [index, { title, hits }] of corpus.entries()) {
      const expected = hits.map(line)
      const got = [...told(found[index]!)]
      for (const one of expected) {
        const at = got.indexOf(one)
        if (at >= 0) {
          got.splice(at, 1)
          right++
        } else {
          missed++
          problems.push(`${title}: missed that ${one}`)
        }
      }
      wrong += got.length
      problems.push(...got.map((one) => `${title}: said that ${one}`))
    }
    t.diagnostic(`${corpus.length} hosts, ${advisories.length} advisories: precision ${right / (right + wrong)}, recall ${right / (right + missed)} (${right} right, ${wrong} wrong, ${missed} missed)`)
    assert.deepEqual(problems, [])
    assert.ok(right >= 35, `only ${right} hits: a corpus that asks nothing is not green`)
  })
}

test('the order in which hosts come changes nothing', () => {
  const forward = createMatcher(memoryRanges(stored()))
  const backward = createMatcher(memoryRanges(stored()), 1)
  const one = forward.match(corpus.map(({ host }) => host)).map(told)
  const other = backward.match(corpus.map(({ host }) => host).toReversed()).map(told).toReversed()
  assert.deepEqual(other, one)
})

test('packages that say so are confirmed, products read from banners potential', () => {
  const matcher = createMatcher(memoryRanges(stored()))
  for (const hits of matcher.match(corpus.map(({ host }) => host))) {
    for (const hit of hits) assert.equal(hit.type, hit.software.ecosystem === 'cpe' || hit.software.ecosystem === 'retire.js' ? 'potential' : 'confirmed', hit.software.name)
  }
})

test('what could not be judged is counted', () => {
  const matcher = createMatcher(memoryRanges(stored()))
  matcher.match(corpus.map(({ host }) => host))
  const count = (ecosystem: string): number => matcher.unreadable().find((one) => one.ecosystem === ecosystem)?.software ?? 0
  assert.equal(count('Alpine:v3.20'), 1)
  assert.equal(count('GitHub Actions'), 2)
  assert.equal(count('Maven'), 1)
  assert.deepEqual(matcher.unreadable().find((one) => one.ecosystem === 'Alpine:v3.20')!.examples, ['tool unknown'])
})

test('a delta finds whom it is about, and gives what a whole match gives', () => {
  const rows = stored()
  const late = rows.filter((_, index) => index % 3 === 0)
  const ranges = memoryRanges(rows.filter((one) => !late.includes(one)))
  const fleet = createFleet(ranges)
  const ids = corpus.map(({ host }, index) => fleet.put(index, host))
  const before = ids.map((list) => told(fleet.matcher.matchInterned(list)))
  for (const row of late) ranges.add(row)
  const touched = new Set(fleet.delta(late.map(({ affected }) => affected.product)).flatMap((id) => fleet.hostsOf(id)))
  const after = ids.map((list) => told(fleet.matcher.matchInterned(list)))
  const whole = wholeMatch(createMatcher(memoryRanges(rows)), corpus.map(({ host }) => host))
  assert.deepEqual(after, whole)
  for (const [host, list] of after.entries()) if (JSON.stringify(list) !== JSON.stringify(before[host])) assert.ok(touched.has(host), corpus[host]!.title)
  assert.ok(touched.size > 5 && touched.size < corpus.length)
  // A host that is put in again leaves what it had.
  fleet.put(1, [])
  assert.ok(ids[1]!.every((id) => !fleet.hostsOf(id).includes(1)))
})

function wholeMatch(matcher: Matcher, hosts: readonly (readonly Software[])[]): readonly (readonly string[])[] {
  return matcher.match(hosts).map(told)
}
