import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { build, type Import } from '#knowledge/build/build.ts'
import { openKnowledge } from '#knowledge/open.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'
import { emptyKnowledge } from '#knowledge/empty.ts'
import { refreshThreats } from '#platform/kb/threat.ts'
import { host, makeHost, scan, storeKnowledge } from './finding-world.ts'
import { signUp, withServer, type Browser } from './server.ts'

const folder = await mkdtemp(join(tmpdir(), 'vigil-threats-'))
test.after(() => rm(folder, { recursive: true, force: true }))
let inForce: KnowledgeBase = emptyKnowledge
test.after(() => inForce.close())
const server = await withServer({ after: (work) => test.after(work) }, { knowledge: () => inForce })
const { store } = server.database
await storeKnowledge(store)

type Exploited = Readonly<{ cve: string; since: string; ransomware?: boolean }>
let written = 0

/** A release of what these say, in force. */
async function release(exploited: readonly Exploited[], probabilities: Readonly<Record<string, number>>): Promise<KnowledgeBase> {
  const feeds = join(folder, `feeds-${++written}`)
  await mkdir(feeds)
  const kev = join(feeds, 'known_exploited_vulnerabilities.json')
  await writeFile(kev, JSON.stringify({
    title: 'Catalog', catalogVersion: `2026.11.${written}`, dateReleased: `2026-11-${String(written).padStart(2, '0')}T12:00:00.000Z`, count: exploited.length,
    vulnerabilities: exploited.map(({ cve, since, ransomware }) => ({
      cveID: cve, vendorProject: 'Acme', product: 'Web', vulnerabilityName: `Acme Web ${cve}`, dateAdded: since, shortDescription: 'It is exploited.', requiredAction: 'Update it.', dueDate: since,
      knownRansomwareCampaignUse: ransomware === true ? 'Known' : 'Unknown', notes: '', cwes: [],
    })),
  }))
  const epss = join(feeds, 'epss_scores-current.csv')
  await writeFile(epss, `#model_version:v2026.01.01,score_date:2026-11-${String(written).padStart(2, '0')}T00:00:00+0000\ncve,epss,percentile\n${Object.entries(probabilities).map(([cve, value]) => `${cve},${value},0.9`).join('\n')}\n`)
  const imports: readonly Import[] = [{ source: 'kev', paths: [kev] }, { source: 'epss', paths: [epss] }]
  const report = await build(join(folder, 'knowledge'), imports, { force: true })
  assert.deepEqual(report.feeds.filter((feed) => feed.state === 'failed'), [])
  await inForce.close()
  inForce = await openKnowledge(join(folder, 'knowledge'))
  return inForce
}

