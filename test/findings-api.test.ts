import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { authorityStatement } from '#core/authority.ts'
import { findingFields } from '#platform/finding/fields.ts'
import { expireIgnores } from '#platform/finding/ignore.ts'
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

type Item = Readonly<{ id: string; signature: number; severity: number; status: string; score: number; port: number | null; asset: { id: string; address: string }; ignored: boolean; result: string }>

async function get(browser: Browser, path: string): Promise<{ status: number; body: any }> {
  const answer = await server.app.inject({ url: `/api/v1${path}`, headers: browser.headers })
  return { status: answer.statusCode, body: answer.json() }
}
async function post(browser: Browser, path: string, payload: object = {}): Promise<{ status: number; body: any }> {
  const answer = await server.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: browser.headers, payload })
  return { status: answer.statusCode, body: answer.json() }
}
async function list(browser: Browser, q = '', more = ''): Promise<readonly Item[]> {
  const { status, body } = await get(browser, `/findings?q=${encodeURIComponent(q)}${more}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body.items
}

/** Two hosts; six findings, one of them information. */
async function filled(): Promise<{ manager: Browser; assets: readonly string[] }> {
  const manager = await signUp(server)
  const { store } = server.database
  const assets = [await makeHost(store, manager.tenant, '127.0.2.1'), await makeHost(store, manager.tenant, '127.0.3.1')]
  const [a, b] = [host(assets[0]!, '127.0.2.1'), host(assets[1]!, '127.0.3.1')]
  await scan(store, manager.tenant, [[
    a.up, a.port(6379), a.service(6379, { facts: { open: true } }), a.covered('ports', 'tcp:1-9999'), a.done(),
    b.port(80), b.service(80, { version: '1.0', name: 'http' }), b.http(80, 200), b.done(),
  ]])
  return { manager, assets }
}

test('the list means open findings, not ignored, no information; the query says otherwise', async () => {
  const { manager } = await filled()
  const ids = (items: readonly Item[]) => items.map((item) => item.signature)
  assert.deepEqual(ids(await list(manager)), [1, 2, 3, 6, 6])
  assert.deepEqual(ids(await list(manager, 'type:information')), [4])
  assert.deepEqual(ids(await list(manager, 'severity:>=4')), [1, 2])
  assert.deepEqual(ids(await list(manager, 'port:80')), [2, 3, 6])
  assert.deepEqual(ids(await list(manager, 'host:127.0.2.0/24')), [1, 6])
  assert.deepEqual(ids(await list(manager, 'host:127.0.3.1 -check:6')), [2, 3])
  assert.deepEqual(ids(await list(manager, 'cve:CVE-2026-1000')), [2])
  assert.deepEqual(ids(await list(manager, 'product:acme')), [1])
  assert.deepEqual(ids(await list(manager, '"backup file" or severity:5')), [1, 3])
  assert.deepEqual(ids(await list(manager, 'first:1d status:new')), [1, 2, 3, 6, 6])
  assert.deepEqual(ids(await list(manager, 'first:>1d')), [])
  assert.deepEqual(ids(await list(manager, 'status:fixed')), [])
  const item = (await list(manager, 'check:1'))[0]!
  assert.deepEqual([item.result, item.port, item.asset.address, item.score], ['Open: store', 6379, '127.0.2.1', 92])
})

test('pages follow one another without a gap or a double, in every order', async () => {
  const { manager } = await filled()
  for (const sort of ['score', '-score', 'severity', '-severity', 'firstFound', '-firstFound', 'lastFound', '-lastFound']) {
    const whole = await list(manager, '', `&sort=${sort}`)
    const paged: Item[] = []
    let next: string | null = ''
    while (next !== null) {
      const { body } = await get(manager, `/findings?sort=${sort}&limit=2${next === '' ? '' : `&after=${next}`}`)
      paged.push(...body.items)
      next = body.next
    }
    assert.deepEqual(paged, whole, sort)
    assert.equal(new Set(paged.map((item) => item.id)).size, 5)
  }
  const { body } = await get(manager, '/findings?limit=2&sort=-score')
  assert.equal((await get(manager, `/findings?sort=-severity&after=${body.next}`)).status, 400, 'a marker of another order')
})

test('a forged marker is refused or leads nowhere, in every list', async () => {
  const { manager } = await filled()
  const lists: readonly (readonly [string, string])[] = [
    ['/findings?sort=-score', 'finding.score'], ['/findings?sort=severity', 'finding.severity'], ['/findings?sort=-lastFound', 'finding.last'], ['/assets?sort=-risk', 'asset.risk'],
    ['/assets?sort=address', 'asset.address'], ['/assets?sort=name', 'asset.name'], ['/assets?sort=lastScanned', 'asset.scanned'], ['/kb?sort=id', 'check.id'], ['/kb?sort=-severity', 'check.severity'],
    ['/kb?sort=-changed', 'check.changed'], ['/kb?sort=title', 'check.title'], ['/addresses?limit=2', 'address'], ['/exclusions?limit=2', 'exclusion'], ['/authorities?limit=2', 'authority'], ['/groups?limit=2', 'group.name'],
  ]
  const part = fc.oneof(fc.double(), fc.constantFrom(8.6e15, -8.6e15, 1e300, 2 ** 40, 0.5, '', 'x', '127.0.0.1', '\u0000', null, newId()), fc.string({ maxLength: 5 }))
  await fc.assert(fc.asyncProperty(fc.constantFrom(...lists), fc.array(part, { minLength: 1, maxLength: 3 }), async ([path, name], parts) => {
    const { status, body } = await get(manager, `${path}&after=${Buffer.from(JSON.stringify([name, ...parts])).toString('base64url')}`)
    assert.ok(status === 200 || status === 400, `${path} ${JSON.stringify(parts)}: ${JSON.stringify(body)}`)
    for (const id of [newId(), 5]) {
      const shaped = await get(manager, `${path}&after=${Buffer.from(JSON.stringify([name, parts[0], id])).toString('base64url')}`)
      assert.ok(shaped.status === 200 || shaped.status === 400, `${path} ${JSON.stringify(parts)}: ${JSON.stringify(shaped.body)}`)
    }
  }), { numRuns: 300 })
})

test('facets count what matches, and what the default leaves out', async () => {
  const { manager } = await filled()
  const { body } = await get(manager, '/findings/facets')
  const facet = (field: string) => Object.fromEntries(body.facets.find((one: any) => one.field === field).values.map((value: any) => [value.value, value.count]))
  assert.equal(body.total, 5)
  assert.deepEqual(facet('severity'), { 5: 1, 4: 1, 3: 1, 2: 2 })
  assert.deepEqual(facet('type'), { confirmed: 4, potential: 1, information: 1 })
  assert.deepEqual(facet('category'), { 'Network services': 4, 'Web application': 1 })
  for (const { values } of body.facets) for (const { term, count } of values) assert.equal((await list(manager, term)).length, count, term)
})

test('the detail shows proof, parts of the score, history and how completely it was tested', async () => {
  const { manager } = await filled()
  const { id } = (await list(manager, 'check:1'))[0]!
  const { body } = await get(manager, `/findings/${id}`)
  assert.deepEqual([body.evidence.sent, body.evidence.received, body.evidence.probe, body.evidence.signatureVersion], ['INFO', 'yes', 'service@1', 1])
  assert.equal(body.scoreFactors.reduce((sum: number, factor: any) => sum + factor.points, 0), body.score)
  assert.deepEqual([body.lastTest.tested, body.elsewhere, body.ignore, body.verification], [true, 0, null, null])
  assert.deepEqual((await get(manager, `/findings/${id}/history`)).body.items.map((entry: any) => entry.kind), ['new'])
  const port = (await list(manager, 'check:6'))[0]!
  assert.deepEqual((await get(manager, `/findings/${port.id}/elsewhere`)).body.items.length, 1)
})

test('ignored findings leave list, counts and risk, and come back by themselves', async () => {
  const { manager, assets } = await filled()
  const { id } = (await list(manager, 'check:1'))[0]!
  const until = new Date(Date.now() + 86_400_000).toISOString()
  assert.equal((await post(manager, '/findings/ignore', { ids: [id], reason: 'acceptedRisk', comment: 'behind a wall', until: new Date(0).toISOString() })).status, 400)
  assert.deepEqual((await post(manager, '/findings/ignore', { ids: [id], reason: 'acceptedRisk', comment: 'behind a wall', until })).body, { changed: 1 })
  assert.deepEqual((await list(manager)).map((item) => item.signature), [2, 3, 6, 6])
  assert.deepEqual((await list(manager, 'ignored:true')).map((item) => item.signature), [1])
  const open = async () => (await server.database.store.read(manager.tenant, ({ sql }) => sql`select open5, risk from asset_host where tenant_id = ${manager.tenant} and id = ${assets[0]!}`))[0]!
  assert.deepEqual({ ...(await open()) }, { open5: 0, risk: 218 })
  const { body } = await get(manager, `/findings/${id}`)
  assert.deepEqual([body.ignore.reason, body.ignore.comment, body.ignore.until], ['acceptedRisk', 'behind a wall', until])
  await expireIgnores(server.database.store, new Date(Date.now() + 80_000_000))
  assert.equal((await list(manager)).length, 4, 'not yet')
  await expireIgnores(server.database.store, new Date(Date.now() + 90_000_000))
  assert.equal((await list(manager)).length, 5)
  assert.equal((await open())['open5'], 1)
  assert.deepEqual((await get(manager, `/findings/${id}/history`)).body.items.map((entry: any) => entry.kind), ['ignoreExpired', 'ignored', 'new'])
})

test('bulk: all that match a query are ignored, and shown again', async () => {
  const { manager } = await filled()
  assert.deepEqual((await post(manager, '/findings/ignore', { q: 'host:127.0.3.1', reason: 'later', comment: 'next week' })).body, { changed: 3 })
  assert.equal((await list(manager)).length, 2)
  assert.deepEqual((await post(manager, '/findings/unignore', { q: 'check:2 or check:3' })).body, { changed: 2 })
  assert.deepEqual((await post(manager, '/findings/unignore', { q: '' })).body, { changed: 1 })
  assert.equal((await list(manager)).length, 5)
  assert.equal((await post(manager, '/findings/ignore', { reason: 'later', comment: 'x' })).status, 400)
})

test('another tenant sees, changes and tests nothing, and cannot tell what there is', async () => {
  const { manager } = await filled()
  const stranger = await signUp(server)
  const { id } = (await list(manager, 'check:1'))[0]!
  const nobody = newId()
  assert.deepEqual(await list(stranger), [])
  for (const path of ['', '/history', '/elsewhere']) {
    const [theirs, none] = [await get(stranger, `/findings/${id}${path}`), await get(stranger, `/findings/${nobody}${path}`)]
    assert.equal(theirs.status, 404, path)
    assert.deepEqual({ ...theirs.body, request: '', detail: theirs.body.detail.replace(id, 'ID') }, { ...none.body, request: '', detail: none.body.detail.replace(nobody, 'ID') })
  }
  assert.equal((await post(stranger, `/findings/${id}/verify`)).status, 404)
  assert.equal((await post(stranger, '/findings/ignore', { ids: [id], reason: 'later', comment: 'x' })).status, 404)
  assert.equal((await get(stranger, '/findings/not-an-id')).status, 404)
  assert.equal((await list(manager)).length, 5)
})

test('a person with a scope sees the findings of its groups alone', async () => {
  const { manager, assets } = await filled()
  const group = newId()
  await server.database.store.write(manager.tenant, async ({ sql, tenant }) => {
    await sql`insert into asset_group (tenant_id, id, name, impact, comment, created_at) values (${tenant}, ${group}, 'Shop', 3, '', ${new Date()})`
    await sql`insert into asset_group_host (tenant_id, group_id, asset_id, pinned) values (${tenant}, ${group}, ${assets[0]!}, true)`
  })
  const reader = await signUp(server, 'reader', manager.tenant, [group])
  assert.deepEqual((await list(reader)).map((item) => item.signature), [1, 6])
  assert.equal((await get(reader, '/findings/facets')).body.total, 2)
  const other = (await list(manager, 'check:2'))[0]!
  assert.equal((await get(reader, `/findings/${other.id}`)).status, 404)
  assert.equal((await post(reader, '/findings/ignore', { ids: [other.id], reason: 'later', comment: 'x' })).status, 403)
  const outside = await signUp(server, 'reader', manager.tenant, [])
  assert.deepEqual(await list(outside), [])
  assert.equal((await get(await signUp(server, 'auditor', manager.tenant), '/findings')).status, 403)
})

test('any query is answered or refused, never an error of ours', async () => {
  const { manager } = await filled()
  const value = fc.constantFrom('1', '-1', '99999999999999', '1..5', '>=2', '<3', 'x*', '*', '"q"', 'none', '7d', '>1y', '99999y', '2026-01-01', '2026-13-45', '0000-01-01', '9999-12-31', '2026-01-01T25:00', '2026-01-01..2026-02-01', '10.0.0.0/8', '10.0.0.1/8', '::/0', '1.2.3', 'true', 'new,fixed', '%_\\', '\u0000', '😀', 'up', 'untested')
  const term = fc.tuple(fc.constantFrom(...Object.keys(findingFields), 'nope'), value).map(([field, text]) => `${field}:${text}`)
  const query = fc.array(fc.oneof(term, fc.constantFrom('or', 'not', '(', ')', '-x', '"a b"', 'text')), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(' '))
  await fc.assert(fc.asyncProperty(query, async (q) => {
    const [page, facets] = [await get(manager, `/findings?q=${encodeURIComponent(q)}`), await get(manager, `/findings/facets?q=${encodeURIComponent(q)}`)]
    assert.ok(page.status === 200 || page.status === 400, `${q}: ${JSON.stringify(page.body)}`)
    assert.equal(facets.status, page.status, q)
    if (page.status === 200) assert.equal(facets.body.total, page.body.items.length, q)
  }), { numRuns: 300 })
})

test('one finding is tested again: a small scan of its place, and its answer', async () => {
  const { manager, assets } = await filled()
  const { id } = (await list(manager, 'check:1'))[0]!
  assert.equal((await post(manager, `/findings/${id}/verify`)).status, 409, 'its address is not registered')
  await post(manager, '/addresses', { text: '127.0.2.1', statement: authorityStatement })
  const { status, body } = await post(manager, `/findings/${id}/verify`)
  assert.equal(status, 202, JSON.stringify(body))
  const state = async () => (await get(manager, `/findings/${id}`)).body.verification
  assert.deepEqual([(await state()).state, (await state()).scanId], ['running', body.scanId])
  const [launched] = await server.database.owner`select profile, kind from scan where id = ${body.scanId}`
  assert.deepEqual([launched!['kind'], launched!['profile'].tcp, launched!['profile'].signatures], ['verification', '6379', [1]])
  const at = host(assets[0]!, '127.0.2.1')
  const answer = (what: Parameters<typeof scan>[2], again = body.scanId) => scan(server.database.store, manager.tenant, what, { scan: again, profile: { signatures: [1], exclude: [] } })
  await answer([[at.up, at.port(6379), at.service(6379, { facts: { open: true } }), at.covered('ports', 'tcp:6379'), at.covered('service', 'tcp:6379'), at.done()]])
  assert.equal((await state()).state, 'found')
  const second = (await post(manager, `/findings/${id}/verify`)).body.scanId
  await answer([[at.up, at.failed('ports', 'tcp:6379'), at.done()]], second)
  assert.equal((await state()).state, 'notTested')
  assert.equal((await list(manager, 'check:6')).length, 2, 'what the small scan did not judge stays open')
  const third = (await post(manager, `/findings/${id}/verify`)).body.scanId
  await answer([[at.up, at.covered('ports', 'tcp:6379'), at.done()]], third)
  assert.equal((await state()).state, 'fixed')
  assert.equal((await get(manager, `/findings/${id}`)).body.status, 'fixed')
  await post(manager, '/exclusions', { text: '127.0.2.1', comment: 'fragile' })
  assert.equal((await post(manager, `/findings/${id}/verify`)).status, 409, 'an excluded host is not tested')
})
