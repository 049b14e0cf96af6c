import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Credential } from '#core/credential.ts'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import type { Kind, Observation, Shapes } from '#core/observation.ts'
import { standard, type Profile } from '#core/profile.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { newHostKey, startTwin, type TwinLogin } from './login-twin.ts'
import { openssh } from './openssh.ts'
import { startPeer, type RunningPeer } from './peer.ts'

const asset = '00000000-0000-4000-8000-000000000001'
const secret = 'cT5-long-and-random-9k2'

type Ssh = Omit<Extract<Credential, { kind: 'ssh' }>, 'record' | 'title' | 'targets' | 'kind'>

async function scan(port: number, logins: readonly Ssh[], profile: Partial<Profile> = {}): Promise<readonly ScanEvent[]> {
  const events: ScanEvent[] = []
  await runScan({
    hosts: [{ asset, address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [], asks: [], probes, now: Date.now, signal: new AbortController().signal,
    profile: { ...standard, tcp: String(port), udp: '', discovery: { alwaysUp: true, tcp: String(port) }, ...profile },
    credentials: () => logins.map((login, index): Credential => ({ record: `record-${index}`, title: 'test', targets: '127.0.0.1', kind: 'ssh', port, ...login })),
    sink: (event) => void events.push(event),
  })
  return events
}

function seen<K extends Kind>(events: readonly ScanEvent[], kind: K): readonly Observation<K>[] {
  return events.flatMap((event) => (event.type === 'seen' && event.seen.kind === kind ? [event.seen as Observation<K>] : []))
}
const logins = (events: readonly ScanEvent[]): readonly Shapes['login'][] => seen(events, 'login').map((one) => one.data)
const coveredByLogin = (events: readonly ScanEvent[]): readonly string[] => events.flatMap((event) => (event.type === 'covered' && event.login && event.probe !== 'login' ? [event.probe] : [])).sort()
const area = (events: readonly ScanEvent[], name: string): Shapes['setting'] | undefined => seen(events, 'setting').find((one) => one.data.area === name)?.data

async function twin(t: { after(undo: () => Promise<void>): void }, login: Partial<TwinLogin> = {}, hostKey?: string) {
  const started = await startTwin({ methods: ['password'], user: 'audit', password: secret, says: smallHost, ...login }, hostKey)
  t.after(started.stop)
  return started
}

/** A small Debian as its commands answer, so that a test of ways in does not wait for a real one to be read. */
function smallHost(command: string): string {
  const said = (text: string): string => `\u001e${text}\u001e0`
  if (command.includes('uname -s')) return said('Linux\n6.1.0-26-amd64\nx86_64\n#1 SMP\nsmall\n/usr/bin/dpkg-query\n')
  if (command.includes('os-release')) return said('NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')
  if (command.includes('dpkg-query -W')) return said('openssl\t3.0.9-1\tamd64\topenssl\t3.0.9-1\tii \n')
  return said(command.includes('id -u') ? '1000\n' : '')
}

let sshd: RunningPeer
let key: string

before(async () => {
  sshd = await startPeer({
    ...openssh.hardened, name: 'openssh for logins',
    files: (place) => ({ sshd_config: `${openssh.hardened.files!(place)['sshd_config']!.replace('PermitRootLogin no', 'PermitRootLogin prohibit-password')}AuthorizedKeysFile ${place.directory}/login.pub\nStrictModes no\n` }),
    prepare: (place) => [...openssh.hardened.prepare!(place), ['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'a-passphrase', '-f', 'login']],
  })
  key = await readFile(join(sshd.directory, 'login'), 'utf8')
})
after(() => sshd.stop())

test('a real sshd: with a key, all of the host is read and covered', async () => {
  const events = await scan(sshd.port, [{ user: 'root', privateKey: key, passphrase: 'a-passphrase' }])
  const [login] = logins(events)
  assert.equal(login?.outcome, 'passed', login?.why)
  assert.equal(login.rights, 'root')
  const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'ed25519.pub')]).toString().split(' ')[1]
  assert.equal(login.hostKey, fingerprint)
  const packages = seen(events, 'package')
  const listed = execFileSync('dpkg-query', ['-W', '-f', '${Package} ${Version} ${Architecture} ${db:Status-Abbrev}\n']).toString().split('\n').filter((line) => /^\S+ \S+ \S+ .i/.test(line))
  assert.equal(packages.filter((one) => one.data.ecosystem.startsWith('Debian:')).length, listed.length)
  const ssh = packages.find((one) => one.data.name === 'openssh-server')!.data
  assert.equal(ssh.ecosystem, 'Debian:12')
  assert.equal(ssh.source, 'openssh')
  assert.equal(ssh.version, execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'openssh-server']).toString())
  const system = seen(events, 'system').find((one) => one.data.source === 'login')
  assert.equal(system?.data.name, 'Debian GNU/Linux')
  assert.equal(system.data.kernel, execFileSync('uname', ['-r']).toString().trim())
  assert.equal(typeof area(events, 'sshd')?.facts['permitRootLogin'], 'string')
  assert.equal(area(events, 'sysctl')?.facts['kernel_randomize_va_space'], Number(await readFile('/proc/sys/kernel/randomize_va_space', 'utf8')))
  const listener = seen(events, 'setting').find((one) => one.data.area === 'listener' && one.data.facts['port'] === sshd.port)?.data
  assert.deepEqual([listener?.facts['world'], listener?.facts['process']], [false, 'sshd'])
  const root = seen(events, 'setting').find((one) => one.data.area === 'user' && one.data.name === 'root')!.data
  assert.equal(root.facts['uid'], 0)
  assert.match(String(root.facts['password']), /^(set|locked|empty)$/)
  assert.deepEqual(coveredByLogin(events), ['login-root', 'login-ssh'])
  const said = JSON.stringify(events)
  const [, hash = ''] = (await readFile('/etc/shadow', 'utf8')).split('\n').find((line) => /^[^:]+:\$/.test(line))?.split(':') ?? []
  assert.ok(hash === '' || !said.includes(hash), 'a hash left the host')
  assert.ok(!said.includes('PRIVATE KEY') && !said.includes('a-passphrase'))
})

