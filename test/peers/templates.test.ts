import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf } from '#engine/template/testing.ts'
import { lookPort } from '#engine/template/port/testing-port.ts'
import { openssh } from './openssh.ts'
import { running } from './look.ts'
import { redis } from './redis.ts'
import { startPeer, type Peer } from './peer.ts'
import { vsftpd } from './vsftpd.ts'
import { bind } from './bind.ts'

const template = (id: string, parts: object, tags = 'network'): ReturnType<typeof planOf> => planOf({ id, info: { name: id, severity: 'high', tags }, ...parts })
const scripted = (id: string, code: string, dsl: readonly string[], tags: string): ReturnType<typeof planOf> =>
  template(id, { javascript: [{ 'pre-condition': 'isPortOpen(Host,Port);', code, args: { Host: '{{Host}}', Port: '1' }, matchers: [{ type: 'dsl', dsl, condition: 'and' }] }] }, tags)

const redisPlans = [
  template('redis-open', { tcp: [{ host: ['{{Hostname}}', 'tls://{{Hostname}}'], port: '6379', inputs: [{ data: 'info\r\nquit\r\n' }], 'read-size': 4096, matchers: [{ type: 'word', words: ['redis_version'] }] }] }, 'network,redis'),
  scripted('redis-info', "let m = require('nuclei/redis'); Export(m.GetServerInfo(Host, Port))", ["contains(response, 'redis_mode:standalone')", 'success == true'], 'js,redis'),
]

test('redis: open to anybody, by its lines and by a script; its hardened twin is not', async () => {
  const open = await lookPort((await running(redis.weak)).port, redisPlans, { service: 'redis' })
  assert.deepEqual(open.matches.map(({ data }) => data.template).sort(), ['redis-info', 'redis-open'])
  assert.match(Buffer.from(open.matches[0]!.proof!.exchanges[0]!.received, 'base64').toString(), /redis_version/)
  const closed = await lookPort((await running(redis.hardened)).port, redisPlans, { service: 'redis' })
  assert.deepEqual([closed.matches.length, closed.asked], [0, [1, 2]])
})

test('ssh: what a script reads of an old server and of a modern one', async () => {
  const plans = [
    scripted('ssh-cbc', "const m = require('nuclei/ssh'); const c = m.SSHClient(); const r = c.ConnectSSHInfoMode(Host, Port); Export(r.ServerKex.CiphersClientServer.some((one) => one.endsWith('-cbc')))", ['response == true'], 'js,ssh'),
    scripted('ssh-password', "const c = require('nuclei/ssh').SSHClient(); c.ConnectSSHInfoMode(Host, Port).UserAuth.includes('password')", ['response == true'], 'js,ssh'),
    template('ssh-banner', { tcp: [{ host: ['{{Hostname}}'], port: '22', matchers: [{ type: 'regex', regex: ['SSH-2\\.0-OpenSSH_\\d'] }] }] }, 'network,ssh'),
  ]
  const old = await lookPort((await running(openssh.weak)).port, plans, { service: 'ssh' })
  assert.deepEqual(old.matches.map(({ data }) => data.template).sort(), ['ssh-banner', 'ssh-cbc', 'ssh-password'])
  const modern = await lookPort((await running(openssh.hardened)).port, plans, { service: 'ssh' })
  assert.deepEqual(modern.matches.map(({ data }) => data.template), ['ssh-banner'])
  assert.deepEqual(modern.asked, [1, 2, 3])
})

test('ftp: a conversation of several inputs logs an anonymous visitor in where it may', async () => {
  const plan = template('ftp-anonymous', { tcp: [{
    host: ['{{Hostname}}'], port: '21', inputs: [{ read: 1024 }, { data: 'USER anonymous\r\nPASS nobody@example.org\r\n', read: 1024 }], 'read-all': 'true', matchers: [{ type: 'word', part: 'raw', words: ['230'] }],
  }] }, 'network,ftp')
  assert.equal((await lookPort((await running(vsftpd.weak)).port, [plan], { service: 'ftp' })).matches.length, 1)
  assert.equal((await lookPort((await running(vsftpd.hardened)).port, [plan], { service: 'ftp' })).matches.length, 0)
})

