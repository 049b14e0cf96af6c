import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sliceEngine } from '#scanner/engine.ts'
import { startScanner } from '#scanner/scanner.ts'
import { newId } from '#store/id.ts'
import { withStore } from '../../../test/database.ts'
import {
  findingsOf, launch, makeProfile, makeScanTenant, openRedis, readContent, scanNow, until,
} from '../../../test/contracts/scan-world.ts'
import { registerBuiltIn } from '../scanner/registry.ts'
import { openPlatformChannel } from './channel.ts'

test('an address is scanned, judged and finished by the built-in scanner', async (context) => {
  const { store } = await withStore(context)
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const redis = await openRedis('127.0.0.71')
  context.after(() => redis.close())
  const profileId = await makeProfile(store, tenant, [redis.port])
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge })
  context.after(() => platform.stop())
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const errors: unknown[] = []
  const scanner = startScanner({
    channel: platform.of({ id, tenant: null, network: null }), engine: sliceEngine, id, software: 'test', capacity: 4,
    spool: null, heartbeatMs: 500,
    tell: () => {}, onError: (error) => errors.push(error),
  })
  context.after(() => scanner.stop())

  const scan = await launch(store, tenant, { targets: '127.0.0.71, 127.0.0.72, 126.0.0.1', profileId })
  const ended = await until('the scan to finish', async () => {
    const now = await scanNow(store, tenant, scan.id)
    return now.state === 'Finished' && now
  })
  assert.deepEqual(errors, [])
  assert.equal(ended.hosts_total, 2)
  assert.equal(ended.hosts_up, 2)
  assert.equal(ended.dropped_count, 1)
  assert.equal(ended.ports_open, 1)
  const findings = await findingsOf(store, tenant)
  assert.ok(findings.some((line) => line.startsWith('127.0.0.71 ')), findings.join('\n'))
  assert.ok(ended.found > 0, findings.join('\n'))
})