test('a wrong passphrase and a key that is none say so, with nothing tried', async () => {
  const [wrong] = logins(await scan(sshd.port, [{ user: 'root', privateKey: key, passphrase: 'not-it' }]))
  assert.deepEqual([wrong?.outcome, /private key/.test(wrong?.why ?? '')], ['failed', true])
})

test('a password: one attempt, whatever else the server would take', async (t) => {
  const server = await twin(t, { methods: ['password', 'keyboard-interactive'] })
  const events = await scan(server.port, [{ user: 'audit', password: 'wrong-password' }])
  const [login] = logins(events)
  assert.equal(login?.outcome, 'failed')
  assert.match(login!.why, /refused password for audit/)
  assert.deepEqual(server.attempts, ['password'])
  assert.deepEqual(server.commands, [])
  assert.deepEqual(coveredByLogin(events), [])
  assert.ok(!JSON.stringify(events).includes('wrong-password'))
})

test('the right password reads the packages; no terminal is asked for', async (t) => {
  const server = await twin(t, { says: () => null })
  const events = await scan(server.port, [{ user: 'audit', password: secret }])
  assert.ok(seen(events, 'package').length > 100)
  assert.ok(coveredByLogin(events).includes('login-ssh'))
  assert.ok(!server.attempts.includes('pty'))
  assert.ok(!server.commands.join().includes(secret))
  assert.ok(!JSON.stringify(events).includes(secret))
})

test('keyboard-interactive: the password goes to the hidden question alone, and a second factor ends it', async (t) => {
  const plain = await twin(t, { methods: ['keyboard-interactive'] })
  assert.ok(seen(await scan(plain.port, [{ user: 'audit', password: secret }]), 'package').length === 1)
  const second = await twin(t, { methods: ['keyboard-interactive'], questions: [{ prompt: 'Password: ', echo: false }, { prompt: 'Code: ', echo: false }] })
  const [login] = logins(await scan(second.port, [{ user: 'audit', password: secret }]))
  assert.equal(login?.outcome, 'failed')
  assert.deepEqual(second.attempts, ['keyboard-interactive'])
})

test('a record without what the server wants says what it wants', async (t) => {
  const server = await twin(t, { methods: ['publickey'] })
  const [login] = logins(await scan(server.port, [{ user: 'audit', password: secret }]))
  assert.equal(login?.outcome, 'failed')
  assert.match(login!.why, /takes publickey/)
  assert.deepEqual(server.attempts, [])
})

