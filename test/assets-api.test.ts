import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { authorityStatement } from '#core/authority.ts'
import { formatIpSet } from '#core/ip-set.ts'
import { assetFields } from '#platform/asset/fields.ts'
import { ensureHosts } from '#platform/asset/host.ts'
import { resolveTargets } from '#platform/asset/target.ts'
import { recordPosture } from '#platform/dashboard/dashboard.ts'
import { newId } from '#store/id.ts'
import { host, makeHost, scan, storeKnowledge } from './finding-world.ts'
import { signUp, withServer, type Browser, type TestServer } from './server.ts'

let server: TestServer
const closing: (() => Promise<void>)[] = []
before(async () => {
  server = await withServer({ after: (work) => void closing.push(work) })
  await storeKnowledge(server.database.store)
})
after(async () => {
  for (const work of closing) await work()
})

async function call(browser: Browser, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<{ status: number; body: any }> {
  const answer = await server.app.inject({ method, url: `/api/v1${path}`, headers: browser.headers, ...(payload === undefined ? {} : { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
const get = (browser: Browser, path: string) => call(browser, 'GET', path)
const register = (browser: Browser, text: string, more: object = {}) => call(browser, 'POST', '/addresses', { text, statement: authorityStatement, ...more })
const registered = async (browser: Browser) => (await get(browser, '/addresses?limit=200')).body.items.map((item: any) => item.text)
const resolve = (browser: Browser, text: string, more: object = {}) =>
  server.database.store.read(browser.tenant, (tx) => resolveTargets(tx, { text, scope: null, at: new Date(), ...more }))

test('addresses, ranges, blocks, names and IPv6 are registered, once, with the declaration', async () => {
  const manager = await signUp(server)
  const { status, body } = await register(manager, '127.0.0.1, 127.0.0.4-127.0.0.6 127.0.1.0/24\n127.0.1.128/25 # twice\nWWW.Example.ORG. ::1 bücher.example')
  assert.equal(status, 201, JSON.stringify(body))
  assert.deepEqual([body.added, body.alreadyRegistered], ['263', '0'])
  assert.deepEqual(await registered(manager), ['www.example.org', 'xn--bcher-kva.example', '127.0.0.1', '127.0.0.4-127.0.0.6', '127.0.1.0/24', '::1'])
  const again = await register(manager, '127.0.0.0-127.0.0.5')
  assert.deepEqual([again.body.added, again.body.alreadyRegistered, again.body.used], ['3', '3', '266'])
  const authorities = (await get(manager, '/authorities')).body.items
  assert.equal(authorities.length, 2)
  assert.deepEqual([authorities[0].statement, authorities[0].targets, authorities[0].email], [authorityStatement, '127.0.0.0-127.0.0.5', manager.email])
  const log = (await get(manager, '/audit?action=asset.authority_declared')).body.items
  assert.equal(log.length, 2)
  assert.equal(log[0].details.statement, authorityStatement)
  assert.equal((await call(manager, 'POST', '/addresses', { text: '127.0.0.9', statement: 'yes' })).status, 400)
})

test('what no host can have is refused, with the reason, and nothing is registered', async () => {
  const manager = await signUp(server)
  const refused: readonly (readonly [string, RegExp])[] = [
    ['0.0.0.0/0', /0\.0\.0\.0\/8/], ['0.0.0.0', /unspecified/], ['::', /unspecified/], ['::/0', /it holds/], ['224.0.0.1', /multicast/], ['ff02::1', /multicast/], ['255.255.255.255', /broadcast/],
    ['fe80::1', /link-local/], ['10.0.0.256', /not an IP/], ['10.0.0.1/33', /prefix/], ['10.0.0.1/24', /10\.0\.0\.0\/24/], ['10.0.0.9-10.0.0.1', /ends before/], ['-', /not an IP/], ['a..b', /not an IP/],
    ['http://x/', /not an IP/], ['0x7f.1', /not an IP/], ['1.2.3', /not an IP/], [`${'a'.repeat(64)}.example`, /not an IP/],
  ]
  for (const [text, why] of refused) {
    const { status, body } = await register(manager, `127.0.0.7\n${text}`)
    assert.equal(status, 400, text)
    assert.match(body.detail, why, text)
    assert.match(body.detail, /^Line 2:/, text)
  }
  assert.equal((await register(manager, '# only a comment')).status, 400)
  assert.deepEqual(await registered(manager), [])
  const preview = await call(manager, 'POST', '/addresses/preview', { text: '127.0.0.1\n300.1.1.1\nfine.example\n0.0.0.0/0' })
  assert.deepEqual([preview.body.addresses, preview.body.badCount, preview.body.bad.map((one: any) => one.line)], ['2', 2, [2, 4]])
})

test('a list of a million lines ends in a clear error, a long one in one range', async () => {
  const manager = await signUp(server)
  assert.equal((await register(manager, '127.0.0.1\n'.repeat(1_000_000))).status, 413)
  const many = await register(manager, '127.0.0.1 '.repeat(399_000))
  assert.deepEqual([many.status, many.body.code], [413, 'address.too_many_lines'])
  const lines = Array.from({ length: 65_536 }, (_, n) => `127.9.${n >> 8}.${n & 255}`)
  const done = await register(manager, lines.join('\n'))
  assert.equal(done.body.added, '65536')
  assert.deepEqual(await registered(manager), ['127.9.0.0/16'])
})

test('the plan is a limit over all networks, also for two at once', async () => {
  const manager = await signUp(server)
  await server.database.store.platform(({ sql }) => sql`update tenant set max_addresses = 300 where id = ${manager.tenant}`)
  assert.equal((await register(manager, '127.0.0.0/24')).status, 201)
  const over = await register(manager, '127.0.1.0/24')
  assert.deepEqual([over.status, over.body.code], [409, 'address.over_plan'])
  assert.match(over.body.detail, /512 addresses and names; your plan allows 300, of which 256 are used/)
  assert.equal((await register(manager, '127.0.0.0/25')).status, 201, 'what is there already costs nothing')
  const both = await Promise.all([register(manager, '127.0.2.0-127.0.2.39'), register(manager, '127.0.3.0-127.0.3.39')])
  assert.deepEqual(both.map((one) => one.status).sort((a, b) => a - b), [201, 409])
  assert.equal((await register(manager, '::/64')).status, 400)
  assert.equal((await register(manager, 'fd00::/64')).status, 409)
})

test('taking out of the middle of a range leaves both sides', async () => {
  const manager = await signUp(server)
  await register(manager, '127.0.0.0/24 one.example')
  const { body } = await call(manager, 'POST', '/addresses/remove', { text: '127.0.0.10-127.0.0.19 one.example 127.5.5.5' })
  assert.deepEqual([body.removed, body.used], ['11', '246'])
  assert.deepEqual(await registered(manager), ['127.0.0.0-127.0.0.9', '127.0.0.20-127.0.0.255'])
})

test('every address asked for is to be scanned, or listed as not registered or excluded', async () => {
  const manager = await signUp(server)
  await register(manager, '127.0.0.0/24 127.0.2.0/24 www.example.org')
  await call(manager, 'POST', '/exclusions', { text: '127.0.0.128/25', comment: 'fragile' })
  const targets = await resolve(manager, '127.0.0.0-127.0.1.9 www.example.org ftp.example.org')
  assert.equal(formatIpSet(targets.ranges), '127.0.0.0/25')
  assert.deepEqual(targets.names, ['www.example.org'])
  assert.deepEqual(targets.outOfScope.map((one) => [one.target, one.addresses]), [['ftp.example.org', 1n], ['127.0.1.0-127.0.1.9', 10n]])
  assert.deepEqual(targets.excluded.map((one) => [one.target, one.addresses]), [['127.0.0.128/25', 128n]])
  assert.match(targets.excluded[0]!.text, /fragile/)
  await assert.rejects(resolve(manager, '127.0.0.1', { network: newId() }), /no network/)
  const other = await signUp(server)
  assert.equal((await resolve(other, '127.0.0.0/24')).count, 0n, 'another tenant has registered nothing')
})

test('an exclusion ends by itself and by hand, and its record stays', async () => {
  const manager = await signUp(server)
  await register(manager, '127.0.0.0/30')
  assert.equal((await call(manager, 'POST', '/exclusions', { text: '127.0.0.1', comment: 'x', expiresAt: '2020-01-01T00:00:00Z' })).status, 400)
  const soon = new Date(Date.now() + 3_600_000)
  await call(manager, 'POST', '/exclusions', { text: '127.0.0.1', comment: 'until soon', expiresAt: soon.toISOString() })
  const { body } = await call(manager, 'POST', '/exclusions', { text: '127.0.0.2', comment: 'for good' })
  assert.equal(formatIpSet((await resolve(manager, '127.0.0.0/30')).ranges), '127.0.0.0,127.0.0.3')
  assert.equal(formatIpSet((await resolve(manager, '127.0.0.0/30', { at: new Date(soon.getTime() + 1) })).ranges), '127.0.0.0/31,127.0.0.3')
  assert.equal((await call(manager, 'DELETE', `/exclusions/${body.id}`)).status, 204)
  assert.equal((await call(manager, 'DELETE', `/exclusions/${body.id}`)).status, 409)
  assert.deepEqual((await get(manager, '/exclusions')).body.items.map((one: any) => one.targets), ['127.0.0.1'])
  const all = (await get(manager, '/exclusions?ended=true')).body.items
  assert.deepEqual(all.map((one: any) => [one.targets, one.inForce]), [['127.0.0.2', false], ['127.0.0.1', true]])
})

test('the same address in two networks is two hosts; a name keeps its identity when its address changes', async () => {
  const manager = await signUp(server)
  const { body } = await call(manager, 'POST', '/networks', { name: 'Plant' })
  const { store } = server.database
  const [a] = await store.write(manager.tenant, (tx) => ensureHosts(tx, manager.tenant, [{ address: '127.0.0.1' }], new Date()))
  const [b, c] = await store.write(manager.tenant, (tx) => ensureHosts(tx, body.id, [{ address: '127.0.0.1' }, { address: '127.0.0.2', name: 'web.example' }], new Date()))
  assert.notEqual(a!.id, b!.id)
  const [moved, again] = await store.write(manager.tenant, (tx) => ensureHosts(tx, body.id, [{ address: '127.0.0.9', name: 'web.example' }, { address: '127.0.0.1' }], new Date()))
  assert.deepEqual([moved!.id, again!.id], [c!.id, b!.id])
  assert.equal((await get(manager, `/assets/${c!.id}`)).body.address, '127.0.0.9')
  assert.equal((await call(manager, 'DELETE', `/networks/${body.id}`)).status, 409)
  assert.equal((await call(manager, 'DELETE', `/networks/${manager.tenant}`)).status, 409)
  assert.equal((await call(manager, 'POST', '/networks', { name: 'Plant' })).status, 409)
})

test('hosts made at once by two scans are one', async () => {
  const manager = await signUp(server)
  const wanted = Array.from({ length: 64 }, (_, n) => ({ address: `127.0.7.${n}` }))
  const make = (list: typeof wanted) => server.database.store.write(manager.tenant, (tx) => ensureHosts(tx, manager.tenant, list, new Date()))
  const [one, two] = await Promise.all([make(wanted), make([...wanted].reverse())])
  assert.deepEqual(one.map((row) => row.id), [...two].reverse().map((row) => row.id))
})

test('groups hold ranges, names and hosts, give impact and therefore risk, and are found by query', async () => {
  const manager = await signUp(server)
  const { store } = server.database
  const [first, second] = [await makeHost(store, manager.tenant, '127.0.0.1'), await makeHost(store, manager.tenant, '127.0.5.1')]
  for (const [asset, address] of [[first, '127.0.0.1'], [second, '127.0.5.1']] as const) {
    const at = host(asset, address)
    await scan(store, manager.tenant, [[at.up, at.port(6379), at.service(6379, { facts: { open: true }, product: 'Store', distro: 'debian' }), at.covered('ports', 'tcp:1-9999'), at.done()]])
  }
  const risk = async (id: string) => (await get(manager, `/assets/${id}`)).body.risk
  assert.equal(await risk(first), 739)
  const { body: group } = await call(manager, 'POST', '/groups', { name: 'Shop', impact: 5, text: '127.0.0.0/24' })
  assert.deepEqual([await risk(first), await risk(second)], [948, 739])
  assert.equal((await call(manager, 'POST', `/groups/${group.id}/members`, { assetIds: [second] })).status, 204)
  assert.deepEqual([await risk(first), await risk(second)], [948, 948])
  const list = async (q: string) => (await get(manager, `/assets?sort=address&q=${encodeURIComponent(q)}`)).body.items.map((item: any) => item.address)
  assert.deepEqual(await list('group:Shop'), ['127.0.0.1', '127.0.5.1'])
  assert.deepEqual(await list('group:shop host:127.0.5.0/24'), ['127.0.5.1'])
  assert.deepEqual(await list('service:Store port:6379 os:debian severity:5 findings:2 state:up'), ['127.0.0.1', '127.0.5.1'])
  assert.deepEqual(await list('port:22'), [])
  const detail = (await get(manager, `/groups/${group.id}`)).body
  assert.deepEqual([detail.hosts, detail.risk, detail.open, detail.members.map((one: any) => [one.kind, one.text])], [2, 948, [0, 2, 0, 0, 2], [['addresses', '127.0.0.0/24'], ['host', '127.0.5.1']]])
  const third = await makeHost(store, manager.tenant, '127.0.0.77')
  assert.equal((await get(manager, `/assets/${third}`)).body.impact, 5, 'a host made later joins by its address')
  await call(manager, 'POST', `/groups/${group.id}/members/remove`, { text: '127.0.0.0/25', assetIds: [second] })
  assert.deepEqual([await risk(first), await risk(second)], [739, 739])
  await call(manager, 'PATCH', `/groups/${group.id}`, { impact: 1 })
  assert.equal((await call(manager, 'DELETE', `/groups/${group.id}`)).status, 204)
  assert.equal((await get(manager, `/groups/${group.id}`)).status, 404)
})

test('one host: services, coverage, timeline; purged, it is gone with its findings', async () => {
  const manager = await signUp(server)
  const { store } = server.database
  await register(manager, '127.0.0.0/24')
  const id = await makeHost(store, manager.tenant, '127.0.0.3')
  const at = host(id, '127.0.0.3')
  await scan(store, manager.tenant, [[at.up, at.port(80), at.service(80, { name: 'http' }), at.service(80, { name: 'consul', product: 'Consul', version: '1.0' }), at.port(81), at.covered('ports', 'tcp:1-9999'), at.failed('tls', 'tcp:81'), at.done('partial')]])
  await scan(store, manager.tenant, [[at.up, at.port(80), at.covered('ports', 'tcp:1-9999'), at.done()]])
  const services = (await get(manager, `/assets/${id}/services`)).body.items
  assert.deepEqual(services.map((one: any) => [one.port, one.open, one.name, one.version]), [[80, true, 'consul', '1.0'], [81, false, 'unknown', null]])
  const coverage = (await get(manager, `/assets/${id}/coverage`)).body.items
  assert.deepEqual(coverage.map((one: any) => [one.outcome, one.covered.length, one.failed.length]), [['scanned', 1, 0], ['partial', 1, 1]])
  const kinds = (await get(manager, `/assets/${id}/timeline`)).body.items.map((one: any) => one.kind).sort()
  assert.deepEqual(kinds, ['fixed', 'new', 'new', 'new', 'new', 'partial', 'scanned'])
  const detail = (await get(manager, `/assets/${id}`)).body
  assert.deepEqual([detail.registered, detail.excluded, detail.findings.fixed, detail.services], [true, null, 1, 1])
  assert.equal((await call(manager, 'POST', `/assets/${id}/purge`)).status, 204)
  assert.equal((await get(manager, `/assets/${id}`)).status, 404)
  assert.deepEqual((await get(manager, '/findings?q=type:information,confirmed,potential')).body.items, [])
})

test('pages of hosts follow one another in every order, and a forged marker is refused', async () => {
  const manager = await signUp(server)
  const { store } = server.database
  for (const n of [3, 20, 100]) {
    const id = await makeHost(store, manager.tenant, `127.0.0.${n}`)
    await scan(store, manager.tenant, [[host(id, `127.0.0.${n}`).up, ...(n === 3 ? [] : [host(id, `127.0.0.${n}`).done()])]])
  }
  for (const sort of ['risk', '-risk', 'address', '-address', 'name', '-name', 'lastScanned', '-lastScanned']) {
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const { status, body }: any = await get(manager, `/assets?sort=${sort}&limit=1${next === '' ? '' : `&after=${next}`}`)
      assert.equal(status, 200)
      seen.push(...body.items.map((item: any) => item.address))
      next = body.next
    }
    assert.equal(new Set(seen).size, 3, sort)
    if (sort === 'address') assert.deepEqual(seen, ['127.0.0.3', '127.0.0.20', '127.0.0.100'])
  }
  const forged = Buffer.from(JSON.stringify(['asset.address', "x'; drop table finding", newId()])).toString('base64url')
  assert.equal((await get(manager, `/assets?sort=address&after=${forged}`)).status, 400)
})

test('another tenant finds no asset, group, network or exclusion of this one', async () => {
  const manager = await signUp(server)
  const stranger = await signUp(server)
  await register(manager, '127.0.0.0/24')
  const id = await makeHost(server.database.store, manager.tenant, '127.0.0.3')
  const { body: group } = await call(manager, 'POST', '/groups', { name: 'Mine' })
  const { body: network } = await call(manager, 'POST', '/networks', { name: 'Mine' })
  const { body: exclusion } = await call(manager, 'POST', '/exclusions', { text: '127.0.0.1', comment: 'x' })
  for (const path of [`/assets/${id}`, `/assets/${id}/services`, `/assets/${id}/timeline`, `/assets/${id}/coverage`, `/groups/${group.id}`]) assert.equal((await get(stranger, path)).status, 404, path)
  const writes: readonly (readonly ['POST' | 'PATCH' | 'DELETE', string, object?])[] = [
    ['POST', `/assets/${id}/purge`], ['PATCH', `/groups/${group.id}`, { impact: 1 }], ['DELETE', `/groups/${group.id}`], ['POST', `/groups/${group.id}/members`, { text: '127.0.0.1' }],
    ['PATCH', `/networks/${network.id}`, { name: 'Theirs' }], ['DELETE', `/networks/${network.id}`], ['DELETE', `/exclusions/${exclusion.id}`],
    ['POST', '/addresses', { text: '127.0.0.1', networkId: network.id, statement: authorityStatement }], ['POST', '/groups', { name: 'x', text: '127.0.0.1', networkId: network.id }],
    ['POST', '/exclusions', { text: '127.0.0.1', networkId: network.id, comment: 'x' }], ['POST', '/addresses/remove', { text: '127.0.0.1', networkId: network.id }],
  ]
  for (const [method, path, body] of writes) assert.equal((await call(stranger, method, path, body)).status, 404, `${method} ${path}`)
  for (const path of ['/assets?q=state:untested', '/groups', '/exclusions', '/addresses', '/authorities']) assert.deepEqual((await get(stranger, path)).body.items, [], path)
  const { body: own } = await call(stranger, 'POST', '/groups', { name: 'Own' })
  assert.equal((await call(stranger, 'POST', `/groups/${own.id}/members`, { assetIds: [id] })).status, 404)
})

test('a unit manager stays inside the unit: sees, adds and excludes nothing beyond', async () => {
  const manager = await signUp(server)
  await register(manager, '127.0.0.0/24 127.0.1.0/24')
  const unit = newId()
  const { body: shop } = await call(manager, 'POST', '/groups', { name: 'Shop', text: '127.0.1.0/24' })
  await server.database.store.platform(async ({ sql }) => {
    await sql`insert into business_unit (tenant_id, id, name, created_at) values (${manager.tenant}, ${unit}, 'Shop', ${new Date()})`
    await sql`update asset_group set unit_id = ${unit} where tenant_id = ${manager.tenant} and id = ${shop.id}`
  })
  const [inside, outside] = [await makeHost(server.database.store, manager.tenant, '127.0.1.1'), await makeHost(server.database.store, manager.tenant, '127.0.0.1')]
  const chief = await signUp(server, 'unit_manager', manager.tenant)
  await server.database.store.platform(({ sql }) => sql`update membership set unit_id = ${unit} where tenant_id = ${manager.tenant} and user_id = ${chief.user}`)
  assert.equal((await get(chief, `/assets/${inside}`)).status, 200)
  assert.equal((await get(chief, `/assets/${outside}`)).status, 404)
  assert.deepEqual((await get(chief, '/groups')).body.items.map((group: any) => group.name), ['Shop'])
  assert.equal((await call(chief, 'POST', `/groups/${shop.id}/members`, { text: '127.0.0.0/24' })).status, 404)
  assert.equal((await call(chief, 'POST', `/groups/${shop.id}/members`, { assetIds: [outside] })).status, 404)
  assert.equal((await call(chief, 'POST', '/exclusions', { text: '127.0.0.1', comment: 'x' })).status, 404)
  assert.equal((await call(chief, 'POST', '/exclusions', { text: '127.0.1.1', comment: 'x' })).status, 201)
  assert.equal((await call(chief, 'POST', '/addresses/remove', { text: '127.0.0.1' })).status, 404)
  assert.equal((await register(chief, '127.0.2.1')).status, 400, 'where does it belong?')
  assert.equal((await register(chief, '127.0.0.9', { groupIds: [shop.id] })).status, 404, 'another unit’s address is not to be had by registering it again')
  assert.equal((await register(chief, '127.0.2.1', { groupIds: [shop.id] })).status, 201)
  assert.deepEqual(await registered(chief), ['127.0.1.0/24', '127.0.2.1'])
  assert.deepEqual((await get(chief, '/authorities')).body.items.map((one: any) => one.targets), ['127.0.2.1'])
  assert.deepEqual((await get(chief, '/networks')).body.items.map((one: any) => [one.addresses, one.hosts]), [['257', 0]])
  await call(manager, 'POST', '/exclusions', { text: '127.0.0.0/24 127.0.1.200-127.0.1.210', comment: 'both' })
  await call(manager, 'POST', '/exclusions', { text: '127.0.0.77', comment: 'not theirs' })
  assert.deepEqual((await get(chief, '/exclusions')).body.items.map((one: any) => one.targets), ['127.0.1.200-127.0.1.210', '127.0.1.1'])
  const targets = await resolve(chief, '127.0.0.0-127.0.2.255', { scope: { groups: [], units: [unit] } })
  assert.equal(formatIpSet(targets.ranges), '127.0.1.0,127.0.1.2-127.0.1.199,127.0.1.211-127.0.1.255,127.0.2.1')
})

test('the dashboard answers, and every number is the length of the list it links to', async () => {
  const manager = await signUp(server)
  const { store } = server.database
  await register(manager, '127.0.0.0/29')
  for (const n of [1, 2]) {
    const id = await makeHost(store, manager.tenant, `127.0.0.${n}`)
    const at = host(id, `127.0.0.${n}`)
    await scan(store, manager.tenant, [[at.up, at.port(6379), at.service(6379, { facts: { open: true }, version: n === 1 ? '1.0' : '2.0' }), at.covered('ports', 'tcp:1-9999'), at.done(n === 1 ? 'partial' : 'scanned')]])
  }
  const silent = await makeHost(store, manager.tenant, '127.0.0.3')
  await scan(store, manager.tenant, [[host(silent, '127.0.0.3').done('dead')]])
  const { status, body } = await get(manager, '/dashboard')
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([body.assets.total, body.assets.neverTested, body.open], [2, 5, [0, 2, 0, 1, 2]])
  assert.deepEqual([body.since.new, body.since.reopened, body.since.fixed, body.since.hosts, body.since.worst[0].signature], [5, 0, 0, 2, 1])
  assert.deepEqual(body.fixFirst[0].signature, 1)
  for (const fix of body.fixFirst) assert.equal((await get(manager, `/findings?q=${encodeURIComponent(fix.q)}`)).body.items.length, fix.findings)
  for (const gap of body.gaps) if (gap.kind === 'partial') assert.equal((await get(manager, `/assets?q=${encodeURIComponent(gap.q)}`)).body.items.length, gap.hosts)
  assert.equal(body.trend.length, 1)
  await recordPosture(store, new Date(Date.now() - 86_400_000))
  await recordPosture(store, new Date(Date.now() - 86_400_000))
  assert.equal((await get(manager, '/dashboard')).body.trend.length, 2)
})

test('the KnowledgeBase is browsed by all who may, with what it means here only for those who see findings', async () => {
  const manager = await signUp(server)
  const id = await makeHost(server.database.store, manager.tenant, '127.0.0.1')
  const at = host(id, '127.0.0.1')
  await scan(server.database.store, manager.tenant, [[at.up, at.port(6379), at.service(6379, { facts: { open: true } }), at.done()]])
  const kb = async (q: string, sort = '-severity') => (await get(manager, `/kb?limit=200&sort=${sort}&q=${encodeURIComponent(q)}`)).body.items.map((item: any) => item.id)
  assert.deepEqual(await kb(''), [1, 2, 5, 3, 6, 4])
  assert.deepEqual(await kb('severity:>=4 type:potential'), [2])
  assert.deepEqual(await kb('cve:cve-2026-*'), [2])
  assert.deepEqual(await kb('cvss:>9 product:none'), [2])
  assert.deepEqual(await kb('"backup file"'), [3])
  assert.deepEqual(await kb('', 'title'), [3, 4, 2, 5, 6, 1])
  const detail = (await get(manager, '/kb/1')).body
  assert.deepEqual([detail.affected.findings, detail.affected.hosts, detail.worst[0].address], [1, 1, '127.0.0.1'])
  const reader = await signUp(server, 'knowledgebase_only', manager.tenant)
  assert.deepEqual((await get(reader, '/kb/1')).body.affected.findings, 0)
  assert.equal((await get(reader, '/findings')).status, 403)
  assert.equal((await get(manager, '/kb/99')).status, 404)
  assert.equal((await get(manager, '/kb/facets')).body.total, 6)
})

test('any query for hosts is answered or refused, never an error of ours', async () => {
  const manager = await signUp(server)
  const value = fc.constantFrom('1', '-1', '99999999999999', '1..5', '>=2', 'x*', '*', '"q"', 'none', 'never', '7d', '>1y', '2026-01-01', '10.0.0.0/8', '::/0', 'true', 'up,dead', '%_\\', '\u0000', 'untested')
  const term = fc.tuple(fc.constantFrom(...Object.keys(assetFields), 'nope'), value).map(([field, text]) => `${field}:${text}`)
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(term, fc.constantFrom('or', 'not', '(', ')', 'text')), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' ')), async (q) => {
    const page = await get(manager, `/assets?q=${encodeURIComponent(q)}`)
    assert.ok(page.status === 200 || page.status === 400, `${q}: ${JSON.stringify(page.body)}`)
    assert.equal((await get(manager, `/assets/facets?q=${encodeURIComponent(q)}`)).status, page.status, q)
  }), { numRuns: 150 })
})
