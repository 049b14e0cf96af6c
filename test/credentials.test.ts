import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { newScannerKey, openCredential } from '#channel/seal.ts'
import type { ScanEvent } from '#core/event.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { newId } from '#store/id.ts'
import { secretBox } from '#store/secrets.ts'
import { launch, makeProfile } from './contracts/scan-world.ts'
import { call, codeOf } from './call.ts'
import { register } from './registered.ts'
import { signUp, withServer } from './server.ts'

const secrets = secretBox(randomBytes(32), newId, Date.now)
const server = await withServer({ after: (work) => test.after(work) }, { secrets })
const { app, database: { store } } = server
const secret = 'cT5-long-and-random-9k2'
const record = { title: 'Servers', targets: '127.0.0.0/28', login: { kind: 'ssh', user: 'audit', password: secret, elevate: { by: 'sudo', password: 'sudo-secret-77' } } }
const boss = await signUp(server)

test('a record goes in with its secrets and comes out without them: not in answers, lists, the audit log or the rows', async () => {
  const made = await call(app, 'POST', '/credentials', record, boss.headers)
  assert.equal(made.status, 201, made.text)
  assert.deepEqual(made.body['login'], { kind: 'ssh', user: 'audit', port: null, elevate: 'sudo', hostKeys: [], version: null, auth: null, privacy: null, database: null, secrets: ['password', 'elevatePassword'] })
  const id = String(made.body['id'])
  const changed = await call(app, 'PATCH', `/credentials/${id}`, { title: 'Linux servers', enabled: false, login: { kind: 'ssh', user: 'root' , port: 2222 } }, boss.headers)
  assert.deepEqual([changed.status, (changed.body['login'] as any).secrets, (changed.body['login'] as any).port], [200, ['password'], 2222], 'the way to root was taken away with its password')
  const texts = [made.text, changed.text, (await call(app, 'GET', '/credentials', undefined, boss.headers)).text, (await call(app, 'GET', '/audit', undefined, boss.headers)).text]
  const rows = await store.read(boss.tenant, ({ sql, tenant }) => sql`select * from credential where tenant_id = ${tenant}`)
  assert.equal(rows.length, 1)
  texts.push(JSON.stringify(rows), Buffer.from(rows[0]!['sealed']).toString('latin1'), JSON.stringify(server.log))
  for (const text of texts) assert.ok(!text.includes(secret) && !text.includes('sudo-secret-77'))
  assert.match(texts[3]!, /credential\.created/)
  assert.equal((await call(app, 'DELETE', `/credentials/${id}`, undefined, boss.headers)).status, 204)
  assert.equal(codeOf(await call(app, 'GET', `/credentials/${id}`, undefined, boss.headers)), '404 not_found')
})

test('what is missing is said, by kind', async () => {
  const tried = async (login: object, more: object = {}) => codeOf(await call(app, 'POST', '/credentials', { title: 'x', targets: '127.0.0.1', login, ...more }, boss.headers))
  assert.equal(await tried({ kind: 'ssh', user: 'audit' }), '400 credential.incomplete')
  assert.equal(await tried({ kind: 'ssh', user: 'audit', privateKey: 'not a key' }), '400 credential.incomplete')
  assert.equal(await tried({ kind: 'snmp', version: '2c' }), '400 credential.incomplete')
  assert.equal(await tried({ kind: 'snmp', version: '3', user: 'u', privacy: { by: 'AES', key: 'long-enough' } }), '400 credential.incomplete')
  assert.equal(await tried({ kind: 'snmp', version: '3', user: 'u', auth: { by: 'SHA', key: 'short' } }), '400 credential.incomplete')
  assert.equal(await tried({ kind: 'mysql', user: 'u' }), '400 credential.incomplete')
  assert.equal(await tried(record.login, { targets: '' }), '400 credential.no_targets')
  assert.equal(await tried(record.login, { networkId: newId() }), '404 not_found')
  assert.equal(await tried(record.login, { assetGroupIds: [newId()] }), '404 not_found')
})

