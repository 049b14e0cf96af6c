import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Credential } from '#core/credential.ts'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import type { Shapes } from '#core/observation.ts'
import { standard } from '#core/profile.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { lasting } from './look.ts'
import { mariadb } from './mariadb.ts'
import { startMysqlTwin } from './mysql-twin.ts'
import { startPeer, type PeerPlace } from './peer.ts'
import { postgresql, postgresqlMd5, postgresqlPassword } from './postgresql.ts'

const asset = '00000000-0000-4000-8000-000000000001'
const secret = 'cT5-long-and-random-9k2'

async function look(kind: 'postgresql' | 'mysql', port: number, user: string, password: string) {
  const events: ScanEvent[] = []
  await runScan({
    hosts: [{ asset, address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [], asks: [], probes, now: Date.now, signal: new AbortController().signal,
    credentials: () => [{ record: 'r', title: 'x', targets: '127.0.0.1', kind, user, password, port }] satisfies Credential[],
    profile: { ...standard, defaults: false, tcp: String(port), udp: '', discovery: { alwaysUp: true, tcp: String(port) }, limits: { ...standard.limits, answer: 20_000 } }, sink: (event) => void events.push(event),
  })
  assert.ok(password === '' || !JSON.stringify(events).includes(password), 'the password is in what is told')
  const of = <T>(name: string): T | undefined => events.flatMap((event) => (event.type === 'seen' && event.seen.kind === name ? [event.seen.data as T] : []))[0]
  return { login: of<Shapes['login']>('login'), facts: of<Shapes['setting']>('setting')?.facts, covered: events.flatMap((event) => (event.type === 'covered' && event.login && event.probe !== 'login' ? [`${event.probe} ${event.ports}`] : [])) }
}

test('PostgreSQL by SCRAM inside TLS: settings are read, and a wrong password covers nothing', async () => {
  const peer = await lasting(startPeer(postgresql.hardened))
  const seen = await look('postgresql', peer.port, 'postgres', secret)
  assert.deepEqual([seen.login?.outcome, seen.login?.rights, seen.covered], ['passed', 'root', [`login-postgresql tcp:${peer.port}`]], seen.login?.why)
  assert.deepEqual([seen.facts?.['ssl'], seen.facts?.['passwordEncryption'], seen.facts?.['trustRules'], seen.facts?.['superusersWithoutPassword']], [true, 'scram-sha-256', [], []])
  assert.match(String(seen.facts?.['version']), /^15\./)
  const wrong = await look('postgresql', peer.port, 'postgres', 'not-the-password')
  assert.deepEqual([wrong.login?.outcome, wrong.facts, wrong.covered], ['failed', undefined, []])
})

test('PostgreSQL that trusts everybody shows its rules and its superuser without a password', async () => {
  const peer = await lasting(startPeer(postgresql.weak))
  const seen = await look('postgresql', peer.port, 'postgres', secret)
  assert.deepEqual([seen.facts?.['trustRules'], seen.facts?.['superusersWithoutPassword'], seen.facts?.['ssl']], [['host all all all'], ['postgres'], false], JSON.stringify(seen.login))
})

test('a password is not said in the clear to PostgreSQL that asks for it so', async () => {
  const peer = await lasting(startPeer(postgresqlPassword))
  const seen = await look('postgresql', peer.port, 'postgres', secret)
  assert.equal(seen.login?.outcome, 'failed')
  assert.match(seen.login!.why, /in the clear; it is not said/)
  const old = await lasting(startPeer(postgresqlMd5))
  assert.equal((await look('postgresql', old.port, 'postgres', secret)).login?.outcome, 'failed')
})

test('MariaDB inside TLS: settings and users are read; a wrong password covers nothing', async () => {
  const files = (place: PeerPlace) => ({ 'init.sql': `${mariadb.hardened.files!(place)['init.sql']!}CREATE OR REPLACE USER 'blind'@'%' IDENTIFIED BY '${secret}';\nGRANT SELECT ON mysql.* TO 'root'@'%';\n` })
  const peer = await lasting(startPeer({ ...mariadb.hardened, files }))
  const seen = await look('mysql', peer.port, 'root', secret)
  assert.deepEqual([seen.login?.outcome, seen.covered], ['passed', [`login-mysql tcp:${peer.port}`]], seen.login?.why)
  assert.deepEqual([seen.facts?.['anonymousUsers'], seen.facts?.['usersWithoutPassword'], seen.facts?.['requireTls']], [0, [], true])
  const blind = await look('mysql', peer.port, 'blind', secret)
  assert.deepEqual([blind.login?.outcome, blind.covered], ['insufficient', []])
  assert.match(blind.login!.why, /not to be read: users/)
  const wrong = await look('mysql', peer.port, 'root', 'not-the-password')
  assert.deepEqual([wrong.login?.outcome, wrong.facts, wrong.covered], ['failed', undefined, []])
})

test('MariaDB set up for everybody shows users without a password, and the nameless one', async () => {
  const peer = await lasting(startPeer(mariadb.weak))
  const seen = await look('mysql', peer.port, 'root', '')
  assert.equal(seen.login?.outcome, 'passed', seen.login?.why)
  assert.equal(seen.facts?.['anonymousUsers'], 1)
  assert.match(JSON.stringify(seen.facts?.['usersWithoutPassword']), /"root@%"/)
  assert.equal(seen.facts?.['secureFilePriv'], 'anywhere')
})

test('caching_sha2_password: by the cache, with the whole password inside TLS, or sealed to the key of the server; never in the clear', async (t) => {
  for (const [by, options] of [['cache', { fast: true }], ['tls', { secure: true }], ['rsa', {}]] as const) {
    const twin = await startMysqlTwin({ password: secret, ...options })
    t.after(twin.stop)
    const seen = await look('mysql', twin.port, 'audit', secret)
    assert.equal(seen.login?.outcome, 'insufficient', `${by}: ${seen.login?.why}`)
    assert.deepEqual(twin.heard.filter((one) => one.by !== 'clear' || one.right), [{ by, right: true }])
    const wrong = await look('mysql', twin.port, 'audit', 'not-the-password')
    assert.deepEqual([wrong.login?.outcome, wrong.covered, twin.heard.at(-1)?.right], ['failed', [], false], wrong.login?.why)
  }
})