test('nothing is sent to a host that shows another key than the record or the last login', async (t) => {
  const hostKey = newHostKey()
  const server = await twin(t, {}, hostKey)
  const met = logins(await scan(server.port, [{ user: 'audit', password: secret }]))[0]!.hostKey!
  const before = server.attempts.length
  for (const wanted of [{ hostKeys: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'] }, { known: { '127.0.0.1': 'SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB' } }]) {
    const [login] = logins(await scan(server.port, [{ user: 'audit', password: secret, ...wanted }]))
    assert.equal(login?.outcome, 'failed')
    assert.match(login!.why, /nothing was sent/)
    // What was known stays known: another scan must not trust the false host.
    assert.equal(login!.hostKey, 'known' in wanted ? wanted.known!['127.0.0.1'] : undefined)
  }
  assert.equal(server.attempts.length, before)
  assert.notEqual(logins(await scan(server.port, [{ user: 'audit', password: secret, hostKeys: [met] }]))[0]?.outcome, 'failed')
})

test('sudo and su: asked once at their own prompt, and only what root may read needs them', async (t) => {
  const grants = (word: string) => (command: string): string | Readonly<{ prompt: string; answer: string; result: string }> | null => {
    if (!new RegExp(`^(?:LC_ALL=C )?${word}`).test(command)) return smallHost(command)
    if (word === 'sudo' && command.startsWith('sudo -n')) return 'sudo: a password is required\n'
    const inner = command.includes('id -u') ? '0\n' : command.includes('/etc/shadow') ? 'root:locked::19000:99999\n' : command.includes('sshd -T') ? 'permitrootlogin yes\n' : ''
    return { prompt: word === 'su' ? 'Password: ' : 'vigil-asks-once:', answer: 'of-root-9k2', result: `\u001e${inner}\u001e0` }
  }
  for (const by of ['sudo', 'su'] as const) {
    const server = await twin(t, { says: grants(by) })
    const passed = await scan(server.port, [{ user: 'audit', password: secret, elevate: { by, password: 'of-root-9k2' } }])
    const [login] = logins(passed)
    assert.deepEqual([login?.outcome, login?.rights], ['passed', 'root'], login?.why)
    assert.equal(area(passed, 'sshd')?.facts['permitRootLogin'], 'yes')
    assert.deepEqual(coveredByLogin(passed), ['login-root', 'login-ssh'])
    assert.ok(!server.commands.join().includes('of-root-9k2') && !server.attempts.includes('pty'))
    assert.ok(!JSON.stringify(passed).includes('of-root-9k2'))
    const asked = server.answers.length
    const failed = await scan(server.port, [{ user: 'audit', password: secret, elevate: { by, password: 'wrong-root' } }])
    assert.equal(logins(failed)[0]?.outcome, 'insufficient')
    assert.match(logins(failed)[0]!.why, new RegExp(`${by} did not make the user root`))
    assert.equal(server.answers.length, asked + 1, 'a wrong password was said more than once')
    assert.deepEqual(coveredByLogin(failed), ['login-ssh'])
    assert.equal(seen(failed, 'package').length, 1)
  }
})

test('a user without a shell is insufficient, and nothing is covered', async (t) => {
  for (const says of [() => 'This account is currently not available.\n', () => 'refuse' as const]) {
    const server = await twin(t, { says })
    const events = await scan(server.port, [{ user: 'audit', password: secret }])
    assert.equal(logins(events)[0]?.outcome, 'insufficient')
    assert.deepEqual(coveredByLogin(events), [])
    assert.deepEqual(seen(events, 'package'), [])
  }
})

test('a record that fails is followed by the next, and the result tells both', async (t) => {
  const server = await twin(t)
  const events = await scan(server.port, [{ user: 'audit', password: 'wrong-password' }, { user: 'audit', password: secret }])
  assert.equal(logins(events).find((one) => one.record === 'record-0')?.outcome, 'failed')
  assert.equal(logins(events).find((one) => one.record === 'record-1')?.rights, 'user')
  assert.deepEqual(seen(events, 'package').map((one) => one.data), [{ ecosystem: 'Debian:12', name: 'openssl', version: '3.0.9-1', source: 'openssl', sourceVersion: '3.0.9-1', architecture: 'amd64', distro: 'debian:12' }])
})

test('no SSH at the port of the record: not attempted; without logins in the profile nobody logs in', async (t) => {
  const server = await twin(t)
  const [login] = logins(await scan(server.port, [{ user: 'audit', password: secret, port: 22222 }]))
  assert.deepEqual([login?.outcome, login?.why], ['not attempted', 'no SSH was seen at port 22222'])
  const off = await scan(server.port, [{ user: 'audit', password: secret }], { login: false })
  assert.deepEqual([logins(off), server.attempts], [[], []])
})
