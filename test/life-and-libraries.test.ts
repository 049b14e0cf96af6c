import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Cycle, FeedRecord, Library } from '#core/knowledge/record.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import { affected, cvss, statement } from '#knowledge/testing-records.ts'
import { startRejudge } from '#platform/observation/rejudge.ts'
import { makeTenant } from './database.ts'
import { makeHost } from './finding-world.ts'
import { findingsOf, rejudgeWorld, seenHost, shippedCheck, type RejudgeWorld } from './rejudge-world.ts'

const noon = Date.UTC(2026, 2, 3, 12)
const day = 86_400_000
const cve = 'CVE-2020-11022'

const life = (key: string, title: string, cpe: readonly string[], cycles: readonly Cycle[]): FeedRecord => ({ record: 'lifecycle', key, title, category: 'server-app', cpe, purl: [], cycles })
const lives = (end: string): readonly FeedRecord[] => [
  life('acme-httpd', 'Acme httpd', ['cpe:2.3:a:acme:httpd:*:*:*:*:*:*:*:*'], [{ cycle: '1.40', endOfLife: '2020-01-01' }, { cycle: '1.4', endOfLife: end, latest: '1.4.9', latestReleased: '2019-05-05' }]),
  life('debian', 'Debian', ['cpe:2.3:o:debian:debian_linux:*:*:*:*:*:*:*:*'], [{ cycle: '12', endOfLife: end, endOfExtendedSupport: '2099-06-30' }]),
  life('bash', 'Bash', ['cpe:2.3:a:gnu:bash:*:*:*:*:*:*:*:*'], [{ cycle: '5', endOfLife: '2020-01-01' }]),
]
const jquery: Library = {
  record: 'library', key: 'jquery', uri: ['/([0-9][0-9.a-z_-]+)/jquery(\\.min)?\\.js'], filename: [], content: ['/\\*!? jQuery v([0-9][0-9.a-z_-]+)'], contentReplace: [], hashes: {}, skipped: [],
}
const flaw: readonly FeedRecord[] = [statement(cve, { title: 'XSS in jQuery', cvss: [cvss(6.1)] }), affected(cve, 'retire.js', 'jquery', '3.5.0')]

/** The next release, with these feeds as they are now. */
async function release(world: RejudgeWorld, source: 'endoflife' | 'retirejs' | 'osv', records: readonly FeedRecord[]): Promise<void> {
  await world.kb.build([world.kb.feed(source, records, { name: 'all' })], { force: true })
  await world.knowledge.refresh()
  await world.rejudge.settled()
}

function withPage(events: readonly ScanEvent[], body: string): readonly ScanEvent[] {
  return events.map((event) => (event.type === 'seen' && event.seen.kind === 'http'
    ? { ...event, seen: { ...event.seen, data: { ...event.seen.data, headers: { ...event.seen.data.headers, 'content-type': 'text/html' }, body } } } : event))
}

const byPort = <T extends Readonly<{ port: number }>>(rows: readonly T[]): readonly T[] => rows.toSorted((a, b) => a.port - b.port)

test('stored software whose support is over is told when a release brings its life cycle: of products and of distributions, and of nothing else', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  await release(world, 'osv', [statement('CVE-2020-0001')])
  await world.scan(tenant, seenHost(asset, { web: '1.4.2', packages: { 'base-files': '12.4+deb12u5', bash: '5.2-1' } }), noon)
  assert.deepEqual(await findingsOf(world.store, tenant), [])
  await release(world, 'endoflife', lives('2025-06-30'))
  const found = byPort(await findingsOf(world.store, tenant))
  assert.deepEqual(found.map((row) => [row.port, row.package, row.type, row.status, row.via]), [[0, 'base-files', 'potential', 'new', noon], [80, 'acme:httpd', 'potential', 'new', noon]])
  assert.match(found[0]!.result!, /^Debian 12 is no longer supported\. The package base-files 12\.4\+deb12u5 is one of Debian:12\. Support ended on 2025-06-30 \(endoflife\.date, debian\)/)
  assert.match(found[1]!.result!, /^Acme httpd 1\.4 is no longer supported\. httpd 1\.4\.2 is installed\. .* The last version of this line is 1\.4\.9 of 2019-05-05\.$/)
  const [check] = await world.store.platform(({ sql }) => sql`select title, severity, category from signature where id = ${found[1]!.check}`)
  assert.deepEqual({ ...check }, { title: 'Acme httpd: unsupported version', severity: 4, category: 'Unsupported software' })
  // Supported longer, as the next release says: taken back. Tested again, it is by a test.
  await release(world, 'endoflife', lives('2098-06-30'))
  assert.deepEqual((await findingsOf(world.store, tenant)).map((row) => [row.status, row.retracted]), [['fixed', true], ['fixed', true]])
  await release(world, 'endoflife', lives('2025-06-30'))
  await world.scan(tenant, seenHost(asset, { web: '1.5.0', packages: { 'base-files': '12.4+deb12u5' } }))
  assert.deepEqual(byPort(await findingsOf(world.store, tenant)).map((row) => row.status), ['active', 'fixed'])
})

