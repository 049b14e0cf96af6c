import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Profile } from '#core/profile.ts'
import { lookedFor } from '#platform/kb/search-list.ts'
import { launchScan } from '#platform/scan/launch.ts'
import { register } from './registered.ts'
import { host, makeHost, scan, storeKnowledge } from './finding-world.ts'
import { signUp, withServer, type Browser } from './server.ts'

const server = await withServer({ after: (work) => test.after(work) })
const { store } = server.database
await storeKnowledge(store)

type Answer = Readonly<{ status: number; body: any }>
const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', browser: Browser, path: string, payload?: object): Promise<Answer> => {
  const answer = await server.app.inject({ method, url: `/api/v1${path}`, headers: browser.headers, ...(payload === undefined ? {} : { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
const numbers = async (browser: Browser, q: string) => {
  const answer = await call('GET', browser, `/findings?q=${encodeURIComponent(q)}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return (answer.body.items as readonly any[]).map((one) => one.signature as number).sort((a, b) => a - b)
}

async function filled(): Promise<Browser> {
  const manager = await signUp(server)
  const asset = await makeHost(store, manager.tenant, '127.0.8.1')
  const seen = host(asset, '127.0.8.1')
  await scan(store, manager.tenant, [[seen.up, seen.port(6379), seen.service(6379, { facts: { open: true } }), seen.service(80, { version: '1.0' }), seen.http(8080, 200), seen.done()]])
  return manager
}

test('a static and a dynamic list are found by, in queries for findings and checks, in facets and for bulk changes', async () => {
  const manager = await filled()
  const fixed = await call('POST', manager, '/search-lists', { name: 'PCI things', checks: '1, 3 CVE-2024-6387' })
  assert.equal(fixed.status, 201, JSON.stringify(fixed.body))
  assert.deepEqual([fixed.body.kind, fixed.body.checks, fixed.body.count, fixed.body.term], ['static', [1, 3, 1340006387], 3, 'list:"PCI things"'])
  const moving = await call('POST', manager, '/search-lists', { name: 'Bad', query: 'severity:>=4 type:confirmed,potential' })
  assert.deepEqual([moving.body.kind, moving.body.count], ['dynamic', 3])
  assert.deepEqual(await numbers(manager, 'list:"PCI things"'), [1, 3])
  assert.deepEqual(await numbers(manager, 'list:"pci THINGS" severity:5'), [1])
  assert.deepEqual(await numbers(manager, 'list:bad'), [1, 2])
  assert.deepEqual(await numbers(manager, 'list:bad,pci*'), [1, 2, 3])
  assert.deepEqual(await numbers(manager, '-list:bad'), [3, 6])
  assert.deepEqual(await numbers(manager, 'list:"Urgent and critical"'), [1, 2])
  assert.deepEqual((await call('GET', manager, '/kb?q=list:bad')).body.items.map((one: any) => one.id).sort(), [1, 2, 5])
  assert.equal((await call('GET', manager, `/findings/facets?q=${encodeURIComponent('list:bad')}`)).body.total, 2)
  assert.equal((await call('GET', manager, '/findings?q=list:nothere')).status, 400)
  assert.equal((await call('POST', manager, '/findings/ignore', { q: 'list:bad', reason: 'later', comment: 'all of them' })).body.changed, 2)
  assert.deepEqual(await numbers(manager, 'list:bad'), [])
})

test('a list is tried when it is made, and shows what it would hold', async () => {
  const manager = await filled()
  const preview = await call('POST', manager, '/search-lists/preview', { query: 'category:"Web application" or cve:CVE-2026-1000' })
  assert.deepEqual([preview.body.count, preview.body.findings, preview.body.hosts, preview.body.items.map((one: any) => one.id)], [2, 2, 1, [2, 3]])
  const fixed = (await call('POST', manager, '/search-lists/preview', { checks: '3,CVE-2024-6387,77' })).body
  assert.deepEqual([fixed.count, fixed.findings, fixed.unknown.toSorted((a: string, b: string) => a.localeCompare(b))], [3, 1, ['77', 'CVE-2024-6387']])
  for (const [payload, code] of [
    [{ query: 'nofield:1' }, 'query.unknown_field'], [{ query: 'severity:high' }, 'query.bad_value'], [{ query: 'list:x' }, 'list.nested'], [{ checks: '1 two' }, 'list.bad_number'], [{}, 'list.nothing'],
    [{ checks: '1', query: 'severity:5' }, 'list.nothing'], [{ checks: '99999999999' }, 'list.bad_number'],
  ] as const) {
    const answer = await call('POST', manager, '/search-lists', { name: `List ${code}`, ...payload })
    assert.deepEqual([answer.status >= 400 && answer.status < 500, answer.body.code], [true, code])
  }
  assert.equal((await call('POST', manager, '/search-lists', { name: 'pci FAILS', checks: '1' })).body.code, 'list.name_taken')
})

test('a list changes, is refused as another kind, and goes only when nothing uses it', async () => {
  const manager = await filled()
  const { id } = (await call('POST', manager, '/search-lists', { name: 'Files', checks: '3' })).body
  const profile = (await call('POST', manager, '/profiles', { name: 'Files only', settings: { lists: { include: [id], exclude: [] } } })).body
  assert.deepEqual(profile.settings.lists, { include: [id], exclude: [] })
  const refused = await call('DELETE', manager, `/search-lists/${id}`)
  assert.deepEqual([refused.status, refused.body.detail.includes('"Files only"')], [409, true])
  assert.deepEqual((await call('GET', manager, `/search-lists/${id}`)).body.usedBy, { profiles: ['Files only'] })
  assert.equal((await call('PATCH', manager, `/search-lists/${id}`, { query: 'severity:5' })).body.code, 'list.kind')
  assert.deepEqual((await call('PATCH', manager, `/search-lists/${id}`, { name: 'Open files', checks: '3 2' })).body.checks, [2, 3])
  assert.equal((await call('DELETE', manager, `/profiles/${profile.id}`)).status, 204)
  assert.equal((await call('DELETE', manager, `/search-lists/${id}`)).status, 204)
  assert.equal((await call('GET', manager, `/search-lists/${id}`)).status, 404)
  const [shipped] = (await call('GET', manager, '/search-lists')).body.items
  assert.deepEqual([(await call('DELETE', manager, `/search-lists/${shipped.id}`)).body.code, (await call('PATCH', manager, `/search-lists/${shipped.id}`, { name: 'x' })).body.code], ['list.shipped', 'list.shipped'])
  const stranger = await signUp(server)
  const { id: mine } = (await call('POST', manager, '/search-lists', { name: 'Mine', checks: '1' })).body
  assert.equal((await call('GET', stranger, `/search-lists/${mine}`)).status, 404)
  assert.equal((await call('POST', stranger, '/profiles', { name: 'Theirs', settings: { lists: { include: [mine], exclude: [] } } })).status, 404)
  const reader = await signUp(server, 'reader', manager.tenant)
  assert.equal((await call('POST', reader, '/search-lists', { name: 'No', checks: '1' })).status, 403)
})

test('a scan keeps what the lists of its profile held when it was launched', async () => {
  const manager = await filled()
  await register(server, manager, '127.0.8.0/28')
  const include = (await call('POST', manager, '/search-lists', { name: 'In', query: 'severity:>=3 type:confirmed' })).body.id
  const exclude = (await call('POST', manager, '/search-lists', { name: 'Out', checks: '3' })).body.id
  const profile = (await call('POST', manager, '/profiles', { name: 'Narrow', settings: { lists: { include: [include], exclude: [exclude] } } })).body
  const launch = (profileId: string) => store.write(manager.tenant, (tx) =>
    launchScan(tx, { targets: '127.0.8.1', profileId }, { by: null, kind: 'onDemand', schedule: null, scope: null, content: 'test', now: Date.now() }, new Map()))
  const { id } = await launch(profile.id)
  const stored = async () => (await store.read(manager.tenant, ({ sql }) => sql<{ profile: Profile }[]>`select profile from scan where tenant_id = ${manager.tenant} and id = ${id}`))[0]!.profile
  assert.deepEqual([(await stored()).signatures, (await stored()).exclude], [[1, 3, 5], [3]])
  await call('PATCH', manager, `/search-lists/${include}`, { query: 'severity:1' })
  assert.deepEqual((await stored()).signatures, [1, 3, 5], 'what was launched stays')
  await call('PATCH', manager, `/search-lists/${include}`, { query: 'severity:3' })
  await assert.rejects(launch(profile.id), /hold no check at this moment/)
})

test('a scan with a dynamic list looks for checks that came to be known after its launch, and not for what its lists exclude', async () => {
  const manager = await filled()
  const late = 1_340_009_999
  await store.platform(({ sql }) => sql`
    insert into signature (id, version, title, category, severity, type, kind, cve, cwe, products, threat, impact, solution, reference, published, changed, retired, search)
    values (${late}, 1, 'CVE-2024-9999', 'Known vulnerability', 5, 'confirmed', 'range', ${['CVE-2024-9999']}, '{}', ${['acme:late']}, '', '', '', '{}', '2026-01-01', '2026-01-01', false, 'late')
    on conflict (id) do nothing`)
  const meant = (profile: Parameters<typeof lookedFor>[1]) => store.read(manager.tenant, async (tx) => [1, 2, 3, late].filter(await lookedFor(tx, profile, [1, 2, 3, late], new Date())))
  assert.deepEqual(await meant({ signatures: 'all', exclude: [3] }), [1, 2, late])
  assert.deepEqual(await meant({ signatures: [1], exclude: [] }), [1])
  assert.deepEqual(await meant({ signatures: [1], exclude: [], later: { include: ['severity:5 product:late'], exclude: [] } }), [1, late])
  assert.deepEqual(await meant({ signatures: 'all', exclude: [2], later: { include: [], exclude: ['cve:CVE-2024-*'] } }), [1, 3])
})