test('dns: the target itself is asked about the name it is called by', async () => {
  const { port } = await running(bind.weak)
  const dns = (id: string, type: string, words: readonly string[]): ReturnType<typeof planOf> => template(id, { dns: [{ name: '{{FQDN}}', type, matchers: [{ type: 'word', part: 'answer', words }] }] }, 'dns')
  const plans = [dns('soa', 'SOA', ['IN\tSOA']), dns('txt', 'TXT', ['never said'])]
  for (const proto of ['tcp', 'udp'] as const) {
    const { matches, asked } = await lookPort(port, plans, { service: 'dns', name: 'peer.test', proto })
    assert.deepEqual(asked, [1, 2], proto)
    assert.deepEqual(matches.map(({ data }) => data.template), ['soa'], proto)
  }
  // Without a name there is nothing to ask about.
  assert.deepEqual((await lookPort(port, plans, { service: 'dns' })).asked, [])
})

const secure = (name: string, ...options: readonly string[]): Peer => ({
  name, packages: ['openssl'], prepare: () => [['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'pem', '-days', '30', '-subj', '/O=Otter Works/CN=otter.example', '-addext', 'subjectAltName=DNS:otter.example,DNS:*.otter.example']],
  command: ({ address, port }) => ['openssl', 's_server', '-accept', `${address}:${port}`, '-key', 'key', '-cert', 'pem', '-quiet', ...options],
})

test('ssl: the facts of a handshake by the names that templates use, and JARM', async (t) => {
  const { port, stop } = await startPeer(secure('OpenSSL', '-no_tls1_3'))
  t.after(stop)
  const ssl = (id: string, block: object): ReturnType<typeof planOf> => template(id, { ssl: [{ address: '{{Host}}:{{Port}}', ...block }] }, 'ssl')
  const plans = [
    ssl('facts', { matchers: [{ type: 'dsl', dsl: ["subject_cn == 'otter.example'", "issuer_dn == 'CN=otter.example,O=Otter Works'", 'self_signed == true', 'untrusted == true', 'wildcard_certificate == true', "tls_version == 'tls12'", 'expired != true', 'not_after > unixtime()'], condition: 'and' }] }),
    ssl('mismatched', { matchers: [{ type: 'dsl', dsl: ['mismatched == true'] }] }), ssl('names', { extractors: [{ type: 'json', json: ['.subject_an[]'] }] }),
    ssl('tls13', { min_version: 'tls13', max_version: 'tls13', matchers: [{ type: 'dsl', dsl: ["tls_version == 'tls13'"] }] }), ssl('ssl30', { min_version: 'ssl30', max_version: 'ssl30', matchers: [{ type: 'dsl', dsl: ["tls_version == 'ssl30'"] }] }),
    ssl('tls12', { min_version: 'tls12', max_version: 'tls12', matchers: [{ type: 'dsl', dsl: ["tls_version == 'tls12'"] }], extractors: [{ type: 'json', json: ['.cipher'] }] }),
    template('jarm', { tcp: [{ host: ['{{Hostname}}'], inputs: [{ data: '\r\n' }], matchers: [{ type: 'dsl', dsl: ["len(jarm(Hostname)) == 62 && !starts_with(jarm(Hostname), '000')"] }] }] }, 'network'),
  ]
  const named = await lookPort(port, plans, { service: 'unknown', tls: true, name: 'otter.example', profile: { templates: 'all' } })
  assert.deepEqual(named.asked, [1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(named.matches.map(({ data }) => data.template).sort(), ['facts', 'jarm', 'names', 'tls12'])
  assert.deepEqual(named.matches.find(({ data }) => data.template === 'names')!.data.extracted.slice(0, 2), ['otter.example', '*.otter.example'])
  assert.match(named.matches.find(({ data }) => data.template === 'tls12')!.data.extracted[0]!, /^TLS_(?:ECDHE_)?RSA_WITH_/)
  const other = await lookPort(port, plans.slice(0, 2), { service: 'http', tls: true, name: 'badger.example' })
  assert.deepEqual(other.matches.map(({ data }) => data.template).sort(), ['facts', 'mismatched'])
})
