import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cveNumber } from '#core/knowledge/number.ts'
import { bench } from '#knowledge/testing-records.ts'
import { openKnowledgeHolder } from '#platform/kb/holder.ts'
import { uploadPackages } from '#platform/observation/upload.ts'
import { readInventory } from '#formats/inventory/read.ts'
import { forgetGone } from '#platform/observation/retention.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { newId } from '#store/id.ts'
import { makeHost } from './finding-world.ts'
import { advisory, eventsOf, findingsOf, seenHost, upstream } from './rejudge-world.ts'
import { signUp, withServer, type Browser } from './server.ts'

const [one, two, three] = ['CVE-2026-2001', 'CVE-2026-2002', 'CVE-2026-2003']
const day = (n: number): number => Date.UTC(2026, 2, n, 12)

async function open(t: TestContext) {
  const kb = bench(t)
  const content = mkdtempSync(join(tmpdir(), 'vigil-content-'))
  mkdirSync(join(content, 'signatures'))
  t.after(() => rmSync(content, { recursive: true, force: true }))
  await kb.build([kb.feed('osv', [...advisory(one, 'openssl', '3.0.11-1~deb12u3'), ...upstream(two, 'acme:httpd', '2.0'), ...advisory(three, 'zlib', '1:1.3-1')], { name: 'all' })])
  const server = await withServer(t, async ({ store }, closing) => {
    const judging = await openKnowledgeHolder({ store, content, folder: kb.folder })
    closing(() => judging.stop())
    return { judging, knowledge: judging.base }
  })
  const browser = await signUp(server)
  const { store } = server.database
  const call = async (method: 'GET' | 'POST', path: string, payload?: object, as: Browser = browser) => {
    const answer = await server.app.inject({ method, url: `/api/v1${path}`, headers: as.headers, ...(payload === undefined ? {} : { payload }) })
    return { status: answer.statusCode, body: answer.json<Record<string, never>>() as Record<string, any> }
  }
  return { kb, server, store, browser, call, judging: server.context.judging!, asset: await makeHost(store, browser.tenant, '127.0.0.1') }
}

const dpkg = (versions: Readonly<Record<string, string>>): string => Object.entries(versions).map(([name, version]) => `lib${name}\t${version}\tamd64\t${name}\t${version}\tii `).join('\n')

test('an inventory is a test of its packages: found, found again, fixed when gone, each origin for itself', async (t) => {
  const { store, browser, call, asset } = await open(t)
  const path = `/assets/${asset}/packages`
  const first = await call('POST', path, { distribution: 'Debian:12', text: `${dpkg({ openssl: '3.0.11-1~deb12u1', zlib: '1:1.2.13-1', bash: '5.2-1' })}\nnot a line\nlibgone\t1\tamd64\tgone\t1\trc ` })
  assert.equal(first.status, 200)
  assert.deepEqual(first.body, {
    origin: 'dpkg', format: 'dpkg', total: 3, added: 3, gone: 0, matched: true, findings: { new: 2, reopened: 0, fixed: 0 },
    unused: [{ reason: 'not-a-line-of-dpkg', count: 1, examples: ['not a line'] }, { reason: 'not-installed', count: 1, examples: ['libgone 1 amd64 gone 1 rc'] }],
  })
  await call('POST', path, { origin: 'build server', packages: [{ ecosystem: 'Debian:12', name: 'libzlib', source: 'zlib', sourceVersion: '1:1.2.13-1', version: '1:1.2.13-1', architecture: 'amd64' }] })
  const second = await call('POST', path, { distribution: 'Debian:12', text: dpkg({ openssl: '3.0.11-1~deb12u3', bash: '5.2-1' }) })
  assert.deepEqual([second.body['added'], second.body['gone'], second.body['findings']], [1, 2, { new: 0, reopened: 0, fixed: 1 }])
  assert.deepEqual((await findingsOf(store, browser.tenant)).map((row) => [row.check, row.status, row.times, row.via]), [[cveNumber(one), 'fixed', 1, null], [cveNumber(three), 'active', 2, null]])
  const list = await call('GET', `/assets/${asset}/software?limit=2`)
  assert.equal(list.body['total'], 3)
  assert.deepEqual(list.body['items'].map((row: any) => [row.name, row.version, row.vulnerabilities, row.worst, row.origins.map((origin: any) => origin.origin)]), [['libzlib', '1:1.2.13-1', 1, 4, ['build server']], ['libbash', '5.2-1', 0, 0, ['dpkg']]])
  const rest = await call('GET', `/assets/${asset}/software?limit=2&after=${list.body['next']}`)
  assert.deepEqual([rest.body['items'].map((row: any) => row.name), rest.body['next']], [['libopenssl'], null])
  assert.deepEqual((await call('GET', `/assets/${asset}/software?vulnerable=true`)).body['items'].map((row: any) => row.name), ['libzlib'])
  const [entry] = await store.read(browser.tenant, ({ sql, tenant }) => sql`select details from audit_event where tenant_id = ${tenant} and action = 'asset.packages_uploaded' order by seq limit 1`)
  assert.deepEqual([entry!['details'].origin, entry!['details'].total], ['dpkg', 3])
})