test('support that ends by the passing of days is told without a scan or a release', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  const last = new Date(Date.now() + 10 * day)
  await release(world, 'endoflife', lives(last.toISOString().slice(0, 10)))
  await world.scan(tenant, seenHost(asset, { web: '1.4.2', packages: { 'base-files': '12.4+deb12u5' } }))
  const after = async (at: number): Promise<readonly number[]> => {
    const later = startRejudge({ store: world.store, knowledge: world.knowledge, folder: world.kb.folder, rest: 0, now: () => at, onError: (error) => assert.fail(String(error)) })
    await later.settled()
    await later.stop()
    return byPort(await findingsOf(world.store, tenant)).map((row) => row.port)
  }
  assert.deepEqual(await after(last.getTime()), [])
  assert.deepEqual(await after(last.getTime() + day), [0, 80])
})

test('a check of ours about the product decides instead, and what a distribution built or packaged is not judged by upstream', async (t) => {
  const ours = shippedCheck(1, 0).replace('category: Web application', 'category: Unsupported software').replace('on: http', 'on: service\n  versioned: false').replace('{ field: status, is: 0 }', '{ field: version, version: "<1.0" }')
    .replace('"Status {status}"', '"{version}"').replace('fires: [{ status: 0 }]', 'products: ["acme:httpd"]\n  fires: [{ name: http, version: "0.9" }]').replace('spares: [{ status: 404 }]', 'spares: [{ name: http, version: "1.4" }]')
  const portsWith = async (shipped: string, change: (event: ScanEvent) => ScanEvent, packages: Readonly<Record<string, string>> = { bash: '5.2-1' }): Promise<readonly number[]> => {
    const world = await rejudgeWorld(t, shipped)
    const tenant = await makeTenant(world.store)
    await release(world, 'endoflife', lives('2025-06-30'))
    await world.scan(tenant, seenHost(await makeHost(world.store, tenant, '127.0.0.1'), { web: '1.4.2', packages }).map(change))
    assert.equal(world.knowledge.of(tenant).signatures.size, shipped === '' ? 0 : 1)
    return (await findingsOf(world.store, tenant)).map((row) => row.port)
  }
  const as = (more: object) => (event: ScanEvent): ScanEvent => (event.type === 'seen' && event.seen.kind === 'service' ? { ...event, seen: { ...event.seen, data: { ...event.seen.data, ...more } } } : event)
  assert.deepEqual(await portsWith('', (event) => event), [80])
  assert.deepEqual(await portsWith(ours, (event) => event), [])
  assert.deepEqual(await portsWith('', as({ distro: 'debian' })), [])
  assert.deepEqual(await portsWith('', as({ banner: 'Acme/1.4.2 (CentOS)' })), [])
  assert.deepEqual(await portsWith('', (event) => event, { httpd: '1.4.2-3' }), [])
})

test('client-side libraries of stored pages are judged when a release knows them; a page that is new is judged as it comes', async (t) => {
  const world = await rejudgeWorld(t)
  const [old, fresh] = [await makeTenant(world.store, 'Old'), await makeTenant(world.store, 'Fresh')]
  const page = withPage(seenHost(await makeHost(world.store, old, '127.0.0.1'), { web: '1.4.2' }), '<p>/*! jQuery v1.1.1</p><script src="https://cdn.example/3.4.1/jquery.min.js"></script>')
  await release(world, 'osv', [statement('CVE-2020-0001')])
  await world.scan(old, page, noon)
  assert.deepEqual(await findingsOf(world.store, old), [])
  await release(world, 'retirejs', [jquery, ...flaw])
  const [one, ...rest] = await findingsOf(world.store, old)
  assert.deepEqual([rest.length, one?.check, one?.port, one?.package, one?.type, one?.status, one?.via], [0, cveNumber(cve), 80, 'jquery', 'potential', 'new', noon])
  assert.match(one!.result!, /^The page \/ uses jquery 3\.4\.1, as its address alone tells\. Affected: before 3\.5\.0 \(retirejs, CVE-2020-11022\)\. Fixed in 3\.5\.0\.$/)
  const host = await makeHost(world.store, fresh, '127.0.0.1')
  await world.scan(fresh, withPage(seenHost(host, { web: '1.4.2' }), '<script>/*! jQuery v3.4.1 | (c) JS Foundation */</script>'))
  assert.deepEqual((await findingsOf(world.store, fresh)).map((row) => [row.check, row.type, row.status, row.via]), [[cveNumber(cve), 'confirmed', 'new', null]])
  await world.scan(fresh, withPage(seenHost(host, { web: '1.4.2' }), '<script>/*! jQuery v3.5.0 | (c) JS Foundation */</script>'))
  assert.deepEqual((await findingsOf(world.store, fresh)).map((row) => row.status), ['fixed'])
})
