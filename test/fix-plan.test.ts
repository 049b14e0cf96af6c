import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordFixPlans } from '#platform/finding/fix-plan.ts'
import { storeRelease } from '#platform/kb/release.ts'
import { host, makeHost, scan, signatures } from './finding-world.ts'
import { signUp, withServer, type Browser } from './server.ts'

const server = await withServer({ after: (work) => test.after(work) })
const { store } = server.database
// Check 2 names a product and a CVE: an upgrade settles it.
await store.platform((tx) => storeRelease(tx, 'test', signatures.map((one) => (one.id === 2 ? { ...one, products: ['acme:httpd'] } : one)), new Date()))

const get = async (browser: Browser, path: string) => {
  const answer = await server.app.inject({ url: `/api/v1${path}`, headers: browser.headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

/** Three hosts with an old package and web server; one with an open store too; in a group of its own the last one. */
async function filled(): Promise<Readonly<{ manager: Browser; assets: readonly string[] }>> {
  const manager = await signUp(server)
  const assets: string[] = []
  for (const address of ['127.0.12.1', '127.0.12.2', '127.0.12.3']) {
    const asset = await makeHost(store, manager.tenant, address)
    const seen = host(asset, address)
    await scan(store, manager.tenant, [[seen.up, seen.service(80, { version: '1.0' }), seen.package('1'), ...(assets.length === 0 ? [seen.service(6379, { facts: { open: true } })] : []), seen.done()]])
    assets.push(asset)
  }
  return { manager, assets }
}

test('packages over all hosts come as one step, with risk before and after, what to do, and the findings it settles', async () => {
  const { manager } = await filled()
  const plan = await get(manager, '/dashboard/fix-plan')
  assert.deepEqual(plan.steps.map((step: any) => [step.kind, step.title, step.hosts, step.findings]), [['package', 'bash', 3, 3], ['package', 'httpd', 3, 3], ['check', 'Store open without password', 1, 1]])
  const risks = (await get(manager, '/assets')).items.reduce((sum: number, one: any) => sum + one.risk, 0)
  assert.ok(Math.abs(plan.risk - risks) <= 2, `${plan.risk} is not ${risks}`)
  assert.deepEqual([plan.hosts, plan.left, plan.more], [3, 0, 0])
  for (const [place, step] of plan.steps.entries()) {
    assert.ok(step.before > step.after && step.before === (plan.steps[place - 1]?.after ?? plan.risk))
    assert.equal((await get(manager, `/findings?q=${encodeURIComponent(step.q)}`)).items.length, step.findings, step.q)
  }
  assert.match(plan.steps[0].solution, /^Upgrade bash on 3 hosts/)
  assert.equal(plan.steps[2].solution, 'Solution.')
  assert.deepEqual(plan.steps[1].checks, [{ id: 2, title: 'Old web server', severity: 4, exploited: false }])
  const short = await get(manager, '/dashboard/fix-plan?steps=1')
  assert.deepEqual([short.steps.length, short.left, short.more], [1, plan.steps[0].after, 2])
})

test('what it says is what happens: risk falls by as much when the findings of a step are gone', async () => {
  const { manager } = await filled()
  const [step] = (await get(manager, '/dashboard/fix-plan')).steps
  await server.app.inject({ method: 'POST', url: '/api/v1/findings/ignore', headers: manager.headers, payload: { q: step.q, reason: 'later', comment: 'as if it were fixed' } })
  const after = await get(manager, '/dashboard/fix-plan')
  assert.equal(after.risk, step.after)
  assert.ok(!after.steps.some((one: any) => one.title === step.title))
})

test('who sees some groups gets the plan of their hosts; another organisation none of it; a stored one is read while it is fresh', async () => {
  const { manager, assets } = await filled()
  const group = (await server.app.inject({ method: 'POST', url: '/api/v1/groups', headers: manager.headers, payload: { name: 'Mine', impact: 2, unitId: null, comment: '' } })).json().id as string
  await server.app.inject({ method: 'POST', url: `/api/v1/groups/${group}/members`, headers: manager.headers, payload: { text: '', assetIds: [assets[0]] } })
  const reader = await signUp(server, 'reader', manager.tenant, [group])
  const mine = await get(reader, '/dashboard/fix-plan')
  assert.deepEqual([mine.hosts, mine.steps.map((step: any) => step.hosts)], [1, [1, 1, 1]])
  assert.deepEqual((await get(await signUp(server), '/dashboard/fix-plan')).steps, [])

  const stored = { at: new Date().toISOString(), risk: 7, hosts: 1, mean: 7, steps: [], left: 7, more: 0 }
  await store.write(manager.tenant, ({ sql, tenant }) => sql`insert into fix_plan (tenant_id, plan, at) values (${tenant}, ${sql.json(stored)}, ${new Date()})`)
  assert.equal((await get(manager, '/dashboard/fix-plan')).risk, 7)
  assert.equal((await get(reader, '/dashboard/fix-plan')).hosts, 1, 'never to who sees less')
  await recordFixPlans(store, new Date())
  assert.equal((await get(manager, '/dashboard/fix-plan')).hosts, 3, 'a small organisation needs none')
})