test('another organisation and roles that may not are told nothing', async () => {
  const made = await call(app, 'POST', '/credentials', { ...record, title: 'Ours' }, boss.headers)
  const id = String(made.body['id'])
  const stranger = await signUp(server)
  for (const [method, payload] of [['GET', undefined], ['PATCH', { title: 'Mine' }], ['PATCH', { login: { kind: 'ssh', user: 'x' } }], ['DELETE', undefined]] as const) {
    assert.equal(codeOf(await call(app, method, `/credentials/${id}`, payload, stranger.headers)), '404 not_found')
  }
  assert.deepEqual((await call(app, 'GET', '/credentials', undefined, stranger.headers)).body['items'], [])
  for (const role of ['scanner', 'reader', 'auditor', 'user_administrator'] as const) {
    const person = await signUp(server, role, boss.tenant)
    assert.equal((await call(app, 'GET', '/credentials', undefined, person.headers)).status, 403, role)
    assert.equal((await call(app, 'POST', '/credentials', { ...record, title: role }, person.headers)).status, 403, role)
  }
  // Of a narrower scope: what they made themselves, and no further than their groups reach.
  await register(server, boss, '127.0.0.0/28')
  const group = await call(app, 'POST', '/groups', { name: 'Ours', text: '127.0.0.8/30' }, boss.headers)
  const unit = await signUp(server, 'unit_manager', boss.tenant, [String(group.body['id'])])
  assert.deepEqual((await call(app, 'GET', '/credentials', undefined, unit.headers)).body['items'], [])
  assert.equal(codeOf(await call(app, 'GET', `/credentials/${id}`, undefined, unit.headers)), '404 not_found')
  assert.equal(codeOf(await call(app, 'POST', '/credentials', { ...record, title: 'Too far' }, unit.headers)), '403 credential.out_of_scope')
  await call(app, 'DELETE', `/credentials/${id}`, undefined, boss.headers)
})

test('a scanner gets the logins of the hosts it leases, sealed to its own key and for these hosts alone', async (t) => {
  const platform = await openPlatformChannel({ store, secrets, knowledge: () => knowledgeOf('test', []) })
  t.after(() => platform.stop())
  const person = await signUp(server)
  await register(server, person, '127.0.0.0/24')
  const make = async (title: string, targets: string, enabled = true) => String((await call(app, 'POST', '/credentials', { ...record, title, targets, enabled }, person.headers)).body['id'])
  const [both, one] = [await make('Both', '127.0.0.1-127.0.0.9'), await make('One', '127.0.0.2')]
  await make('Elsewhere', '127.0.0.99')
  await make('Off', '127.0.0.1', false)
  await signUp(server).then((other) => call(app, 'POST', '/credentials', { ...record, title: 'Of another organisation', targets: '127.0.0.0/24' }, other.headers))
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const channel = platform.of({ id, tenant: null, network: null })
  const key = newScannerKey()
  const lease = async (profile: object, publicKey?: string) => {
    const profileId = await makeProfile(store, person.tenant, [1], profile)
    await launch(store, person.tenant, { targets: '127.0.0.1, 127.0.0.2', profileId })
    const [slice] = await channel.lease({ id, software: '1', content: '', holds: [], capacity: 64, ...(publicKey === undefined ? {} : { key: publicKey }) }, 1, AbortSignal.timeout(5000))
    await channel.finish(slice!.id, 'lost')
    await store.write(person.tenant, async ({ sql, tenant }) => sql`delete from scan_slice where tenant_id = ${tenant}`)
    return slice!
  }
  const { credentials = [], hosts } = await lease({}, key.publicKey)
  assert.deepEqual(credentials.map((sealed) => [sealed.title, sealed.record, sealed.targets]), [['Both', both, '127.0.0.1-127.0.0.2'], ['One', one, '127.0.0.2']])
  assert.ok(!JSON.stringify(credentials).includes(secret))
  const opened = openCredential(credentials[0]!, key)
  assert.deepEqual([opened?.kind, opened?.kind === 'ssh' && opened.password], ['ssh', secret])
  assert.equal(openCredential(credentials[0]!, newScannerKey()), null)
  assert.equal((await lease({})).credentials, undefined, 'a scanner without a key was given logins')
  assert.equal((await lease({ login: false }, key.publicKey)).credentials, undefined, 'the profile says no logins')
  assert.equal(hosts.length, 2)
})

