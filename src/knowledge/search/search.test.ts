import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VigilError } from '#core/errors.ts'
import type { KnowledgeBase } from '../knowledge-base.ts'
import { affected, bench, cvss, statement } from '../testing-records.ts'
import { editDistance } from './spelling.ts'
import { patternTest } from './value-tests.ts'

async function world(t: Parameters<typeof bench>[0]): Promise<KnowledgeBase> {
  const { feed, build, open } = bench(t)
  const cves = [
    statement('CVE-2024-6387', { title: 'Race in sshd of OpenSSH', details: 'A signal handler race.', cvss: [cvss(8.1)], cwe: ['CWE-364'], products: ['openbsd:openssh'], published: '2024-07-01T13:00:00Z' }),
    statement('CVE-2023-38408', { title: 'OpenSSH agent forwarding', details: 'PKCS#11 providers.', cvss: [cvss(9.8)], cwe: ['CWE-428'], products: ['openbsd:openssh'], published: '2023-07-20T00:00:00Z' }),
    statement('CVE-2020-0001', { title: 'Weakness of a router', details: 'Its firmware bundles openssh and nginx.', cvss: [cvss(9.9)], products: ['acme:router'], published: '2020-01-02T00:00:00Z' }),
    statement('CVE-2021-41773', { title: 'Path traversal in httpd', details: 'Apache HTTP Server 2.4.49', cvss: [cvss(7.5)], cwe: ['CWE-22'], products: ['apache:http_server'], published: '2021-10-05T09:00:00Z', overlay: { ssvc: { exploitation: 'active', automatable: true, impact: 'total' } } }),
    statement('CVE-2022-9999', { title: 'Taken back', withdrawn: '2022-10-05T09:00:00Z', published: '2022-09-05T09:00:00Z' }),
    ...Array.from({ length: 40 }, (_, n) => statement(`CVE-2019-${1000 + n}`, { title: `Overflow ${n} in a parser`, details: 'kernel driver', cvss: [cvss(n % 10)], products: [`acme:parser_${n % 3}`], published: `2019-03-${String(1 + (n % 28)).padStart(2, '0')}T00:00:00Z` })),
  ]
  await build([
    feed('cve', [...cves, affected('CVE-2024-6387', 'cpe', 'openbsd:openssh', '9.8'), affected('CVE-2021-41773', 'Debian:12', 'apache2', '2.4.50')]),
    feed('kev', [statement('CVE-2021-41773', { overlay: { exploited: { since: '2021-11-03', ransomware: true } } })]),
    feed('epss', [['CVE-2021-41773', 0.94], ['CVE-2024-6387', 0.6], ['CVE-2019-1000', 0.01], ['CVE-2018-7777', 0.02]].map(([vulnerability, probability]) =>
      ({ record: 'probability', vulnerability: String(vulnerability), probability: Number(probability), percentile: 0.5 }) as const)),
    { source: 'vigil', paths: [new URL('../../../content', import.meta.url).pathname] },
  ])
  return open()
}

test('words, ids and fields find what they mean, the most exact first', async (t) => {
  const knowledge = await world(t)
  const names = async (q: string, sort = 'relevance'): Promise<string[]> => (await knowledge.vulnerabilities({ q, sort, limit: 100 })).items.map((one) => one.name)
  assert.deepEqual(await names('openssh source:cve'), ['CVE-2024-6387', 'CVE-2023-38408', 'CVE-2020-0001'])
  assert.deepEqual(await names('"signal race"'), ['CVE-2024-6387'])
  assert.deepEqual((await names('2024-6387')).slice(0, 1), ['CVE-2024-6387'])
  assert.deepEqual((await names('cve-2024-63'))[0], 'CVE-2024-6387')
  assert.deepEqual(await names('product:openssh severity:5 source:cve'), ['CVE-2023-38408'])
  assert.deepEqual(await names('vendor:apache source:cve'), ['CVE-2021-41773'])
  assert.deepEqual(await names('product:apache:http_server source:cve'), ['CVE-2021-41773'])
  assert.deepEqual(await names('exploited:true'), ['CVE-2021-41773'])
  assert.deepEqual(await names('kev:2021-11-03 ransomware:true'), ['CVE-2021-41773'])
  assert.deepEqual(await names('epss:>0.5', '-epss'), ['CVE-2021-41773', 'CVE-2024-6387'])
  assert.deepEqual(await names('ssvc:active'), ['CVE-2021-41773'])
  assert.deepEqual(await names('cwe:22 or cwe:CWE-364', 'name'), ['CVE-2021-41773', 'CVE-2024-6387'])
  assert.deepEqual(await names('detection:package'), ['CVE-2021-41773'])
  assert.deepEqual(await names('detection:product'), ['CVE-2024-6387'])
  assert.deepEqual(await names('withdrawn:true'), ['CVE-2022-9999'])
  assert.deepEqual(await names('published:2023-07 source:cve'), ['CVE-2023-38408'])
  assert.deepEqual(await names('cvss:9.8..10 source:cve', '-score'), ['CVE-2020-0001', 'CVE-2023-38408'])
  assert.deepEqual(await names('name:CVE-2018-77*'), ['CVE-2018-7777'])
  assert.equal((await knowledge.vulnerabilities({ q: 'title:"overflow 7"', limit: 5 })).total, 1)
  assert.equal((await knowledge.vulnerabilities({ q: 'overflow -cvss:>=5 product:parser_*', limit: 5 })).total, 20)
})