test('bills of materials, rpm lines and lists are read; what is none of them is refused, and so is who may not', async (t) => {
  const { server, browser, call, asset } = await open(t)
  const path = `/assets/${asset}/packages`
  const cyclonedx = { bomFormat: 'CycloneDX', specVersion: '1.5', components: [{ name: 'openssl', purl: 'pkg:deb/debian/openssl@3.0.11-1~deb12u1?arch=amd64&distro=debian-12', components: [{ name: 'httpd', cpe: 'cpe:2.3:a:acme:httpd:1.4:*:*:*:*:*:*:*' }] }, { name: 'x' }] }
  const bill = await call('POST', path, { text: JSON.stringify(cyclonedx) })
  assert.deepEqual([bill.body['format'], bill.body['total'], bill.body['findings'], bill.body['unused'].map((row: any) => row.reason)], ['cyclonedx', 2, { new: 2, reopened: 0, fixed: 0 }, ['no-package-url']])
  const spdx = { spdxVersion: 'SPDX-2.3', packages: [{ name: 'zlib', externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:deb/debian/zlib1g@1.2.13-1?epoch=1&upstream=zlib%401%3A1.2.13-1&distro=bookworm' }] }] }
  assert.deepEqual((await call('POST', path, { text: JSON.stringify(spdx) })).body['findings'], { new: 1, reopened: 0, fixed: 0 })
  const rpm = await call('POST', path, { distribution: 'Red Hat:9', text: 'openssl-libs\t1:3.0.7-24.el9\tx86_64\topenssl-3.0.7-24.el9.src.rpm\nbash-5.1.8-6.el9.x86_64' })
  assert.deepEqual([rpm.body['format'], rpm.body['total']], ['rpm', 2])
  assert.equal((await call('POST', path, { text: '{"a":1}' })).body['code'], 'inventory.format')
  assert.equal((await call('POST', path, { text: '[{"a":' })).body['code'], 'inventory.format')
  assert.equal((await call('POST', path, { text: 'a\t1' })).body['code'], 'inventory.distribution')
  assert.equal((await call('POST', path, {})).body['code'], 'inventory.which')
  const reader = await signUp(server, 'reader', browser.tenant)
  assert.equal((await call('POST', path, { packages: [] }, reader)).status, 403)
  // A reader whose groups do not hold the host does not know it.
  assert.equal((await call('GET', `/assets/${asset}/software`, undefined, reader)).status, 404)
})

test('who had it on a day, had we known: by intervals of software and observations, within the scope of who asks', async (t) => {
  const { server, store, browser, call, judging, asset } = await open(t)
  const { tenant } = browser
  const actor = { user: { id: browser.user, name: 'Ada', email: browser.email }, tenant, role: 'manager', scope: null, via: { kind: 'session', id: browser.user }, ip: null } as const
  const upload = (on: number, version: string) => store.write(tenant, (tx) =>
    uploadPackages(tx, () => judging.of(tenant), actor, asset, 'dpkg', readInventory({ format: 'dpkg', distribution: 'Debian:12', text: dpkg({ openssl: version }) }), day(on)))
  await upload(1, '3.0.11-1~deb12u1')
  await upload(3, '3.0.11-1~deb12u1')
  await upload(5, '3.0.11-1~deb12u3')
  const other = await makeHost(store, tenant, '127.0.0.2')
  const scan = (on: number, web: string) => store.write(tenant, (tx) =>
    takeEvents(tx, () => judging.of(tenant), { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now: day(on) }, seenHost(other, { web }).map((event) => JSON.parse(JSON.stringify(event).replaceAll('"127.0.0.1"', '"127.0.0.2"')) as typeof event)))
  await scan(2, '1.4')
  await scan(4, '2.1')
  const exposed = async (cve: string, on: number, as = browser) => {
    const { body } = await call('GET', `/kb/vulnerabilities/${cve}/exposure?on=2026-03-0${on}`, undefined, as)
    return [body['hosts'], body['still'], body['items'].map((host: any) => [host.asset.address, host.had.map((had: any) => [had.text, had.type, had.firstSeenAt.slice(8, 10), had.goneAt?.slice(8, 10)])])]
  }
  const openssl = [1, 0, [['127.0.0.1', [['libopenssl 3.0.11-1~deb12u1', 'confirmed', '01', '05']]]]]
  assert.deepEqual(await exposed(one, 3), openssl)
  assert.deepEqual(await exposed(one, 5), openssl, 'on the day it went it was there')
  assert.deepEqual(await exposed(one, 6), [0, 0, []])
  assert.deepEqual(await exposed(two, 3), [1, 0, [['127.0.0.2', [['acme:httpd 1.4', 'potential', '02', '04']]]]])
  assert.deepEqual(await exposed(two, 1), [0, 0, []])
  const { body } = await call('GET', `/kb/vulnerabilities/${one}/exposure?on=2026-03-03`)
  assert.deepEqual([body['storedSince'], body['software'], body['on']], ['2026-03-01', 1, '2026-03-03'])
  assert.equal((await call('GET', `/kb/vulnerabilities/${one}/exposure?on=2026-02-30`)).body['code'], 'query.bad_value')
  assert.equal((await call('GET', '/kb/vulnerabilities/CVE-1999-0001/exposure')).status, 404)
  const group = await call('POST', '/groups', { name: 'Second', text: '127.0.0.2' })
  const reader = await signUp(server, 'reader', tenant, [String(group.body['id'])])
  assert.deepEqual((await exposed(one, 3, reader))[0], 0)
  assert.deepEqual((await exposed(two, 3, reader))[0], 1)
  const pieces = async (as: typeof browser) => (await call('GET', `/kb/vulnerabilities/${one}/exposure?on=2026-03-03`, undefined, as)).body['software']
  assert.deepEqual([await pieces(browser), await pieces(reader)], [1, 0], 'software of hosts that the reader does not see is not counted')
  const stranger = await signUp(server)
  assert.deepEqual((await exposed(two, 3, stranger))[0], 0)
  assert.deepEqual((await eventsOf(store, tenant)).map((event) => event.split(' ')[0]), ['new', 'new', 'fixed', 'fixed'])
  // What has been gone for long is forgotten, what is there is not.
  await forgetGone(store, new Date(day(5) + 401 * 86_400_000))
  assert.deepEqual(await exposed(one, 3), [0, 0, []])
  assert.equal((await call('GET', `/assets/${asset}/software`)).body['total'], 1)
})

test('the same version listed again, when the KnowledgeBase calls it affected no more, is taken back and not called fixed', async (t) => {
  const { kb, store, browser, judging, asset } = await open(t)
  const { tenant } = browser
  const actor = { user: { id: browser.user, name: 'Ada', email: browser.email }, tenant, role: 'manager', scope: null, via: { kind: 'session', id: browser.user }, ip: null } as const
  const upload = (on: number, versions: Readonly<Record<string, string>>) => store.write(tenant, (tx) =>
    uploadPackages(tx, () => judging.of(tenant), actor, asset, 'dpkg', readInventory({ format: 'dpkg', distribution: 'Debian:12', text: dpkg(versions) }), day(on)))
  await upload(1, { openssl: '3.0.11-1~deb12u1', zlib: '1:1.2.13-1' })
  await kb.build([kb.feed('osv', [...advisory(one, 'openssl', '3.0.11-1~deb12u1'), ...advisory(three, 'zlib', '1:1.3-1')], { name: 'all' })], { force: true })
  await judging.refresh()
  const second = await upload(2, { openssl: '3.0.11-1~deb12u1', zlib: '1:1.3-1' })
  assert.deepEqual((await findingsOf(store, tenant)).map((row) => [row.check, row.status, row.retracted]), [[cveNumber(one), 'fixed', true], [cveNumber(three), 'fixed', false]])
  assert.equal(second.findings.fixed, 1)
})