test('a remote scanner keeps the key it said first: a stolen token alone opens no login', async (t) => {
  const platform = await openPlatformChannel({ store, secrets, knowledge: () => knowledgeOf('test', []) })
  t.after(() => platform.stop())
  const person = await signUp(server)
  await register(server, person, '127.0.0.0/28')
  await call(app, 'POST', '/credentials', record, person.headers)
  const scanner = (await call(app, 'POST', '/scanners', { name: 'Remote' }, person.headers)).body
  const id = String(scanner['id'])
  await store.platform(({ sql }) => sql`update scanner set activated_at = now(), activation_code = null where id = ${id}`)
  const channel = platform.of({ id, tenant: person.tenant, network: person.tenant })
  const [first, other] = [newScannerKey(), newScannerKey()]
  const profileId = await makeProfile(store, person.tenant, [1])
  const lease = async (key: string) => {
    await launch(store, person.tenant, { targets: '127.0.0.1', profileId, scannerId: id })
    const [slice] = await channel.lease({ id, software: '1', content: '', holds: [], capacity: 64, key }, 1, AbortSignal.timeout(5000))
    await store.write(person.tenant, async ({ sql, tenant }) => sql`delete from scan_slice where tenant_id = ${tenant}`)
    return slice?.credentials?.length ?? 0
  }
  assert.deepEqual([await lease(first.publicKey), await lease(other.publicKey), await lease(first.publicKey)], [1, 0, 1])
  await call(app, 'POST', `/scanners/${id}/replace`, undefined, person.headers)
  assert.equal(await lease(other.publicKey), 1)
})

test('how logging in went is kept with the scan and shown for it and for the host; another organisation’s record is not believed', async (t) => {
  const platform = await openPlatformChannel({ store, secrets, knowledge: () => knowledgeOf('test', []) })
  t.after(() => platform.stop())
  const person = await signUp(server)
  const stranger = await signUp(server)
  await register(server, person, '127.0.0.0/28')
  const own = String((await call(app, 'POST', '/credentials', record, person.headers)).body['id'])
  const theirs = String((await call(app, 'POST', '/credentials', record, stranger.headers)).body['id'])
  const id = newId()
  await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
  const channel = platform.of({ id, tenant: null, network: null })
  const key = newScannerKey()
  const lease = async () => {
    const scan = await launch(store, person.tenant, { targets: '127.0.0.1', profileId: await makeProfile(store, person.tenant, [1]) })
    const [slice] = await channel.lease({ id, software: '1', content: '', holds: [], capacity: 64, key: key.publicKey }, 1, AbortSignal.timeout(5000))
    return { scan: scan.id, slice: slice! }
  }
  const { scan, slice } = await lease()
  const at = { asset: slice.hosts[0]!.asset, address: '127.0.0.1' }
  const login = (recordId: string, port: number, outcome: 'passed' | 'failed', more: object = {}): ScanEvent => (
    { type: 'seen', seen: { kind: 'login', at: { ...at, port, proto: 'tcp' }, seen: 1, by: 'login-ssh@1', data: { record: recordId, method: 'ssh', outcome, why: `it ${outcome}`, ...more } } })
  await channel.report(slice.id, 1, [
    { type: 'seen', seen: { kind: 'host', at, seen: 1, by: 'discover@1', data: { up: true, why: '' } } },
    login(own, 22, 'passed', { rights: 'root', hostKey: 'SHA256:first' }), login(own, 2222, 'failed'), login(theirs, 22, 'passed'),
    { type: 'covered', ...at, probe: 'login-ssh', ports: '', login: true, at: 1 },
    { type: 'done', ...at, outcome: 'scanned', why: '', at: 1 },
  ])
  await channel.finish(slice.id, 'done')
  const shown = (await call(app, 'GET', `/scans/${scan}/logins`, undefined, person.headers)).body as any
  assert.deepEqual(shown.hosts, { passed: 1, insufficient: 0, failed: 0, notAttempted: 0 })
  assert.deepEqual(shown.items.map((one: any) => [one.record, one.title, one.outcome, one.rights, one.address]), [[own, 'Servers', 'passed', 'root', '127.0.0.1']])
  const host = (await call(app, 'GET', `/assets/${at.asset}/logins`, undefined, person.headers)).body as any
  assert.deepEqual(host.items.map((one: any) => [one.record, one.outcome, one.scanId]), [[own, 'passed', scan]])
  for (const path of [`/scans/${scan}/logins`, `/assets/${at.asset}/logins`]) assert.equal(codeOf(await call(app, 'GET', path, undefined, stranger.headers)), '404 not_found')
  // The key that the login met goes with the next lease.
  assert.deepEqual((await lease()).slice.credentials?.map((sealed) => sealed.known), [{ '127.0.0.1': 'SHA256:first' }])
})
