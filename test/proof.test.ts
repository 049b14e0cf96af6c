import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { ProofBundle } from '#core/proof.ts'
import { redecide } from '#engine/proof/redecide.ts'
import { proofBundle } from '#platform/finding/proof-bundle.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { sliceEngine } from '#scanner/engine.ts'
import { startScanner } from '#scanner/scanner.ts'
import { newId } from '#store/id.ts'
import { withStore } from './database.ts'
import { launch, makeProfile, makeScanTenant, openRedis, readContent, scanNow, until } from './contracts/scan-world.ts'

test('every finding of a scan that has bytes is decided again from them alone, and a changed byte that mattered is told', async (context) => {
  const { store } = await withStore(context)
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const redis = await openRedis('127.0.0.73')
  const web = createServer((request, answer) => {
    if (request.url === '/.git/HEAD') answer.end('ref: refs/heads/main\n')
    else if (request.url === '/.env') answer.end('APP_KEY=base64:abc\nDB_PASSWORD=secret\n')
    else if (request.url === '/') answer.end('<title>shop</title>')
    else answer.writeHead(404).end('no')
  })
  web.listen(0, '127.0.0.73')
  await once(web, 'listening')
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge })
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const errors: unknown[] = []
  const scanner = startScanner({
    channel: platform.of({ id, tenant: null, network: null }), engine: sliceEngine, id, software: 'test', capacity: 4, spool: null, heartbeatMs: 500, tell: () => {}, onError: (error) => errors.push(error),
  })
  context.after(async () => {
    await scanner.stop()
    await platform.stop()
    await redis.close()
    web.closeAllConnections()
    web.close()
  })
  const scan = await launch(store, tenant, { targets: '127.0.0.73', profileId: await makeProfile(store, tenant, [redis.port, (web.address() as AddressInfo).port]) })
  await until('the scan to finish', async () => (await scanNow(store, tenant, scan.id)).state === 'Finished')
  assert.deepEqual(errors, [])

  const found = await store.read(tenant, ({ sql }) => sql<{ id: string; proven: boolean }[]>`
    select f.id, p.finding_id is not null as proven from finding f left join finding_proof p on p.tenant_id = f.tenant_id and p.finding_id = f.id where f.tenant_id = ${tenant} and f.port <> 0`)
  assert.ok(found.length >= 4, `only ${found.length} findings`)
  assert.deepEqual(found.filter((one) => !one.proven), [], 'a finding without its bytes')
  const bundles = await Promise.all(found.map((one) => store.read(tenant, (tx) =>
    proofBundle(tx, one.id, null, { signature: (check) => knowledge.signatures.get(check), templates: null }))))
  // What is downloaded is JSON, and nothing else is at hand when it is read.
  const carried = bundles.map((bundle) => JSON.parse(JSON.stringify(bundle)) as ProofBundle)
  for (const bundle of carried) {
    const verdict = await redecide(bundle)
    assert.equal(verdict.verdict, 'holds', `${bundle.finding.title}: ${verdict.text}`)
    assert.equal(verdict.result, bundle.finding.result)
  }

  const leak = carried.find((bundle) => bundle.check.signature?.ask?.path === '/.git/HEAD')
  assert.ok(leak !== undefined)
  const bent = { ...leak, proof: { ...leak.proof, exchanges: leak.proof.exchanges.map((one) => ({ ...one, received: Buffer.from(Buffer.from(one.received, 'base64').toString('latin1').replaceAll('ref: refs', 'abc: defg'), 'latin1').toString('base64') })) } }
  assert.equal((await redecide(bent)).verdict, 'fails')
  assert.equal((await redecide({ ...leak, proof: { ...leak.proof, exchanges: [] } })).verdict, 'cannot')
})
