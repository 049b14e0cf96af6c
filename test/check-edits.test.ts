import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '#store/id.ts'
import { findings, host, makeHost, scan, storeKnowledge } from './finding-world.ts'
import { signUp, withServer, type Browser } from './server.ts'

const server = await withServer({ after: (work) => test.after(work) })
const { store } = server.database
await storeKnowledge(store)

type Answer = Readonly<{ status: number; body: any }>
const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', browser: Browser, path: string, payload?: object): Promise<Answer> => {
  const answer = await server.app.inject({ method, url: `/api/v1${path}`, headers: browser.headers, ...(payload === undefined ? {} : { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
const get = (browser: Browser, path: string) => call('GET', browser, path)
const list = async (browser: Browser, q = '') => (await get(browser, `/findings?q=${encodeURIComponent(q)}`)).body.items as readonly any[]
const numbers = async (browser: Browser, q = '') => (await list(browser, q)).map((one) => one.signature as number)

/** An organisation with one host: an open store (5), an old web server (4, potential), an exposed file (3), an open port (2). */
async function filled(): Promise<Readonly<{ manager: Browser; asset: string; again: () => Promise<void> }>> {
  const manager = await signUp(server)
  const asset = await makeHost(store, manager.tenant, '127.0.7.1')
  const seen = host(asset, '127.0.7.1')
  const again = () => scan(store, manager.tenant, [[
    seen.up, seen.port(6379), seen.service(6379, { facts: { open: true } }), seen.service(80, { version: '1.0' }), seen.http(8080, 200), seen.covered('service', 'tcp:80,6379'), seen.covered('http', 'tcp:8080'),
    seen.covered('ports', 'tcp:1-65535'), seen.done(),
  ]], { scan: newId() })
  await again()
  return { manager, asset, again }
}
const hostOf = async (tenant: string, asset: string) => ({
  ...(await store.read(tenant, ({ sql }) => sql`select open1, open2, open3, open4, open5, risk from asset_host where tenant_id = ${tenant} and id = ${asset}`))[0]!,
})
const facetTotal = async (browser: Browser, q = '') => (await get(browser, `/findings/facets?q=${encodeURIComponent(q)}`)).body.total as number

test('a severity of the organisation counts for known and for new findings, is shown with the original, and can be taken back', async () => {
  const { manager, asset, again } = await filled()
  const before = await hostOf(manager.tenant, asset)
  assert.deepEqual([before['open5'], before['open2']], [1, 1])
  const edited = await call('PATCH', manager, '/kb/1/edit', { severity: 2, comment: 'only reachable from the rack' })
  assert.equal(edited.status, 200, JSON.stringify(edited.body))
  assert.deepEqual([edited.body.severity.value, edited.body.severity.original, edited.body.severity.comment], [2, 5, 'only reachable from the rack'])
  const [finding] = await list(manager, 'check:1')
  assert.deepEqual([finding.severity, finding.originalSeverity, finding.score], [2, 5, 28])
  const after = await hostOf(manager.tenant, asset)
  assert.deepEqual([after['open5'], after['open2']], [0, 2])
  assert.ok(after['risk'] < before['risk'])
  assert.deepEqual(await numbers(manager, 'rerated:yes'), [1])
  const detail = (await get(manager, `/findings/${finding.id}`)).body
  assert.deepEqual(detail.scoreFactors, [{ name: 'Severity', value: "2, the organisation's own", points: 28, source: null }])
  assert.equal(detail.comments[0].field, 'severity')

  const second = await makeHost(store, manager.tenant, '127.0.7.2')
  const seen = host(second, '127.0.7.2')
  await scan(store, manager.tenant, [[seen.service(6379, { facts: { open: true } }), seen.done()]])
  await again()
  assert.deepEqual(new Set((await list(manager, 'check:1')).map((one) => `${one.severity} ${one.originalSeverity} ${one.status}`)), new Set(['2 5 active', '2 5 new']))

  assert.equal((await call('PATCH', manager, '/kb/1/edit', { severity: null })).body.severity, null)
  assert.deepEqual((await list(manager, 'check:1')).map((one) => [one.severity, one.originalSeverity, one.score]), [[5, null, 92], [5, null, 92]])
  assert.deepEqual(await hostOf(manager.tenant, asset), before)
  const log = (await get(manager, '/audit')).body.items.filter((entry: any) => entry.action === 'kb.check_edited')
  assert.equal(log.length, 2)
})

test('findings of a disabled check leave lists, counts, facets, reports and the dashboard, and come back with their history', async () => {
  const { manager, asset, again } = await filled()
  const before = await hostOf(manager.tenant, asset)
  const total = await facetTotal(manager)
  const [known] = await findings(store, manager.tenant)
  const edited = await call('PATCH', manager, '/kb/1/edit', { disabled: true, comment: 'a lab' })
  assert.deepEqual([edited.body.disabled.comment, edited.body.hidden], ['a lab', 1])
  assert.deepEqual((await get(manager, '/kb/applied')).body.findings, { new: 0, reopened: 0, retracted: 0 })
  // How many it hides is for who may see findings, of the hosts they may see.
  for (const other of [await signUp(server, 'knowledgebase_only', manager.tenant), await signUp(server, 'reader', manager.tenant, ['00000000-0000-7000-8000-0000000000aa'])]) {
    assert.deepEqual([(await get(other, '/kb/1/edit')).body.hidden, (await get(other, '/kb/edits')).body.items[0].hidden], [0, 0])
    const { hosts, done, findings: made } = (await get(other, '/kb/applied')).body
    assert.deepEqual([hosts, done, made], [null, null, null], 'what new knowledge found is told as findings are')
  }
  assert.deepEqual(await numbers(manager), [2, 3, 6])
  assert.equal(await facetTotal(manager), total - 1)
  assert.deepEqual(await numbers(manager, 'disabled:yes'), [1])
  assert.deepEqual(await numbers(manager, 'ignored:true'), [1])
  assert.deepEqual((await hostOf(manager.tenant, asset))['open5'], 0)
  const board = (await get(manager, '/dashboard')).body
  assert.deepEqual([board.open[4], board.since.new, board.since.worst.map((one: any) => one.signature).includes(1)], [0, 3, false])

  await again()
  const third = await makeHost(store, manager.tenant, '127.0.7.3')
  const seen = host(third, '127.0.7.3')
  await scan(store, manager.tenant, [[seen.service(6379, { facts: { open: true } }), seen.done()]])
  assert.deepEqual(await numbers(manager), [2, 3, 6], 'what is found meanwhile is hidden, too')
  const rows = (await findings(store, manager.tenant)).filter((one) => one.signature === 1)
  assert.deepEqual(new Set(rows.map((one) => `${one.status} ${one.times} ${one.ignored}`)), new Set(['active 2 true', 'new 1 true']))

  assert.equal((await call('PATCH', manager, '/kb/1/edit', { disabled: false })).body.hidden, 0)
  assert.deepEqual((await numbers(manager)).toSorted((a, b) => a - b), [1, 1, 2, 3, 6])
  assert.equal((await findings(store, manager.tenant)).find((one) => one.id === known!.id)!.first, known!.first)
  assert.equal((await hostOf(manager.tenant, asset))['open5'], before['open5'])
})

test('what people ignored stays ignored when its check was disabled and enabled', async () => {
  const { manager } = await filled()
  const [finding] = await list(manager, 'check:1')
  await call('POST', manager, '/findings/ignore', { ids: [finding.id], reason: 'acceptedRisk', comment: 'ours' })
  await call('PATCH', manager, '/kb/1/edit', { disabled: true })
  await call('POST', manager, '/findings/unignore', { ids: [finding.id] })
  assert.deepEqual(await numbers(manager, 'check:1'), [], 'the check is still disabled')
  await call('POST', manager, '/findings/ignore', { ids: [finding.id], reason: 'acceptedRisk', comment: 'ours again' })
  await call('PATCH', manager, '/kb/1/edit', { disabled: false })
  assert.deepEqual(await numbers(manager, 'check:1'), [])
  assert.equal((await get(manager, `/findings/${finding.id}`)).body.ignore.comment, 'ours again')
})

test('own words stand beside the texts, with who wrote them and when; only managers change them', async () => {
  const { manager } = await filled()
  const edited = await call('PATCH', manager, '/kb/3/edit', { threat: 'Our shop had one.', solution: 'Ask the web team.' })
  assert.deepEqual([edited.body.threat.text, edited.body.solution.text, edited.body.impact], ['Our shop had one.', 'Ask the web team.', null])
  assert.ok(edited.body.threat.by !== '' && !Number.isNaN(Date.parse(edited.body.threat.at)))
  assert.equal((await call('PATCH', manager, '/kb/3/edit', { threat: null })).body.threat, null)
  const [finding] = await list(manager, 'check:3')
  assert.deepEqual((await get(manager, `/findings/${finding.id}`)).body.comments.map((one: any) => [one.field, one.text]), [['solution', 'Ask the web team.']])
  assert.deepEqual((await get(manager, '/kb/edits')).body.items.map((one: any) => [one.check, one.title]), [[3, 'Backup file exposed']])
  for (const role of ['unit_manager', 'reader', 'scanner'] as const) {
    const other = await signUp(server, role, manager.tenant)
    assert.equal((await call('PATCH', other, '/kb/3/edit', { disabled: true })).status, 403, role)
    assert.equal((await get(other, '/kb/3/edit')).body.solution.text, 'Ask the web team.')
  }
  assert.equal((await call('PATCH', manager, '/kb/999999/edit', { disabled: true })).status, 404)
  const stranger = await signUp(server)
  assert.equal((await get(stranger, '/kb/3/edit')).body.solution, null)
})
