import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Login } from '#core/credential.ts'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import { standard } from '#core/profile.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { running } from './look.ts'
import { snmpdUsers, users } from './snmpd.ts'

const asset = '00000000-0000-4000-8000-000000000001'
const peer = await running(snmpdUsers)

async function look(login: Login & { kind: 'snmp' }, port = peer.port) {
  const events: ScanEvent[] = []
  await runScan({
    hosts: [{ asset, address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [], asks: [], probes, now: Date.now, signal: new AbortController().signal,
    credentials: () => [{ record: 'r', title: 'x', targets: '127.0.0.1', ...login, port }],
    profile: { ...standard, defaults: false, tcp: '', udp: '', discovery: { alwaysUp: true, tcp: '' }, limits: { ...standard.limits, answer: 2000 } }, sink: (event) => void events.push(event),
  })
  for (const secret of ['a-long-password', 'another-password', 'a-hidden-community']) assert.ok(!JSON.stringify(events).includes(secret), 'a secret is in what is told')
  const of = <K extends 'login' | 'system' | 'package' | 'setting'>(kind: K): readonly Shapes[K][] => events.flatMap((event) => (event.type === 'seen' && event.seen.kind === kind ? [(event.seen as Observation<K>).data as Shapes[K]] : []))
  const covered = events.flatMap((event) => (event.type === 'covered' && event.login && event.probe !== 'login' ? [`${event.probe} ${event.ports}`] : []))
  const [attempt] = of('login')
  assert.ok(attempt !== undefined)
  return { attempt, system: of('system')[0], packages: of('package'), settings: of('setting'), covered }
}

const keys = { auth: 'a-long-password', privacy: 'another-password' }
type Auth = NonNullable<Extract<Login, { version: '3' }>['auth']>['by']
type Privacy = NonNullable<Extract<Login, { version: '3' }>['privacy']>['by']

function loginOf(user: string, auth: Auth | null, privacy: Privacy | null, given: Readonly<{ auth: string; privacy: string }> = keys): Login & { kind: 'snmp' } {
  return { kind: 'snmp', version: '3', user, ...(auth === null ? {} : { auth: { by: auth, key: given.auth } }), ...(privacy === null ? {} : { privacy: { by: privacy, key: given.privacy } }) }
}

test('every digest and every cipher gets in, and reads the host', async () => {
  for (const { user, auth, privacy } of users) {
    const { attempt, system, packages, settings, covered } = await look(loginOf(user, auth, privacy))
    assert.equal(attempt.outcome, 'passed', `${user}: ${attempt.why}\n${peer.log().slice(-500)}`)
    assert.deepEqual([system?.source, system?.name, system?.facts['hostname']], ['login', 'Debian GNU/Linux', 'peer.test'])
    assert.ok(packages.some((one) => one.name === 'snmpd' && one.ecosystem.startsWith('Debian:') && one.version.startsWith('5.')), `${packages.length} packages`)
    assert.deepEqual(covered, ['login-snmp '])
    const own = settings.find((one) => one.area === 'listener' && one.name === `udp 127.0.0.1:${peer.port}`)
    assert.deepEqual([own?.facts['process'], own?.facts['world']], ['snmpd', false])
    assert.ok(settings.some((one) => one.area === 'interface' && one.name === 'lo' && String(one.facts['addresses']).includes('127.0.0.1')))
  }
})

test('the community of a record reads the same over v2c', async () => {
  const { attempt, packages, settings } = await look({ kind: 'snmp', version: '2c', community: 'a-hidden-community' })
  assert.equal(attempt.outcome, 'passed', attempt.why)
  assert.ok(packages.length > 50)
  assert.deepEqual([settings.find((one) => one.area === 'snmp')?.facts['location'], settings.find((one) => one.area === 'snmp')?.facts['encrypted']], ['somewhere', false])
})

test('what went wrong is told apart, and nothing is read or covered', async () => {
  const cases: readonly (readonly [Login & { kind: 'snmp' }, string, RegExp])[] = [
    [{ kind: 'snmp', version: '2c', community: 'not-the-community' }, 'failed', /does not answer to this community/],
    [loginOf('stranger', 'SHA-256', null), 'failed', /does not know the user/],
    [loginOf('sha256-aes', 'SHA-256', 'AES', { ...keys, auth: 'not-the-password' }), 'failed', /authentication for wrong/],
    [loginOf('sha256-aes', 'SHA', 'AES'), 'failed', /authentication for wrong/],
    [loginOf('sha256-aes', 'SHA-256', 'AES', { ...keys, privacy: 'not-the-password' }), 'failed', /cannot read what is encrypted/],
    [loginOf('sha-aes-256', 'SHA', 'AES-256', { ...keys, privacy: 'not-the-password' }), 'failed', /cannot read what is encrypted/],
    [loginOf('sha256-aes', 'SHA-256', 'DES'), 'failed', /cannot read what is encrypted/],
    [loginOf('signs', 'SHA-384', 'AES'), 'failed', /does not offer authPriv|cannot read what is encrypted/],
    [loginOf('sha256-aes', 'SHA-256', null), 'failed', /may not read/],
    [loginOf('narrow', 'SHA', null), 'insufficient', /does not show the system/],
  ]
  for (const [login, outcome, why] of cases) {
    const { attempt, system, packages, covered } = await look(login)
    assert.equal(attempt.outcome, outcome, attempt.why)
    assert.match(attempt.why, why)
    assert.deepEqual([system, packages, covered], [undefined, [], []])
  }
})

test('where no agent is, nothing was attempted', async () => {
  const { attempt, covered } = await look(loginOf('sha-aes', 'SHA', 'AES'), 1)
  assert.deepEqual([attempt.outcome, covered], ['not attempted', []], attempt.why)
})
