import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { buildServer } from '#api/server.ts'
import { VigilError } from '#core/errors.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { createScanner, readScanner } from '#platform/scanner/registry.ts'
import { selfSigned } from '#formats/certificate.ts'
import { scannerCommand } from '../../src/command/scanner.ts'
import { withStore } from '../database.ts'
import { contextOver } from '../server.ts'
import { findingsOf, launch, makeProfile, makeScanTenant, openRedis, readContent, scanNow, until } from './scan-world.ts'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vigil-appliance-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a scanner whose platform goes away works on, keeps what it saw on disk, and delivers it when it is back',
  async (context) => {
  const database = await withStore(context)
  const { store } = database
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge })
  const { cert, key } = selfSigned(['127.0.0.1'], Date.now())
  const data = await folder(context)
  const caFile = join(data, 'ca.pem')
  await writeFile(caFile, cert)
  let app: FastifyInstance | null = null
  let port = 0
  const serve = async (): Promise<void> => {
    const { context: api } = contextOver(database, { channel: platform })
    app = await buildServer({ ...api, config: { ...api.config, tls: { cert, key } } })
    await app.listen({ host: '127.0.0.1', port })
    port = (app.server.address() as { port: number }).port
  }
  await serve()

  const addresses = Array.from({ length: 16 }, (_, n) => `127.0.4.${n + 1}`)
  const first = await openRedis(addresses[0]!)
  const others = await Promise.all(addresses.slice(1).map((address) => openRedis(address, first.port)))
  context.after(async () => {
    for (const server of [first, ...others]) await server.close()
  })
  const profileId = await makeProfile(store, tenant, [first.port], { pace: { hosts: 2, connections: 16, perHost: 8, rate: 0 } })
  const registered = await store.write(tenant, (tx) => createScanner(tx, 'Appliance', null, Date.now()))
  const command = scannerCommand(['--platform', `https://127.0.0.1:${port}`, '--code', registered.activationCode!, '--data', data,
    '--ca', caFile])
  context.after(() => app?.close())
  context.after(() => platform.stop())

  const scan = await launch(store, tenant, { targets: '127.0.4.1-127.0.4.16', profileId })
  await until('the first hosts to be through', async () => (await scanNow(store, tenant, scan.id)).hosts_done > 0)
  const shown = await store.read(tenant, (tx) => readScanner(tx, registered.id, Date.now()))
  assert.deepEqual([shown.status, shown.content, shown.runningScans], ['online', knowledge.release, 1])
  await app!.close()
  await until('batches on disk', async () => (await readdir(join(data, 'spool'))).length > 0)
  const before = (await scanNow(store, tenant, scan.id)).hosts_done
  assert.ok(before < addresses.length, 'the platform went away too late to prove anything')
  await serve()
  const ended = await until('the scan to finish', async () => {
    const now = await scanNow(store, tenant, scan.id)
    return now.state === 'Finished' && now
  }, 60)
  assert.deepEqual([ended.hosts_done, ended.hosts_untested], [16, 0])
  const weak = (await findingsOf(store, tenant)).filter((line) => line.includes(' 40101 tcp '))
  assert.deepEqual([weak.length, weak.every((line) => line.endsWith(' new 1'))], [16, true])
  assert.deepEqual(await readdir(join(data, 'spool')), [])

  process.emit('SIGTERM')
  assert.equal(await command, 0)
})

test('a remote scanner says what is missing or wrong before it does anything', async (context) => {
  const data = await folder(context)
  const refused = (args: readonly string[], why: RegExp) => assert.rejects(scannerCommand([...args, '--data', data]), (error) => {
    assert.ok(error instanceof VigilError, String(error))
    assert.deepEqual([error.code, why.test(error.message)], ['usage', true], error.message)
    return true
  })
  await refused([], /Say where the platform is/)
  await refused(['--platform', 'https://127.0.0.1:1'], /Say the activation code/)
  await refused(['--platform', 'http://vigil.example.org', '--code', 'x'], /must not travel in the clear/)
  await refused(['--platform', 'nonsense', '--code', 'x'], /is not a URL/)
  await refused(['--platform', 'https://127.0.0.1:1', '--code', 'x', '--capacity', '0'], /--capacity/)
  await refused(['--platform', 'https://127.0.0.1:1', '--code', 'x', '--ca', join(data, 'nothing.pem')], /cannot be read/)
  await writeFile(join(data, 'scanner.json'), '{"id":')
  await assert.rejects(scannerCommand(['--data', data]), /scanner\.json is damaged/)
})