const get = async (browser: Browser, path: string) => {
  const answer = await server.app.inject({ url: `/api/v1${path}`, headers: browser.headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}
const numbers = async (browser: Browser, q: string) => ((await get(browser, `/findings?q=${encodeURIComponent(q)}`)).items as readonly any[]).map((one) => one.signature as number).sort((a, b) => a - b)

async function organisation(address: string): Promise<Browser> {
  const manager = await signUp(server)
  const asset = await makeHost(store, manager.tenant, address)
  const seen = host(asset, address)
  await scan(store, manager.tenant, [[seen.up, seen.service(6379, { facts: { open: true } }), seen.service(80, { version: '1.0' }), seen.done()]])
  return manager
}

test('a release that says a vulnerability is exploited scores its findings, everywhere, without a scan; one that takes it back takes the points back', async () => {
  const [first, second] = [await organisation('127.0.11.1'), await organisation('127.0.11.2')]
  const [before] = (await get(first, '/findings?q=check:2')).items
  assert.equal(before.score, 55, '9.8 × 8, × 0.7')
  const riskOf = async (browser: Browser): Promise<number> => (await get(browser, '/assets')).items[0].risk

  const risk = await riskOf(second)
  const known = await release([{ cve: 'CVE-2026-1000', since: '2026-10-05', ransomware: true }, { cve: 'CVE-2026-2000', since: '2026-11-01' }], { 'CVE-2026-1000': 0.62 })
  const done = await refreshThreats(store, known, new Date())
  assert.deepEqual([done.findings >= 2, done.hosts >= 2], [true, true])
  for (const browser of [first, second]) {
    const [finding] = (await get(browser, '/findings?q=check:2')).items
    const detail = await get(browser, `/findings/${finding.id}`)
    assert.equal(finding.score, Math.round(0.7 * (78.4 + 12 + 6)))
    assert.deepEqual(detail.scoreFactors.map((one: any) => [one.name, one.points, one.source]), [
      ['CVSS base score', 78.4, null], ['Known exploited', 12, 'CISA KEV, 2026-10-05'], ['Probability of exploitation', 6, 'EPSS, 2026-11-01'], ['Potential', -28.92, null],
    ])
  }
  assert.ok((await riskOf(second)) >= risk)
  const again = await refreshThreats(store, known, new Date())
  assert.deepEqual([again.checks, again.findings], [0, 0], 'done once')

  assert.deepEqual(await numbers(first, 'exploited:yes'), [2])
  assert.deepEqual(await numbers(first, 'ransomware:true epss:>0.5'), [2])
  assert.deepEqual(await numbers(first, 'epss:>0.7'), [])
  assert.deepEqual(await numbers(first, 'exploit:weaponised'), [])
  assert.deepEqual(await numbers(first, '-exploited:yes'), [1])
  assert.deepEqual(await numbers(first, 'list:"Known exploited"'), [2])
  assert.deepEqual((await get(first, '/kb?q=exploited:yes')).items.map((one: any) => one.id), [2])

  await refreshThreats(store, await release([{ cve: 'CVE-2026-2000', since: '2026-11-01' }], { 'CVE-2026-1000': 0.02 }), new Date())
  assert.equal((await get(first, '/findings?q=check:2')).items[0].score, 55)
})

test('what was cut short is done by the next refresh', async () => {
  const manager = await organisation('127.0.11.3')
  const known = await release([{ cve: 'CVE-2026-1000', since: '2026-10-05' }], {})
  const stop = new AbortController()
  stop.abort()
  await assert.rejects(refreshThreats(store, known, new Date(), stop.signal))
  // The facts are written, the findings do not follow yet: as after a kill between the two.
  await store.platform(({ sql }) => sql`update signature_threat set exploited_since = '2026-10-05', exploited_by = 'CVE-2026-1000', epss = null, epss_by = null, epss_day = null, pending = now() where signature_id = 2`)
  assert.equal((await get(manager, '/findings?q=check:2')).items[0].score, 55)
  await refreshThreats(store, known, new Date())
  assert.equal((await get(manager, '/findings?q=check:2')).items[0].score, 62)
})

test('an older formula is worked out anew for every organisation, hosts without a changed finding too', async () => {
  const manager = await organisation('127.0.11.4')
  const { id, risk } = (await get(manager, '/assets')).items[0]
  await server.database.owner`update score_formula set version = 1`
  await server.database.owner`update asset_host set risk = 200 where id = ${id}`
  await refreshThreats(store, inForce, new Date())
  assert.equal((await get(manager, '/assets')).items[0].risk, risk)
})

test('the threat feed joins what is new with own hosts, of what the reader may see', async () => {
  const manager = await organisation('127.0.11.5')
  const known = await release([{ cve: 'CVE-2026-1000', since: '2026-10-05' }, { cve: 'CVE-2026-2000', since: '2026-11-01', ransomware: true }], { 'CVE-2026-2000': 0.1, 'CVE-2026-3000': 0.9 })
  await refreshThreats(store, known, new Date())
  const feed = await get(manager, '/kb/threats')
  assert.deepEqual(feed.items.slice(0, 2).map((one: any) => [one.name, one.kinds, one.hosts, one.findings]), [['CVE-2026-2000', ['exploited'], 0, 0], ['CVE-2026-1000', ['exploited'], 1, 1]])
  assert.deepEqual(feed.mine, { threats: 1, hosts: 1, findings: 1 })
  assert.deepEqual((await get(manager, '/kb/threats?affects=me')).items.map((one: any) => one.name), ['CVE-2026-1000'])
  assert.deepEqual((await get(manager, '/kb/threats?kind=weaponised')).items, [])
  const elsewhere = await signUp(server, 'reader', manager.tenant, ['00000000-0000-7000-8000-0000000000aa'])
  const theirs = await get(elsewhere, '/kb/threats')
  assert.deepEqual([theirs.mine.findings, theirs.items.every((one: any) => one.hosts === 0), (await get(elsewhere, '/kb/threats?affects=me')).items], [0, true, []])
  const reader = await signUp(server, 'knowledgebase_only', manager.tenant)
  assert.deepEqual((await get(reader, '/kb/threats')).mine, { threats: 0, hosts: 0, findings: 0 })
})
