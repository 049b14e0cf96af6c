import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { ScanEvent } from '#core/event.ts'
import { merge, type Finding } from '#core/finding.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { newId } from '#store/id.ts'
import { makeTenant, openTestDatabase, type TestDatabase } from './database.ts'
import { findings, host, knowledge, makeHost, scan, signatures, storeKnowledge } from './finding-world.ts'

let database: TestDatabase
let addresses = 0

before(async () => {
  database = await openTestDatabase()
  await storeKnowledge(database.store)
})
after(() => database.close())

async function world() {
  const tenant = await makeTenant(database.store, `Organisation ${newId()}`)
  const address = `127.0.1.${++addresses}`
  const asset = await makeHost(database.store, tenant, address)
  const at = host(asset, address)
  const open = [at.up, at.port(6379), at.service(6379, { facts: { open: true } })]
  const shut = [at.up, at.port(6379), at.service(6379)]
  const looked = [at.covered('ports', 'tcp:1-10000'), at.covered('service', 'tcp:1-10000'), at.done()]
  const run = (batches: readonly (readonly ScanEvent[])[], more: object = {}, using = knowledge) => scan(database.store, tenant, batches, more, using)
  const one = async () => (await findings(database.store, tenant)).find((row) => row.signature === 1)
  return { tenant, asset, address, at, open, shut, looked, run, one }
}

test('the table of states, row by row', async () => {
  const { open, shut, looked, run, one } = await world()
  const seen: string[] = []
  const step = async (what: readonly ScanEvent[], now: number) => {
    await run([what], { now })
    const row = await one()
    seen.push(`${row?.status ?? 'none'} ${row?.times ?? 0} ${row?.reopens ?? 0}`)
  }
  await step([...shut, ...looked], 1000)
  await step([...open, ...looked], 2000)
  await step([...open, ...looked], 3000)
  await step([...open, ...looked], 4000)
  await step([...shut, ...looked], 5000)
  await step([...shut, ...looked], 6000)
  await step([...open, ...looked], 7000)
  await step([...open, ...looked], 8000)
  await step([...shut, ...looked], 9000)
  assert.deepEqual(seen, ['none 0 0', 'new 1 0', 'active 2 0', 'active 3 0', 'fixed 3 0', 'fixed 3 0', 'reopened 4 1', 'active 5 1', 'fixed 5 1'])
  const row = await one()
  assert.deepEqual([row!.first, row!.last, row!.fixed], [2000, 8000, 9000])
})

test('a new finding that is gone at the next test is fixed', async () => {
  const { open, shut, looked, run, one } = await world()
  await run([[...open, ...looked]])
  await run([[...shut, ...looked]])
  assert.equal((await one())!.status, 'fixed')
})

test('what was not tested is never closed', async () => {
  const { at, open, shut, looked, run, one } = await world()
  await run([[...open, ...looked]])
  const first = (await one())!
  const tests: readonly (readonly [string, readonly ScanEvent[], object?])[] = [
    ['the host is dead', [at.done('dead')]],
    ['the host was refused', [...looked.slice(0, 2), at.done('refused')]],
    ['nothing was covered', [...shut, at.done()]],
    ['its probe failed there', [...shut, at.failed('service', 'tcp:6379'), at.covered('ports', 'tcp:1-10000'), at.done()]],
    ['another port was covered', [...shut, at.covered('service', 'tcp:1-6378'), at.done()]],
    ['another probe covered it', [...shut, at.covered('http', 'tcp:1-10000'), at.done()]],
    ['the port was filtered', [at.up, at.failed('ports', 'tcp:6379'), at.covered('ports', 'tcp:1-6378,6380-10000'), at.done()]],
    ['the check was excluded', [...shut, ...looked], { profile: { signatures: 'all', exclude: [1] } }],
    ['the check was not in the profile', [...shut, ...looked], { profile: { signatures: [2], exclude: [] } }],
    ['the attempt never reached its end', [...shut, ...looked.slice(0, 2)]],
  ]
  for (const [why, events, more] of tests) {
    await run([events], more)
    assert.deepEqual(await one(), first, why)
  }
  const retired = knowledgeOf('later', signatures.filter((one) => one.id !== 1))
  await run([[...shut, ...looked]], {}, retired)
  assert.deepEqual(await one(), first, 'the check left the KnowledgeBase')
  await run([[...shut, ...looked]])
  assert.equal((await one())!.status, 'fixed', 'and the same look, complete, closes it')
})

test('a port found closed closes what was behind it; an open one whose service failed does not', async () => {
  const { at, open, looked, run, one } = await world()
  await run([[...open, ...looked]])
  await run([[at.up, at.port(6379), at.failed('service', 'tcp:6379'), at.covered('ports', 'tcp:1-10000'), at.done()]])
  assert.equal((await one())!.status, 'new')
  await run([[at.up, at.covered('ports', 'tcp:1-10000'), at.done()]])
  assert.equal((await one())!.status, 'fixed')
})

