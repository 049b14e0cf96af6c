import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { storeRelease } from '#platform/kb/release.ts'
import { makeTenant, openTestDatabase, type TestDatabase } from './database.ts'
import { findings, host, makeHost, scan, signatures } from './finding-world.ts'

const [first] = signatures as readonly [Signature]
const ofTls: readonly Signature[] = [
  { ...first, id: 7, title: 'ROBOT', on: 'tls', when: { field: 'flaws', is: 'robot' }, result: 'Flaws {flaws}' },
  { ...first, id: 8, title: 'RC4', on: 'tls', when: { field: 'weak', is: 'RC4' }, result: 'Weak {weak}' },
]
let database: TestDatabase

before(async () => {
  database = await openTestDatabase()
  await database.store.platform((tx) => storeRelease(tx, 'test', ofTls, new Date()))
})
after(() => database.close())

test('a look at TLS that has no verdict on a flaw closes what it tells of, and leaves the flaw open and untested', async () => {
  const { store } = database
  const tenant = await makeTenant(store)
  const asset = await makeHost(store, tenant, '127.0.1.1')
  const at = host(asset, '127.0.1.1')
  const using = knowledgeOf('test', ofTls)
  const look = (data: object): readonly ScanEvent[] => [
    at.up, at.port(443),
    { type: 'seen', seen: { kind: 'tls', at: { asset, address: '127.0.1.1', port: 443, proto: 'tcp' }, seen: 1_780_000_000_000, by: 'tls@3', data: { accepted: ['TLSv1.2'], refused: [], suites: [], weak: [], forwardSecrecy: null, dhBits: null, starttls: null, certificate: null, ...data } } as Observation },
    at.covered('ports', 'tcp:443'), at.covered('tls', 'tcp:443'), at.done(),
  ]
  const told = async (data: object): Promise<readonly string[]> => {
    // Events of one host may come in several batches: what a look left open is kept until the host is through.
    const events = look(data)
    await scan(store, tenant, [events.slice(0, 3), events.slice(3)], {}, using)
    return (await findings(store, tenant)).map((row) => `${row.signature} ${row.status}`)
  }
  const ledger = async (): Promise<unknown> => (await store.read(tenant, ({ sql }) => sql<{ checks: unknown }[]>`select checks from asset_scan where tenant_id = ${tenant} order by started_at desc, scan_id desc limit 1`))[0]!.checks
  assert.deepEqual(await told({ flaws: ['robot'], tested: ['robot'], weak: ['RC4'] }), ['7 new', '8 new'])
  assert.deepEqual(await told({ flaws: [], tested: ['heartbleed'] }), ['7 new', '8 fixed'])
  assert.deepEqual(await ledger(), { total: 2, found: 0, tested: 1, absent: 0, untested: { undecided: 1 } })
  assert.deepEqual(await told({ flaws: [], tested: ['heartbleed', 'robot'] }), ['7 fixed', '8 fixed'])
  assert.deepEqual(await ledger(), { total: 2, found: 0, tested: 2, absent: 0, untested: {} })
})
