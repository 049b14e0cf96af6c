import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { cveNumber } from '#core/knowledge/number.ts'
import { readCurrent } from '../folder.ts'
import { affected, bench, cvss, statement } from '../testing-records.ts'
import type { BuildReport } from './build.ts'

const cve = (n: number): string => `CVE-2024-${String(n).padStart(4, '0')}`
const statesOf = ({ feeds }: BuildReport): Record<string, string> => Object.fromEntries(feeds.map((one) => [one.source, one.state]))
const probability = (vulnerability: string, value: number) => ({ record: 'probability', vulnerability, probability: value, percentile: value }) as const

test('what is imported is found, from every source, under the number its id spells', async (t) => {
  const { feed, build, open } = bench(t)
  const report = await build([
    feed('cve', [statement(cve(1), { title: 'Parser overflow', details: 'A long header overflows.', cvss: [cvss(9.8)], cwe: ['CWE-787'], products: ['acme:parser'], published: '2024-02-03T00:00:00Z' }), affected(cve(1), 'cpe', 'acme:parser', '2.0')]),
    feed('epss', [probability(cve(1), 0.9), probability(cve(2), 0.1)]),
    feed('kev', [statement(cve(1), { overlay: { exploited: { since: '2024-03-01', ransomware: true } } })]),
  ])
  assert.deepEqual(statesOf(report), { cve: 'imported', epss: 'imported', kev: 'imported' })
  assert.equal(report.release?.number, 1)
  assert.deepEqual(report.release?.counts, { vulnerabilities: 2, checks: 0, ranges: 1, statements: 2, fingerprints: 0 })
  const knowledge = await open()
  const found = await knowledge.vulnerability('cve-2024-0001')
  assert.equal(found?.id, cveNumber(cve(1)))
  assert.equal(found?.severity, 5)
  assert.deepEqual(found?.detection, ['product'])
  assert.deepEqual([found?.score, found?.epss, found?.exploitedSince, found?.ransomware], [9.8, 0.9, '2024-03-01', true])
  assert.deepEqual((await knowledge.vulnerability(String(cveNumber(cve(2)))))?.title, '')
  assert.deepEqual([...(await knowledge.threats([cve(1), cveNumber(cve(2))!, 'CVE-2000-9999'])).keys()], [cve(1), String(cveNumber(cve(2)))])
})

test('the same feeds again are no work and no release; in another order they make the same root', async (t) => {
  const one = bench(t)
  const records = Array.from({ length: 40 }, (_, n) => statement(cve(n + 1), { title: `Flaw ${n}`, cvss: [cvss(5)] }))
  const advisories = Array.from({ length: 10 }, (_, n) => [statement(`GHSA-${n}-a-b`, { key: `GHSA-${n}-a-b`, title: `Advisory ${n}` }), affected(`GHSA-${n}-a-b`, 'npm', `package-${n}`, '1.2.3')]).flat()
  const feeds = (on: typeof one) => [on.feed('cve', records, { name: 'a' }), on.feed('ghsa', advisories, { name: 'a' })]
  const first = await one.build(feeds(one))
  const again = await one.build(feeds(one))
  assert.equal(again.release, null)
  assert.deepEqual(again.feeds.map((feed) => feed.state), ['same', 'same'])
  const other = bench(t)
  assert.equal((await other.build(feeds(other).toReversed(), { readers: 1 })).release?.root, first.release?.root)
})

