import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordTopTen } from '#platform/kb/top-ten.ts'
import { launchScan } from '#platform/scan/launch.ts'
import { host, makeHost, scan, storeKnowledge } from './finding-world.ts'
import { register } from './registered.ts'
import { signUp, withServer, type Browser } from './server.ts'

const server = await withServer({ after: (work) => test.after(work) })
const { store } = server.database
await storeKnowledge(store)

const top = async (browser: Browser, of = 'organisation') => {
  const answer = await server.app.inject({ url: `/api/v1/kb/top10?of=${of}`, headers: browser.headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}
const told = (list: any) => [list.scanned, list.items.map((one: any) => [one.check, one.hosts, one.prevalence, one.score])]

type Seen = 'open' | 'old' | 'both' | 'nothing'
/** Hosts that are there by address alone: no packet is sent anywhere. */
async function organisation(hosts: Readonly<Record<string, Seen>>): Promise<Browser> {
  const manager = await signUp(server)
  for (const [address, what] of Object.entries(hosts)) {
    const seen = host(await makeHost(store, manager.tenant, address), address)
    await scan(store, manager.tenant, [[
      seen.up, ...(what === 'open' || what === 'both' ? [seen.service(6379, { facts: { open: true } })] : []), ...(what === 'old' || what === 'both' ? [seen.service(80, { version: '1.0' })] : []), seen.done(),
    ]])
  }
  return manager
}

const now = new Date()

test('of all together nothing is told that fewer than five organisations have; one of its own comes by share, severity and exploitation', async () => {
  const first = await organisation({ '127.0.9.1': 'both', '127.0.9.2': 'old', '127.0.9.3': 'nothing', '127.0.9.4': 'nothing', '203.0.113.7': 'open', '198.51.100.2': 'nothing' })
  const own = await top(first)
  assert.deepEqual(told(own.internal), [4, [[2, 2, 0.5, 0.3], [1, 1, 0.25, 0.25]]])
  assert.deepEqual(told(own.external), [2, [[1, 1, 0.5, 0.5]]])
  await store.platform(({ sql }) => sql`insert into signature_threat (signature_id, exploited_since, exploited_by, ransomware) values (1, '2026-01-01', 'CVE-2026-1', false)`)
  assert.deepEqual((await top(first)).internal.items.map((one: any) => [one.rank, one.check, one.exploited, one.score]), [[1, 1, true, 0.5], [2, 2, false, 0.3]])

  for (let n = 0; n < 3; n++) await organisation({ [`127.0.9.${20 + n}`]: 'open', '192.0.2.1': 'old' })
  await recordTopTen(store, now)
  const few = await top(first, 'platform')
  assert.deepEqual([few.internal.items, few.external.items, few.internal.scanned], [[], [], 0])
  assert.match(few.why, /at least five organisations/)

  const fifth = await organisation({ '127.0.9.30': 'open' })
  await recordTopTen(store, now)
  const all = await top(fifth, 'platform')
  assert.deepEqual(told(all.internal), [8, [[1, 5, 0.625, 1.25]]], 'check 2 is inside at one organisation only')
  assert.deepEqual(all.external.items, [], 'four organisations have public addresses')
  const found = async (browser: Browser, q: string) => (await server.app.inject({ url: `/api/v1/findings?q=${encodeURIComponent(q)}`, headers: browser.headers })).json().items.map((one: any) => one.signature).sort()
  assert.deepEqual(await found(first, 'list:"Top 10 internal"'), [1, 1, 2, 2])
  assert.deepEqual(await found(first, 'top10:external'), [1, 1])

  // What is most widespread here is told by findings: not to who may not see any.
  const outsider = await signUp(server, 'knowledgebase_only', first.tenant)
  const checks = async (browser: Browser, q: string) => (await server.app.inject({ url: `/api/v1/kb?q=${encodeURIComponent(q)}`, headers: browser.headers })).json().items.map((one: any) => one.id)
  const preview = async (browser: Browser) => {
    const { count, items } = (await server.app.inject({ method: 'POST', url: '/api/v1/search-lists/preview', headers: browser.headers, payload: { query: 'top10:internal' } })).json()
    return [count, items.length]
  }
  assert.deepEqual([await checks(first, 'top10:internal'), await preview(first)], [[1, 2], [2, 2]])
  assert.deepEqual([await checks(outsider, 'top10:internal'), await checks(outsider, 'list:"Top 10 internal"'), await preview(outsider)], [[], [], [0, 0]])

  await register(server, first, '127.0.9.0/24')
  const profiles = (await server.app.inject({ url: '/api/v1/profiles', headers: first.headers })).json().items as readonly Readonly<{ id: string; name: string; shipped: boolean }>[]
  const profile = profiles.find((one) => one.shipped && one.name === 'Top 10')!
  const { id } = await store.write(first.tenant, (tx) =>
    launchScan(tx, { targets: '127.0.9.1', profileId: profile.id }, { by: null, kind: 'onDemand', schedule: null, scope: null, content: 'test', now: Date.now() }, new Map()))
  const [scanned] = await store.read(first.tenant, ({ sql }) => sql<{ signatures: number[] }[]>`select profile -> 'signatures' as signatures from scan where tenant_id = ${first.tenant} and id = ${id}`)
  assert.deepEqual(scanned!.signatures, [1, 2])
})

test('who has none of their own looks for the ones of all; what is disabled, ignored or fixed does not count', async () => {
  const clean = await organisation({ '127.0.10.1': 'nothing' })
  await recordTopTen(store, now)
  const rows = await store.read(clean.tenant, ({ sql }) => sql`select side, own, signature_id, hosts, scanned from top_ten where tenant_id = ${clean.tenant}`)
  assert.deepEqual(rows.map((row) => ({ ...row })), [{ side: 'internal', own: false, signature_id: 1, hosts: 0, scanned: 0 }])
  assert.deepEqual((await top(clean)).internal.items, [])

  const manager = await organisation({ '127.0.10.2': 'open' })
  const edit = (payload: object) => server.app.inject({ method: 'PATCH', url: '/api/v1/kb/1/edit', headers: manager.headers, payload })
  assert.equal((await top(manager)).internal.items.length, 1)
  await edit({ disabled: true })
  assert.equal((await top(manager)).internal.items.length, 0)
  await edit({ disabled: false, severity: 3 })
  assert.equal((await top(manager)).internal.items.length, 0, 'the severity of the organisation counts')
})
