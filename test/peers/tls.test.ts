import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Shapes } from '#core/observation.ts'
import { gradeOf } from '#core/tls/grade.ts'
import { withTools } from '../../src/engine/testing.ts'
import { tls } from '../../src/engine/tls/tls.ts'
import { startPeer, type Peer } from './peer.ts'

const key = (name: string, ...kind: readonly string[]): readonly string[] => ['openssl', 'req', '-x509', '-newkey', ...kind, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}.example`, '-addext', `subjectAltName=DNS:${name}.example,DNS:*.${name}.example`, '-addext', 'tlsfeature=status_request']
const rsa = key('rsa', 'rsa:2048')
const ec = key('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1')

const nginx: Peer = {
  name: 'nginx with two certificates', packages: ['nginx-light'], prepare: () => [rsa, ec],
  files: ({ directory, address, port }) => ({ 'www/index.html': 'x', 'conf': [
    'daemon off; master_process off;', `pid ${directory}/pid; error_log ${directory}/error.log; events {} http { access_log off;`,
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/temp;`),
    `server { listen ${address}:${port} ssl http2; root ${directory}/www; ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; ssl_prefer_server_ciphers on; ssl_session_tickets off; ssl_early_data on;`,
    ...['rsa', 'ec'].map((name) => `ssl_certificate ${directory}/${name}.pem; ssl_certificate_key ${directory}/${name}.key;`), 'add_header Strict-Transport-Security "max-age=31536000"; } }', '',
  ].join('\n') }),
  command: ({ directory }) => ['/usr/sbin/nginx', '-p', directory, '-c', `${directory}/conf`],
}

const gnutls: Peer = {
  name: 'GnuTLS of old habits', packages: ['gnutls-bin'], prepare: () => [rsa],
  command: ({ port }) => ['gnutls-serv', '--quiet', '--x509certfile', 'rsa.pem', '--x509keyfile', 'rsa.key', '--port', String(port), '--priority', 'LEGACY:+VERS-ALL:+3DES-CBC:+ARCFOUR-128:%SERVER_PRECEDENCE'],
}

async function look(peer: Peer, t: { after(work: () => Promise<void>): void }): Promise<Shapes['tls']> {
  const { port, stop } = await startPeer(peer)
  t.after(stop)
  return withTools(async (tools, signal) => {
    const seen = { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: 'http', tls: true, facts: {} } } as const
    for await (const sight of tls.run(seen, tools, signal)) if (sight.kind === 'tls') return sight.data
    return assert.fail('nothing was seen')
  })
}

test('nginx: two certificates, its own order, groups, HTTP/2, HSTS, a staple that is owed', { timeout: 120_000 }, async (t) => {
  const data = await look(nginx, t)
  assert.deepEqual(data.accepted, ['TLSv1.3', 'TLSv1.2'])
  const offer = data.offers!.find(({ version }) => version === 'TLSv1.2')!
  assert.deepEqual([...offer.suites].sort(), ['ECDSA', 'RSA'].flatMap((kind) => [`TLS_ECDHE_${kind}_WITH_AES_128_GCM_SHA256`, `TLS_ECDHE_${kind}_WITH_AES_256_GCM_SHA384`]))
  assert.equal(offer.order, 'server')
  assert.deepEqual([data.certificate!.keyType, ...data.certificates!.map(({ keyType }) => keyType)].sort(), ['ec', 'rsa'])
  assert.ok(['x25519', 'secp256r1', 'secp384r1'].every((group) => data.groups!.includes(group)), data.groups!.join())
  assert.deepEqual(data.alpn!.slice(0, 2), ['h2', 'http/1.1'])
  assert.deepEqual([data.hsts, data.compression, data.secureRenegotiation, data.tickets, data.fallbackGuard, data.stapling], [31_536_000, false, true, false, true, false])
  assert.deepEqual([data.certificate!.mustStaple, data.certificate!.wildcard], [true, true])
  assert.deepEqual([data.flaws, data.tested, data.intolerant], [[], ['heartbleed', 'ccs-injection', 'robot', 'poodle-tls', 'padding-oracle', 'ticketbleed'], []])
  assert.equal(data.earlyData, true)
  const grade = gradeOf(data)!
  assert.deepEqual([grade.grade, grade.otherwise], ['T', 'A+'])
})

test('GnuTLS: old versions, RC4, a prime of a published group', { timeout: 120_000 }, async (t) => {
  const data = await look(gnutls, t)
  assert.deepEqual(data.accepted.filter((version) => version.startsWith('TLS')), ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0'])
  assert.deepEqual(data.weak, ['RC4', '3DES'])
  assert.match(data.dhGroup ?? '', /^(ffdhe|RFC 3526)/)
  assert.equal(gradeOf(data)!.otherwise, 'C')
})
