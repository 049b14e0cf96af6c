import assert from 'node:assert/strict'
import { request } from 'node:https'
import { test, type TestContext } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { buildServer } from '#api/server.ts'
import { activate, httpsChannel } from '#channel/https.ts'
import { VigilError } from '#core/errors.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { createScanner, readScanner, removeScanner, replaceScanner } from '#platform/scanner/registry.ts'
import { hashOf, newToken } from '#scanner/identity.ts'
import type { Store } from '#store/store.ts'
import { selfSigned } from '#formats/certificate.ts'
import { withStore } from '../database.ts'
import { contextOver } from '../server.ts'
import { channelContract, fingerprints, done, type ChannelWorld } from './channel.ts'
import { launch, makeProfile, makeScanTenant, readContent, scanNow } from './scan-world.ts'

type HttpsWorld = ChannelWorld & Readonly<{ url: string; ca: string; token: string; log: readonly unknown[] }>

/** A real server with a certificate of its own making, and two scanners that were activated with codes. */
async function open(context: TestContext): Promise<HttpsWorld> {
  const database = await withStore(context)
  const { store } = database
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge, fingerprints: () => fingerprints })
  const { cert, key } = selfSigned(['localhost', '127.0.0.1'], Date.now())
  const made = contextOver(database, { channel: platform })
  const app = await buildServer({ ...made.context, config: { ...made.context.config, tls: { cert, key } } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  context.after(() => app.close())
  context.after(() => platform.stop())
  const url = `https://127.0.0.1:${portOf(app)}`
  const [first, second] = [await register(store, tenant, url, cert, 'First'), await register(store, tenant, url, cert, 'Second')]
  const channels = [first, second].map(({ token }) => httpsChannel({ platform: url, token, ca: cert }))
  context.after(() => channels.forEach((channel) => channel.close()))
  return { store, tenant, channel: channels[0]!, other: channels[1]!, id: first.id, otherId: second.id, url, ca: cert,
    token: first.token, log: made.log }
}

async function register(store: Store, tenant: string, url: string, ca: string,
  name: string): Promise<Readonly<{ id: string; token: string }>> {
  const { activationCode } = await store.write(tenant, (tx) => createScanner(tx, name, null, Date.now()))
  const token = newToken()
  const { id } = await activate({ platform: url, ca }, activationCode!, hashOf(token), AbortSignal.timeout(10_000))
  return { id, token }
}

function portOf(app: FastifyInstance): number {
  return (app.server.address() as { port: number }).port
}

channelContract('over HTTPS', open)

const never = new AbortController().signal

test('over HTTPS: a code works once, until it expires, and again only for the same token', async (context) => {
  const { store, tenant, url, ca } = await open(context)
  const scanner = await store.write(tenant, (tx) => createScanner(tx, 'Third', null, Date.now()))
  assert.equal(scanner.status, 'new')
  const [mine, theirs] = [newToken(), newToken()]
  const use = (token: string, code = scanner.activationCode!) => activate({ platform: url, ca }, code, hashOf(token), never)
  const refused = (error: unknown): boolean => error instanceof VigilError && error.code === 'scanner.bad_code'
  await assert.rejects(use(mine, 'AAAAA-BBBBB-CCCCC-DDDDD'), refused)
  assert.equal((await use(mine, scanner.activationCode!.toLowerCase().replaceAll('-', ' '))).id, scanner.id)
  assert.equal((await use(mine)).id, scanner.id)
  await assert.rejects(use(theirs), refused)
  assert.equal((await store.read(tenant, (tx) => readScanner(tx, scanner.id, Date.now()))).activationCode, null)
  const late = await store.write(tenant, (tx) => createScanner(tx, 'Fourth', null, Date.now() - 49 * 3_600_000))
  assert.equal(late.activationCode !== null, true)
  await assert.rejects(use(theirs, late.activationCode!), refused)
})

test('over HTTPS: a scanner that was removed or replaced gets nothing more', async (context) => {
  const world = await open(context)
  const me = { id: world.id, software: '1', content: '', holds: [], capacity: 1 }
  const you = { ...me, id: world.otherId }
  await world.store.write(world.tenant, (tx) => removeScanner(tx, world.id, Date.now()))
  await world.store.write(world.tenant, (tx) => replaceScanner(tx, world.otherId, Date.now()))
  const refused = (error: unknown): boolean => error instanceof VigilError && error.code === 'scanner.bad_token'
  await assert.rejects(world.channel.lease(me, 1, never), refused)
  await assert.rejects(world.other.lease(you, 1, never), refused)
  await assert.rejects(world.other.content(''), refused)
})

test('over HTTPS: a platform whose certificate is not trusted is not spoken to', async (context) => {
  const { url, token } = await open(context)
  const strange = httpsChannel({ platform: url, token })
  context.after(() => strange.close())
  await assert.rejects(strange.content(''), /self-signed|certificate/i)
  assert.throws(() => httpsChannel({ platform: 'http://vigil.example.org', token }), /must not travel in the clear/)
})

test('over HTTPS: a scanner reaches nothing of another tenant', async (context) => {
  const world = await open(context)
  const other = await makeScanTenant(world.store, '127.0.0.0/8', 'Another organisation')
  const profileId = await makeProfile(world.store, other, [1])
  const scan = await launch(world.store, other, { targets: '127.0.0.1', profileId })
  const me = { id: world.id, software: '1', content: '', holds: [], capacity: 1 }
  assert.deepEqual(await world.channel.lease(me, 4, AbortSignal.timeout(500)).catch(() => []), [])
  const [row] = await world.store.read(other, (tx) => tx.sql<{ id: string; asset: string }[]>`
    select s.id, h.asset_id as asset from scan_slice s join scan_host h on h.tenant_id = s.tenant_id and h.slice_id = s.id where s.tenant_id = ${other}`)
  assert.equal(await world.channel.report(row!.id, 1, [done(row!.asset, '127.0.0.1')]), 'stop')
  await world.channel.finish(row!.id, 'done')
  const now = await scanNow(world.store, other, scan.id)
  assert.deepEqual([now.state, now.hosts_done], ['Queued', 0])
})

test('over HTTPS: what is broken, too large or no event is refused in words, and stores nothing', async (context) => {
  const world = await open(context)
  const profileId = await makeProfile(world.store, world.tenant, [1])
  await launch(world.store, world.tenant, { targets: '127.0.0.1', profileId })
  const [slice] = await world.channel.lease({ id: world.id, software: '1', content: '', holds: [], capacity: 1 }, 1, never)
  const host = slice!.hosts[0]!
  const good = JSON.stringify(done(host.asset, host.address))
  const post = (body: Uint8Array | string, encoding = 'gzip') => raw(world, `/channel/v1/report?slice=${slice!.id}&seq=1`, body,
    encoding)
  const bad: readonly (readonly [string, Uint8Array | string, string, number])[] = [
    ['not gzip', 'hello', 'gzip', 400],
    ['unknown encoding', 'hello', 'br', 400],
    ['a bomb', gzipSync(Buffer.alloc(40_000_000, 32)), 'gzip', 413],
    ['not JSON', gzipSync('{"type":'), 'gzip', 400],
    ['no event', gzipSync('{"type":"constructor"}'), 'gzip', 400],
    ['half an event', gzipSync('{"type":"done","asset":"x"}'), 'gzip', 400],
    ['a wrong shape', gzipSync(good.replace('"dead"', '"dead or alive"')), 'gzip', 400],
    ['too many', gzipSync(`${good}\n`.repeat(5001)), 'gzip', 400],
  ]
  for (const [what, body, encoding, status] of bad) assert.equal((await post(body, encoding)).status, status, what)
  assert.equal((await scanNow(world.store, world.tenant, slice!.scan)).hosts_done, 0)
  assert.equal((await post(zstdCompressSync(good), 'zstd')).status, 200)
  assert.equal((await scanNow(world.store, world.tenant, slice!.scan)).hosts_done, 1)
  assert.equal((await raw({ ...world, token: 'x'.repeat(43) }, '/channel/v1/content', '{"have":""}', 'identity')).status, 401)
})

test('over HTTPS: neither a token nor a code is ever in the log', async (context) => {
  const world = await open(context)
  const scanner = await world.store.write(world.tenant, (tx) => createScanner(tx, 'Quiet', null, Date.now()))
  const token = newToken()
  await activate({ platform: world.url, ca: world.ca }, scanner.activationCode!, hashOf(token), never)
  await httpsChannel({ platform: world.url, token, ca: world.ca }).content('')
  await httpsChannel({ platform: world.url, token: `${token}x`, ca: world.ca }).content('').catch(() => {})
  const text = JSON.stringify(world.log)
  assert.ok(text.includes('/channel/v1/content'), 'nothing was logged at all')
  for (const secret of [token, world.token, scanner.activationCode!, hashOf(token)]) assert.ok(!text.includes(secret))
})

type Raw = Readonly<{ status: number; text: string }>

function raw(world: Pick<HttpsWorld, 'url' | 'ca' | 'token'>, path: string, body: Uint8Array | string,
  encoding: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const type = path.includes('report') ? 'application/x-ndjson' : 'application/json'
    const headers = {
      'authorization': `Bearer ${world.token}`, 'content-type': type, 'content-length': String(Buffer.byteLength(body)),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    }
    const sent = request(new URL(path, world.url), { method: 'POST', headers, ca: world.ca }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part)).on('end',
        () => resolve({ status: answer.statusCode!, text: Buffer.concat(parts).toString() }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