test('every page is another, together they are all, in order, for every sort', async (t) => {
  const knowledge = await world(t)
  for (const sort of ['relevance', '-published', '-modified', '-severity', '-score', '-epss', '-exploited', 'name', '-name']) {
    const seen: number[] = []
    let after: string | null = null
    let total = 0
    do {
      const page = await knowledge.vulnerabilities({ q: 'source:cve', sort, after, limit: 7 })
      seen.push(...page.items.map((one) => one.id))
      after = page.next
      total = page.total
    } while (after !== null)
    assert.equal(new Set(seen).size, seen.length, sort)
    assert.equal(seen.length, total, sort)
    const whole = (await knowledge.vulnerabilities({ q: 'source:cve', sort, limit: 200 })).items.map((one) => one.id)
    assert.deepEqual(seen, whole, sort)
  }
  await assert.rejects(knowledge.vulnerabilities({ q: '', sort: 'name', after: 'bm9uZQ', limit: 5 }), (error: unknown) => error instanceof VigilError && error.code === 'page.cursor')
})

test('facets count what a query finds, and each of their terms finds as many', async (t) => {
  const knowledge = await world(t)
  for (const q of ['', 'overflow', 'severity:>=4']) {
    const { total, facets } = await knowledge.vulnerabilityFacets(q)
    assert.equal((await knowledge.vulnerabilities({ q, limit: 1 })).total, total)
    assert.ok(facets.length > 2)
    for (const { field, values } of facets) {
      for (const { term, count } of values) assert.equal((await knowledge.vulnerabilities({ q: `${q} ${term}`, limit: 1 })).total, count, `${q} ${field} ${term}`)
    }
  }
})

test('a misspelt word gets the one that is meant; a good query gets none', async (t) => {
  const knowledge = await world(t)
  const meant = async (q: string): Promise<string | null> => (await knowledge.vulnerabilities({ q, limit: 1 })).didYouMean
  assert.equal(await meant('ovreflow'), 'overflow')
  assert.equal(await meant('Overflwo parsser'), 'overflow parser')
  assert.equal(await meant('kernal severity:<=5'), 'kernel severity:<=5')
  assert.equal(await meant('overflow'), null)
  assert.equal(await meant('zzzzqqqq'), null)
})

test('what is wrong with a query is said as in other lists', async (t) => {
  const knowledge = await world(t)
  for (const [q, code] of [['colour:red', 'query.unknown_field'], ['severity:high', 'query.bad_value'], ['published:tomorrow', 'query.bad_value'], ['ssvc:loud', 'query.bad_value'], ['(a', 'query.malformed']] as const) {
    for (const ask of [knowledge.vulnerabilities({ q, limit: 1 }), knowledge.vulnerabilityFacets(q)]) await assert.rejects(ask, (error: unknown) => error instanceof VigilError && error.code === code, q)
  }
  await assert.rejects(knowledge.checks({ q: 'severity:high', limit: 1 }), (error: unknown) => error instanceof VigilError && error.code === 'query.bad_value')
})

test('checks are listed, found and counted; each tells what it is', async (t) => {
  const knowledge = await world(t)
  const { items, total } = await knowledge.checks({ q: 'openssh kind:signature', limit: 200 })
  assert.ok(items.length > 0 && items.length === total)
  const one = await knowledge.check(items[0]!.id)
  assert.deepEqual(one?.row, items[0])
  assert.ok(one !== null && 'when' in one.body && one.body.title === items[0]!.title)
  const ids = new Set<number>()
  for (let after: string | null = null; ;) {
    const page = await knowledge.checks({ q: '', sort: 'title', after, limit: 60 })
    page.items.forEach((row) => ids.add(row.id))
    if (page.next === null) break
    after = page.next
  }
  assert.equal(ids.size, (await knowledge.checkFacets('')).total)
  assert.equal((await knowledge.signatures()).length, ids.size)
  const cve = items.find((row) => row.cve.length > 0)!.cve[0]!
  assert.ok((await knowledge.vulnerability(cve))!.checks.some((row) => row.cve.includes(cve)))
})

test('any query is answered or refused by the catalogue', async (t) => {
  const knowledge = await world(t)
  const piece = fc.constantFrom('open', 'ssh', '*', '"', ' ', '-', ':', 'product:', 'cve-2024', '2024-', 'severity:', '>=', '..', '4', 'NEAR', 'AND', 'or', '(', ')', '{title}', '^', '+', '\u0000', 'é', '日本', 'published:', '7d', ',')
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
    const q = pieces.join('')
    for (const ask of [knowledge.vulnerabilities({ q, limit: 3 }), knowledge.checks({ q, limit: 3 })]) await ask.catch((error: unknown) => assert.ok(error instanceof VigilError, `${JSON.stringify(q)}: ${String(error)}`))
  }), { numRuns: 300 })
})

test('edits are counted as people make them, and stars stand for anything', () => {
  assert.equal(editDistance('kernel', 'kernel', 2), 0)
  assert.equal(editDistance('kernal', 'kernel', 2), 1)
  assert.equal(editDistance('knerel', 'kernel', 2), 2)
  assert.equal(editDistance('overflwo', 'overflow', 2), 1)
  assert.equal(editDistance('kernel', 'colonel', 2), null)
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*') , maxLength: 8 }), fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
    const expected = pattern.includes('*') ? new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text) : text.includes(pattern)
    assert.equal(patternTest(pattern)(text), expected, `${pattern} ${text}`)
  }), { numRuns: 2000 })
})
