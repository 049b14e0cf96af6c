import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { newId } from '#store/id.ts'
import { makeHost, knowledge, storeKnowledge } from './finding-world.ts'
import { signUp, withServer } from './server.ts'

const day = 86_400_000
const noon = Date.UTC(2026, 2, 3, 12)

test('the inventory shows the surest system that was told of a host, and its hardware; what was told long ago gives way', async (t) => {
  const server = await withServer(t)
  const browser = await signUp(server)
  const { store } = server.database
  await storeKnowledge(store)
  const asset = await makeHost(store, browser.tenant, '127.0.0.1')
  const see = async (now: number, ...systems: readonly Partial<Shapes['system']>[]): Promise<unknown> => {
    const events: ScanEvent[] = systems.map((data, index) => ({
      type: 'seen', seen: { kind: 'system', at: { asset, address: '127.0.0.1', port: 22 + index, proto: 'tcp' }, seen: now, by: 'system@1', data: { source: 'banner', name: 'unknown', confidence: 50, facts: {}, ...data } } satisfies Observation<'system'>,
    }))
    await store.write(browser.tenant, (tx) => takeEvents(tx, () => knowledge, { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now }, events))
    const answer = await server.app.inject({ method: 'GET', url: `/api/v1/assets/${asset}`, headers: browser.headers })
    const { os, hardware } = answer.json<{ os: string | null; hardware: string | null }>()
    return [os, hardware]
  }
  assert.deepEqual(await see(noon), [null, null])
  assert.deepEqual(await see(noon, { name: 'Linux', confidence: 45 }, { name: 'Debian Linux', version: '12', confidence: 65 }, { hardware: 'Dell PowerEdge R740', confidence: 40 }), ['Debian Linux 12', 'Dell PowerEdge R740'])
  assert.deepEqual(await see(noon + 1, { source: 'login', name: 'Debian GNU/Linux', version: '12', confidence: 100 }), ['Debian GNU/Linux 12', 'Dell PowerEdge R740'])
  assert.deepEqual(await see(noon + day, { name: 'Ubuntu Linux', confidence: 65 }), ['Debian GNU/Linux 12', 'Dell PowerEdge R740'])
  assert.deepEqual(await see(noon + 40 * day, { name: 'Ubuntu Linux', version: '24.04', confidence: 65 }), ['Ubuntu Linux 24.04', 'Dell PowerEdge R740'])
})
