import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Facets, KnowledgeCheckPage, Sources, VulnerabilityDetail, VulnerabilityPage } from '#api/rest/kb/vulnerability-schemas.ts'
import type { CheckDetail } from '#api/rest/kb/schemas.ts'
import { build } from '#knowledge/build/build.ts'
import { openKnowledge } from '#knowledge/open.ts'
import { affected, bench, cvss, statement } from '#knowledge/testing-records.ts'
import { signUp, withServer } from './server.ts'

const content = fileURLToPath(new URL('../content', import.meta.url))

test('the KnowledgeBase is read over REST: vulnerabilities, facets, checks of all kinds, sources', async (t) => {
  const { feed, build: make, open } = bench(t)
  await make([
    { source: 'vigil', paths: [content] },
    feed('cve', [
      statement('CVE-2024-0001', {
        title: 'Parser overflow', details: 'A long header.', cvss: [cvss(9.8)], cwe: ['CWE-787'], products: ['acme:parser'], published: '2024-02-03T00:00:00Z', references: [{ url: 'https://example.org/1', kind: 'advisory' }],
      }),
      affected('CVE-2024-0001', 'npm', 'parser', '2.0'), statement('CVE-2024-0002', { title: 'Another overflow', cvss: [cvss(5)] }), statement('CVE-2024-0003', { title: 'Not rated overflow' }),
    ]),
    feed('nvd', [statement('CVE-2024-0001', { title: 'Said otherwise', details: 'A long header.' })]),
    feed('kev', [statement('CVE-2024-0001', { overlay: { exploited: { since: '2024-03-01', ransomware: false } } })]),
  ])
  const knowledge = await open()
  const server = await withServer(t, { knowledge: () => knowledge })
  const { headers } = await signUp(server, 'reader')
  const get = async <T>(url: string): Promise<T> => {
    const answer = await server.app.inject({ url: `/api/v1${url}`, headers })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json<T>()
  }

  const first = await get<VulnerabilityPage>('/kb/vulnerabilities?q=overflow%20source:cve&limit=2')
  assert.deepEqual([first.items.map((one) => one.name), first.total], [['CVE-2024-0001', 'CVE-2024-0002'], 3])
  const second = await get<VulnerabilityPage>(`/kb/vulnerabilities?q=overflow%20source:cve&limit=2&after=${first.next}`)
  assert.deepEqual([second.items.map((one) => [one.name, one.severity]), second.next], [[['CVE-2024-0003', 0]], null])
  assert.equal((await get<VulnerabilityPage>('/kb/vulnerabilities?q=ovreflow')).didYouMean, 'overflow')
  const facets = await get<Facets>('/kb/vulnerabilities/facets?q=source:cve')
  assert.deepEqual([facets.total, facets.release, facets.facets.find((one) => one.field === 'exploited')?.values.map((one) => one.count)], [3, knowledge.facts.name, [1, 2]])

  const detail = await get<VulnerabilityDetail>('/kb/vulnerabilities/cve-2024-0001')
  assert.deepEqual([detail.name, detail.exploitedSince, detail.detection, detail.affectedTotal], ['CVE-2024-0001', '2024-03-01', ['package'], 1])
  assert.deepEqual([detail.facts.title?.value, detail.facts.title?.others], ['Parser overflow', [{ value: 'Said otherwise', source: 'nvd', key: 'CVE-2024-0001' }]])
  assert.deepEqual(detail.affected[0]?.affected.intervals, [{ from: '0', before: '2.0' }])
  assert.deepEqual(detail.here, { findings: 0, hosts: 0, fixed: 0, q: 'cve:CVE-2024-0001' })
  assert.deepEqual(detail.statements.map((one) => one.source), ['cve', 'nvd', 'kev'])

  // Its check has no row in the database as long as nobody has a finding of it.
  const check = await get<CheckDetail>(`/kb/${detail.id}`)
  assert.deepEqual([check.kind, check.type, check.cve, check.origin?.vulnerability, check.origin?.runnable, check.threat], ['vulnerability', 'confirmed', ['CVE-2024-0001'], 'CVE-2024-0001', true, 'A long header.'])
  const checks = await get<KnowledgeCheckPage>('/kb/checks?q=kind:signature%20severity:5&limit=200')
  assert.ok(checks.items.length > 3 && checks.items.every((one) => one.severity === 5 && one.runnable))
  assert.equal((await get<CheckDetail>(`/kb/${checks.items[0]!.id}`)).title, checks.items[0]!.title)
  assert.equal((await get<Facets>('/kb/checks/facets')).facets.find((one) => one.field === 'kind')?.values[0]?.value, 'signature')
  const sources = await get<Sources>('/kb/sources')
  assert.deepEqual([sources.release.name, sources.items.find((one) => one.name === 'cve')?.records, sources.items.find((one) => one.name === 'ghsa')?.state], [knowledge.facts.name, 4, 'never'])

  for (const [url, status] of [['/kb/vulnerabilities/CVE-1999-9999', 404], ['/kb/1999999999', 404], ['/kb/vulnerabilities?q=colour:red', 400], ['/kb/vulnerabilities?sort=colour', 400], ['/kb/vulnerabilities?after=x', 400]] as const) {
    assert.equal((await server.app.inject({ url: `/api/v1${url}`, headers })).statusCode, status, url)
  }
  assert.equal((await server.app.inject({ url: '/api/v1/kb/vulnerabilities' })).statusCode, 401)
})

test('a fresh clone without any feed has a KnowledgeBase: its own signatures, with the CVEs they name', async (t) => {
  const folder = join(await mkdtemp(join(tmpdir(), 'vigil-kb-fresh-')), 'knowledge')
  t.after(() => rm(join(folder, '..'), { recursive: true, force: true }))
  assert.equal((await (await openKnowledge(folder)).vulnerabilities({ q: '', limit: 1 })).total, 0)
  await build(folder, [{ source: 'vigil', paths: [content] }])
  const knowledge = await openKnowledge(folder)
  t.after(() => knowledge.close())
  assert.ok((await knowledge.checks({ q: '', limit: 1 })).total >= 300)
  const found = (await knowledge.vulnerability('CVE-2024-6387'))!
  assert.deepEqual([found.detection, found.checks.length > 0, found.title.length > 0], [['signature'], true, true])
})
