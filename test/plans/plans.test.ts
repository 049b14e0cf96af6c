import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { withStore } from '../database.ts'
import { judgePlans } from './plans.ts'

test('the plan check tells a statement that names its tenant from one that does not', async (context) => {
  const { owner } = await withStore(context)
  const good = ['select id from asset_host where tenant_id = $1 and address = $2', 'select n.name from asset_host h join network n on n.tenant_id = h.tenant_id and n.id = h.network_id where h.tenant_id = $1 and h.id = $2']
  const bad = ['select id from asset_host where address = $1', `select id from asset_host where tenant_id = current_setting('app.tenant_id')::uuid`, 'select count(*) from network']
  assert.deepEqual((await judgePlans(owner, good)).verdicts, [])
  assert.equal((await judgePlans(owner, bad)).verdicts.length, bad.length)
})

// Under `./vigil test` this runs last, over all statements that the other tests ran in a tenant's transaction.
const log = process.env['VIGIL_SQL_PLANS']
if (log !== undefined) {
  test('every statement of a tenant names its tenant', async (context) => {
    const { owner } = await withStore(context)
    const [version] = await owner`select current_setting('server_version_num')::int as n`
    assert.ok(Number(version!['n']) >= 160000, 'generic plans need PostgreSQL 16')
    const statements = [...new Set((await readFile(log, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as string))]
    const { planned, verdicts } = await judgePlans(owner, statements)
    assert.ok(planned >= 40, `only ${planned} statements were planned: a check that saw nothing is not green`)
    assert.deepEqual(verdicts.map((verdict) => `${verdict.problem}\n    ${verdict.statement.replace(/\s+/g, ' ').slice(0, 400)}`), [])
  })
}
