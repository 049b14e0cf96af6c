import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import { standard } from '#core/profile.ts'
import { poolAsks } from '#engine/http/asks.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { affected, cvss, statement } from '#knowledge/testing-records.ts'
import { makeTenant } from '../database.ts'
import { makeHost } from '../finding-world.ts'
import { findingsOf, rejudgeWorld, type Shown } from '../rejudge-world.ts'
import { download, libraryProducts, serverProducts, servePage, startServer, type Age } from './products.ts'

const shipped = readFileSync(new URL('../../content/signatures/web/traversal.yaml', import.meta.url), 'utf8')
const products = [...libraryProducts, ...serverProducts]

/** A slice of a feed, in our own words. */
const feed: readonly FeedRecord[] = libraryProducts.flatMap((one): readonly FeedRecord[] => [
  { record: 'library', key: one.name, uri: [], filename: [], content: [one.pattern], contentReplace: [], hashes: {}, skipped: [] },
  statement(one.cve, { title: `Weakness of ${one.name}`, cvss: [cvss(6.1)], solution: `Update ${one.name}.` }),
  affected(one.cve, 'retire.js', one.name, one.before),
])

/** Real versions from npm, run or served on loopback, looked at by the engine and judged by a release of the KnowledgeBase as any host is. */
test(`${products.length} products from npm: the vulnerable version is found, the fixed one is not`, async (t) => {
  assert.ok(products.length >= 15)
  const [root, world] = [await download(t, products), await rejudgeWorld(t, shipped)]
  await world.kb.build([world.kb.feed('retirejs', feed, { name: 'all' })], { force: true })
  await world.knowledge.refresh()
  await world.rejudge.settled()
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')

  const at = new Map<string, number>()
  for (const age of ['old', 'fixed'] as const) {
    for (const one of libraryProducts) at.set(`${one.name} ${age}`, await servePage(t, root, one, age))
    for (const one of serverProducts) at.set(`${one.name} ${age}`, await startServer(t, root, one, age))
  }
  const events = await scan(t, asset, [...at.values()], poolAsks([...world.knowledge.of(tenant).signatures.values()]))
  const pages = new Set(events.flatMap((event) => (event.type === 'seen' && event.seen.kind === 'http' && event.seen.data.path === '/' ? [event.seen.at.port!] : [])))
  assert.deepEqual([...at].filter(([, port]) => !pages.has(port)).map(([name]) => name), [], 'every one of them was looked at')
  await world.scan(tenant, events)
  const findings = await findingsOf(world.store, tenant)

  const foundOn = (name: string, age: Age): readonly Shown[] => findings.filter((one) => one.port === at.get(`${name} ${age}`))
  for (const { name, old, cve, before } of libraryProducts) {
    const found = foundOn(name, 'old').find((one) => one.check === cveNumber(cve))
    assert.ok(found !== undefined, `${name} ${old}: ${cve} was not found`)
    assert.equal(found.type, 'confirmed', 'by what the file says')
    assert.match(found.result!, new RegExp(`uses ${name} ${old.replaceAll('.', '\\.')}.*before ${before.replaceAll('.', '\\.')}`))
  }
  for (const { name, old, check } of serverProducts) assert.ok(foundOn(name, 'old').some((one) => one.check === check && /root:x?:0:0/.test(one.result!)), `${name} ${old}: ${check} was not found`)
  for (const { name, fixed } of products) assert.deepEqual(foundOn(name, 'fixed').map((one) => `${one.check} ${one.result}`), [], `${name} ${fixed} is in order`)
})

async function scan(t: TestContext, asset: string, ports: readonly number[], asks: ReturnType<typeof poolAsks>): Promise<readonly ScanEvent[]> {
  const events: ScanEvent[] = []
  await runScan({
    hosts: [{ asset, address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [],
    profile: { ...standard, tcp: ports.join(','), udp: '', discovery: { alwaysUp: true, tcp: String(ports[0]) } },
    asks, probes, now: Date.now, signal: t.signal, sink: (event) => void events.push(event),
  })
  return events
}