test('of a whole feed what is gone goes, of a part it stays; what a record no longer says of ranges goes either way', async (t) => {
  const { feed, build, open } = bench(t)
  await build([feed('cve', [statement(cve(1), { title: 'One' }), affected(cve(1), 'cpe', 'acme:one', '1'), affected(cve(1), 'cpe', 'acme:other', '1'), statement(cve(2), { title: 'Two' })])])
  await build([feed('cve', [statement(cve(1), { title: 'One, told better' }), affected(cve(1), 'cpe', 'acme:one', '2')], { whole: false })])
  let knowledge = await open()
  assert.equal((await knowledge.vulnerability(cve(1)))?.title, 'One, told better')
  assert.deepEqual((await knowledge.vulnerability(cve(1)))?.affected.map((one) => [one.affected.product.name, one.affected.intervals[0]?.before]), [['acme:one', '2']])
  assert.equal((await knowledge.vulnerability(cve(2)))?.title, 'Two')
  await build([feed('cve', [statement(cve(3), { title: 'Three' })])], { force: true })
  knowledge = await open()
  assert.equal(await knowledge.vulnerability(cve(1)), null)
  assert.equal((await knowledge.vulnerability(cve(3)))?.title, 'Three')
  assert.deepEqual((await knowledge.changes({ kind: 'withdrawn', limit: 10 })).map((one) => one.subject).sort(), [cve(1), cve(2)])
})

test('who is believed for what; what was outranked is shown beside', async (t) => {
  const { feed, build, open } = bench(t)
  await build([
    feed('nvd', [statement(cve(1), { title: 'Said by NVD', details: 'NVD text', cvss: [cvss(5)], cwe: ['CWE-1'] })]),
    feed('cve', [statement(cve(1), { title: 'Said by the assigner', details: 'Assigner text' })]),
    feed('vulnrichment', [statement(cve(1), { cvss: [cvss(7.5, '4.0'), cvss(8.1)], overlay: { ssvc: { exploitation: 'poc', automatable: true, impact: 'total' } } })]),
    feed('ghsa', [statement(cve(1), { key: 'GHSA-x', title: 'Taken back', withdrawn: '2024-05-05T00:00:00Z', cvss: [cvss(1)] })]),
  ])
  const found = (await (await open()).vulnerability(cve(1)))!
  assert.deepEqual([found.facts.title?.value, found.facts.title?.source], ['Said by the assigner', 'cve'])
  assert.deepEqual(found.facts.title?.others.map((one) => one.value), ['Said by NVD'])
  assert.deepEqual([found.score, found.facts.cvss?.source, found.facts.cvss?.others.map((one) => one.source)], [8.1, 'vulnrichment', ['nvd']])
  assert.deepEqual(found.facts.cwe?.value, ['CWE-1'])
  assert.equal(found.ssvc, 'poc')
  assert.equal(found.withdrawn, null)
  assert.equal(found.statements.length, 4)
})

test('the list of the exploited has the word over copies of its mark, and takes it back with the reason logged', async (t) => {
  const { feed, build, open } = bench(t)
  const mark = (since: string) => ({ overlay: { exploited: { since, ransomware: false } } })
  await build([feed('nvd', [statement(cve(1), mark('2024-01-01')), statement(cve(2), mark('2024-01-02'))])])
  assert.equal((await (await open()).vulnerabilities({ q: 'exploited:true', limit: 9 })).total, 2)
  await build([feed('kev', [statement(cve(2), mark('2024-01-02')), statement(cve(3), mark('2024-01-03'))])])
  assert.deepEqual((await (await open()).vulnerabilities({ q: 'exploited:true', sort: 'name', limit: 9 })).items.map((one) => one.name), [cve(2), cve(3)])
  await build([feed('kev', [statement(cve(2), mark('2024-01-02'))])])
  const knowledge = await open()
  assert.deepEqual((await knowledge.vulnerabilities({ q: 'exploited:true', limit: 9 })).items.map((one) => one.name), [cve(2)])
  assert.deepEqual((await knowledge.changes({ limit: 9 })).filter((one) => one.release === 3).map((one) => [one.kind, one.subject]), [['withdrawn', cve(3)]])
})