test('a partial test closes what it covered and nothing else', async () => {
  const { tenant, at, run } = await world()
  const two = [at.up, at.port(1), at.service(1, { facts: { open: true } }), at.port(2), at.service(2, { facts: { open: true } })]
  await run([[...two, at.covered('service', 'tcp:1,2'), at.done()]])
  await run([[at.up, at.port(1), at.port(2), at.service(1), at.covered('service', 'tcp:1'), at.failed('service', 'tcp:2'), at.done('partial')]])
  const rows = (await findings(database.store, tenant)).filter((row) => row.signature === 1)
  assert.deepEqual(rows.map((row) => [row.port, row.status]), [[1, 'fixed'], [2, 'new']])
})

test('a check with a request of its own is closed only when that request was sent', async () => {
  const { tenant, at, run } = await world()
  const there = async () => (await findings(database.store, tenant)).find((row) => row.signature === 3)!.status
  await run([[at.up, at.port(80), at.http(80, 200), at.covered('http', 'tcp:80', { signatures: [3] }), at.done()]])
  await run([[at.up, at.port(80), at.covered('http', 'tcp:80'), at.done()]])
  assert.equal(await there(), 'new', 'covered without a word about requests')
  await run([[at.up, at.port(80), at.covered('http', 'tcp:80', { signatures: [7] }), at.done()]])
  assert.equal(await there(), 'new', 'other requests were sent')
  await run([[at.up, at.port(80), at.http(80, 404), at.covered('http', 'tcp:80', { signatures: [3, 7] }), at.done()]])
  assert.equal(await there(), 'fixed')
})

test('what only a default login shows is not closed by a scan that tries none', async () => {
  const { tenant, at, looked, run } = await world()
  const check = { ...signatures[0]!, when: { all: [{ field: 'name', is: 'mysql' }, { field: 'facts.rootWithoutPassword', is: true }] } }
  const using = knowledgeOf('default logins', [check, ...signatures.slice(1)])
  const there = async () => (await findings(database.store, tenant)).find((row) => row.signature === 1)?.status
  const profile = (defaults: boolean, login = true) => ({ profile: { signatures: 'all', exclude: [], defaults, login } })
  const gone = [at.up, at.port(6379), at.service(6379, { name: 'mysql' }), ...looked]
  await run([[at.up, at.port(6379), at.service(6379, { name: 'mysql', facts: { rootWithoutPassword: true } }), ...looked]], profile(true), using)
  await run([gone], profile(false), using)
  assert.equal(await there(), 'new')
  await run([gone], profile(true, false), using)
  assert.equal(await there(), 'new', 'a profile without logins tries none of these either')
  await run([gone], profile(true), using)
  assert.equal(await there(), 'fixed')
})

test('what was found with a login is not closed without one', async () => {
  const { tenant, at, run } = await world()
  const there = async () => (await findings(database.store, tenant)).find((row) => row.signature === 5)!.status
  await run([[at.up, at.package('1'), at.covered('login', '', { login: true }), at.done()]])
  await run([[at.up, at.covered('login', ''), at.done()]])
  assert.equal(await there(), 'new')
  await run([[at.up, at.package('2'), at.covered('login', '', { login: true }), at.done()]])
  assert.equal(await there(), 'fixed')
})

test('packages told by two versions of one probe in one scan are one list', async () => {
  const { tenant, asset, address, at, run } = await world()
  const other = { type: 'seen', seen: { kind: 'package', seen: 1, at: { asset, address, package: 'zsh' }, by: 'login@2', data: { ecosystem: 'deb', name: 'zsh', version: '5' } } } as const
  await run([[at.up, at.package('1'), other, at.covered('login', '', { login: true }), at.done()]])
  const kept = await database.store.read(tenant, ({ sql }) => sql`
    select s.origin, array_agg(p.name order by p.name) as names from asset_software s join software p on p.tenant_id = s.tenant_id and p.id = any(s.items)
    where s.tenant_id = ${tenant} and p.tenant_id = ${tenant} and s.gone_at is null and s.origin = 'login' group by s.origin`)
  assert.deepEqual(kept.map((row) => [row['origin'], row['names']]), [['login', ['bash', 'zsh']]])
})