test('other names join what is the same, also when it is told later, and the number given before leads there', async (t) => {
  const { feed, build, open } = bench(t)
  await build([feed('osv', [statement('PYSEC-2024-1', { title: 'Found in Python first' }), affected('PYSEC-2024-1', 'PyPI', 'thing', '1.1'), statement('PYSEC-2024-2', { title: 'Alone' })], { name: 'PyPI' })])
  const before = (await (await open()).vulnerability('PYSEC-2024-1'))!
  const alone = (await (await open()).vulnerability('PYSEC-2024-2'))!
  assert.ok(before.id >= 100_000_000 && before.id < 1_000_000_000)
  await build([feed('ghsa', [statement(cve(7), { key: 'GHSA-aaaa', aliases: ['GHSA-aaaa', 'PYSEC-2024-1'], title: 'The same' })])])
  const knowledge = await open()
  const after = (await knowledge.vulnerability('PYSEC-2024-1'))!
  assert.equal(after.name, cve(7))
  assert.deepEqual(after.aliases, ['GHSA-aaaa', 'PYSEC-2024-1'])
  assert.deepEqual(after.affected.map((one) => one.affected.product.name), ['thing'])
  assert.equal((await knowledge.vulnerability(String(before.id)))?.name, cve(7))
  assert.equal((await knowledge.vulnerability('PYSEC-2024-2'))?.id, alone.id)
  assert.equal((await knowledge.vulnerabilities({ q: 'ghsa-aaaa', limit: 5 })).items[0]?.name, cve(7))
})

test('numbers stay with their names over releases', async (t) => {
  const { feed, build, open } = bench(t)
  const names = (from: number) => Array.from({ length: 30 }, (_, n) => statement(`GO-2024-${from + n}`, { title: `Go ${from + n}` }))
  await build([feed('osv', names(100), { name: 'Go' })])
  const first = await open()
  const numbers = new Map(await Promise.all(names(100).map(async (one) => [one.vulnerability, (await first.vulnerability(one.vulnerability))!.id] as const)))
  assert.equal(new Set(numbers.values()).size, 30)
  await build([feed('osv', names(90), { name: 'Go' })])
  const second = await open()
  for (const [name, id] of numbers) {
    const now = await second.vulnerability(name)
    if (now !== null) assert.equal(now.id, id, name)
  }
  assert.equal((await second.vulnerability('GO-2024-119'))?.id, numbers.get('GO-2024-119'))
})

test('probabilities move in one stroke: jumps are logged, drifts are not, what leaves loses it', async (t) => {
  const { feed, build, open } = bench(t)
  await build([feed('epss', [probability(cve(1), 0.1), probability(cve(2), 0.5), probability(cve(3), 0.3)]), feed('cve', [statement(cve(3), { title: 'Stays' })])])
  const risk = (await (await open()).vulnerabilities({ q: '', limit: 1 })).items[0]?.name
  assert.equal(risk, cve(2))
  await build([feed('epss', [probability(cve(1), 0.9), probability(cve(2), 0.51), probability(cve(4), 0.2)])])
  const knowledge = await open()
  assert.deepEqual((await knowledge.changes({ kind: 'score', limit: 9 })).map((one) => [one.subject, one.text]), [
    [cve(3), 'Probability of exploitation 30.0 % → none.'], [cve(1), 'Probability of exploitation 10.0 % → 90.0 %.'],
  ])
  assert.deepEqual((await knowledge.vulnerabilities({ q: 'epss:>=0', sort: '-epss', limit: 9 })).items.map((one) => [one.name, one.epss]), [[cve(1), 0.9], [cve(2), 0.51], [cve(4), 0.2]])
  assert.deepEqual([(await knowledge.vulnerability(cve(3)))?.title, (await knowledge.vulnerability(cve(3)))?.epss], ['Stays', null])
  assert.equal((await knowledge.vulnerabilities({ q: '', limit: 1 })).items[0]?.name, cve(1))
})

test('a feed cut off, shrunk, or with a record that cannot be kept is refused; the old serves on and health says so', async (t) => {
  const { feed, build, open } = bench(t)
  const many = (count: number) => Array.from({ length: count }, (_, n) => statement(cve(n + 1), { title: `Flaw ${n}` }))
  await build([feed('cve', many(100)), feed('kev', [statement(cve(1))])])
  const bad = await build([feed('cve', many(150), { cut: true }), feed('ghsa', [statement(cve(1), { key: 'GHSA-1', title: 'Good beside bad' })])])
  assert.deepEqual(statesOf(bad), { cve: 'failed', ghsa: 'imported' })
  let knowledge = await open()
  assert.equal((await knowledge.vulnerabilities({ q: '', limit: 1 })).total, 100)
  const health = (await knowledge.sources()).find((one) => one.name === 'cve')!
  assert.deepEqual([health.state, health.records], ['failed', 100])
  assert.match(health.problem!, /cut off/)
  const shrunk = await build([feed('cve', many(60))])
  assert.equal(shrunk.release, null)
  assert.match(shrunk.feeds[0]!.problem!, /too few to be true/)
  // Its key is no text: the table refuses it while it is loaded, after others were.
  const poisoned = await build([feed('nvd', many(5)), feed('osv', [...many(3), { ...statement(cve(4)), key: null as unknown as string }])])
  assert.deepEqual(statesOf(poisoned), { nvd: 'imported', osv: 'failed' })
  knowledge = await open()
  assert.equal((await knowledge.sources()).find((one) => one.name === 'osv')?.state, 'failed')
  assert.equal((await knowledge.vulnerability(cve(1)))?.statements.some((one) => one.source === 'osv'), false)
  const mended = await build([feed('cve', many(60))], { force: true })
  assert.equal(mended.feeds[0]?.state, 'imported')
  assert.equal((await (await open()).sources()).find((one) => one.name === 'cve')?.state, 'ok')
})

test('records that break the rules are counted by reason, with examples, and the feed goes on', async (t) => {
  const { feed, build, open } = bench(t)
  await build([feed('cve', [
    statement(cve(1), { title: 'Good' }), statement('../../etc', { title: 'Bad name' }), { record: 'unused', key: 'X', reason: 'no-version', text: 'says none' },
    { record: 'probability', vulnerability: cve(1), probability: 7, percentile: 1 }, statement(cve(2), { details: 'x'.repeat(3_000_000) }),
  ])])
  const [source] = (await (await open()).sources()).filter((one) => one.name === 'cve')
  assert.deepEqual(Object.fromEntries(source!.unused.map((one) => [one.reason, one.count])), { 'bad-identifier': 1, 'no-version': 1, 'bad-probability': 1, 'too-large': 1 })
  assert.deepEqual(source!.unused.find((one) => one.reason === 'no-version')?.examples, [['X', 'says none']])
})

test('parts of one source are kept apart: a new one of one part leaves the others', async (t) => {
  const { feed, build, open } = bench(t)
  await build([feed('osv', [statement('GO-1', { title: 'Go' })], { name: 'Go' }), feed('osv', [statement('PYSEC-1', { title: 'Python' })], { name: 'PyPI' })])
  await build([feed('osv', [statement('GO-2', { title: 'Go again' })], { name: 'Go' })])
  const knowledge = await open()
  assert.deepEqual([await knowledge.vulnerability('GO-1'), (await knowledge.vulnerability('GO-2'))?.title, (await knowledge.vulnerability('PYSEC-1'))?.title], [null, 'Go again', 'Python'])
  assert.equal((await knowledge.sources()).find((one) => one.name === 'osv')?.records, 2)
})

test('the last three releases are kept, nothing else is left lying about', async (t) => {
  const { folder, feed, build } = bench(t)
  for (let n = 1; n <= 5; n++) await build([feed('cve', [statement(cve(n), { title: `Release ${n}` })])], { force: true })
  assert.deepEqual(readdirSync(folder).sort(), ['current.json', 'health.json', 'lock.sqlite', 'release-3.sqlite', 'release-4.sqlite', 'release-5.sqlite'])
  assert.equal(readCurrent(folder)?.number, 5)
})