test('a host scanned twice in one scan counts once', async () => {
  const { tenant, at, open, looked, run } = await world()
  const id = newId()
  await run([[...open, at.service(6379, { version: '1.0', facts: { open: true } })], open.slice(0, 2), [...open, ...looked], [...open, ...looked]], { scan: id, now: 1000 })
  const once = (await findings(database.store, tenant)).map((row) => row)
  assert.deepEqual(once.map((row) => [row.signature, row.status, row.times]), [[1, 'new', 1], [2, 'new', 1], [4, 'new', 1], [6, 'new', 1]])
  const events = await database.store.read(tenant, ({ sql }) => sql`select kind from finding_event where tenant_id = ${tenant}`)
  assert.deepEqual(events.map((row) => row['kind']), ['new', 'new', 'new', 'new'])
})

test('an attempt that was cut closes nothing; the next one in the same scan does, by its own coverage alone', async () => {
  const { at, open, shut, looked, run, one } = await world()
  await run([[...open, ...looked]])
  const id = newId()
  await run([[...shut, at.covered('service', 'tcp:6379')]], { scan: id })
  assert.equal((await one())!.status, 'new')
  await run([[...shut, at.done()]], { scan: id })
  assert.equal((await one())!.status, 'new', 'coverage of the cut attempt must not count')
  await run([[...shut, ...looked]], { scan: newId() })
  assert.equal((await one())!.status, 'fixed')
})

test('events after the end of a host are not heard in that scan', async () => {
  const { shut, open, looked, run, one } = await world()
  const id = newId()
  await run([[...shut, ...looked], [...open, ...looked]], { scan: id })
  assert.equal(await one(), undefined)
})

test('cut into any batches, sent any number of times, the result is the same as merge() says', async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ found: fc.boolean(), covered: fc.boolean(), cuts: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), again: fc.boolean() }), { minLength: 1, maxLength: 7 }),
    async (scans) => {
      const { at, open, shut, looked, run, one } = await world()
      let expected: Finding | null = null
      let now = 10_000
      for (const { found, covered, cuts, again } of scans) {
        now += 1000
        const events = [...(found ? open : shut), at.covered('ports', 'tcp:1-10000'), ...(covered ? [looked[1]!] : []), at.done()]
        const batches: ScanEvent[][] = []
        let rest = events
        for (const cut of cuts) {
          batches.push(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        batches.push(rest)
        const id = newId()
        // A lost lease: some of it was told before, by a scanner that died.
        await run([...(again ? [events.slice(0, -1)] : []), ...batches.filter((batch) => batch.length > 0)], { scan: id, now })
        const detection = found ? { signature: 1, version: 1, at: { asset: '', address: '' }, type: 'confirmed', severity: 5, result: '', seen: now, by: 'service@1' } as const : null
        expected = merge(expected, detection, covered, now)
      }
      const row = await one()
      assert.deepEqual(
        row === undefined ? null : [row.status, row.times, row.reopens, row.first, row.last, row.fixed],
        expected === null ? null : [expected.status, expected.times, expected.timesReopened, expected.first, expected.last, expected.fixed ?? null],
      )
    },
  ), { numRuns: 60 })
})

test('two virtual hosts on one port are two findings, and what a target says cannot break the keys', async () => {
  const { tenant, at, run } = await world()
  await run([[at.up, at.port(80), at.http(80, 200, 'a.example'), at.http(80, 200, 'b.example'), at.http(80, 200, `x\u0000${'é'.repeat(3000)}\ud800`),
    at.service(81, { version: '1.0', banner: 'a\u0000b\ud800', product: '\u0000'.repeat(5000) }), at.covered('http', 'tcp:80', { signatures: [3] }), at.done()]])
  const rows = (await findings(database.store, tenant)).filter((row) => row.signature === 3)
  assert.equal(rows.length, 3)
  assert.ok(rows.every((row) => row.instance.length <= 500 && !row.instance.includes('\0')))
})

test('counts and risk of the host follow its findings', async () => {
  const { tenant, asset, open, shut, looked, run } = await world()
  const host = async () => (await database.store.read(tenant, ({ sql }) => sql`select open1, open2, open3, open4, open5, risk, state from asset_host where tenant_id = ${tenant} and id = ${asset}`))[0]!
  await run([[...open, ...looked]])
  // Severity 5 scores 92, severity 2 scores 28; impact 2: 2 × (92 + 0.6 × 28).
  assert.deepEqual({ ...(await host()) }, { open1: 0, open2: 1, open3: 0, open4: 0, open5: 1, risk: 739, state: 'up' })
  await run([[...shut, ...looked]])
  assert.deepEqual({ ...(await host()) }, { open1: 0, open2: 1, open3: 0, open4: 0, open5: 0, risk: 218, state: 'up' })
})

test('a host of another tenant is not written, whatever a scanner says', async () => {
  const mine = await world()
  const theirs = await world()
  await scan(database.store, mine.tenant, [[...theirs.open, ...theirs.looked]])
  assert.deepEqual(await findings(database.store, theirs.tenant), [])
  assert.deepEqual(await findings(database.store, mine.tenant), [])
})
