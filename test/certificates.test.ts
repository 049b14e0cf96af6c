import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { newId } from '#store/id.ts'
import { host, knowledge, makeHost, storeKnowledge } from './finding-world.ts'
import { signUp, withServer } from './server.ts'
import type { TlsEndpoint, TlsSummary } from '#api/rest/certificates/schemas.ts'

const day = 86_400_000
const now = Date.now()

function tls(asset: string, port: number, certificate: Partial<NonNullable<Shapes['tls']['certificate']>> | null, more: Partial<Shapes['tls']> = {}): ScanEvent {
  const data: Shapes['tls'] = {
    accepted: ['TLSv1.3', 'TLSv1.2'], refused: ['TLSv1.1', 'TLSv1.0', 'SSLv3', 'SSLv2'], suites: ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'], weak: [], forwardSecrecy: true, dhBits: null, starttls: null,
    certificate: certificate === null ? null : {
      subject: 'CN=shop.example.org', issuer: 'O=Example CA, CN=Example R1', names: ['shop.example.org'], serial: '01', sha256: 'a'.repeat(64), notBefore: now - 10 * day, notAfter: now + 80 * day, keyType: 'rsa', keyBits: 2048,
      signatureAlgorithm: 'sha256WithRSAEncryption', selfSigned: false, trusted: true, nameMatches: true, chainLength: 2, ...certificate,
    },
    ...more,
  }
  return { type: 'seen', seen: { kind: 'tls', at: { asset, address: '127.0.0.1', port, proto: 'tcp' }, seen: now, by: 'tls@2', data } satisfies Observation<'tls'> }
}

test('every endpoint that speaks TLS is listed with its grade and certificate, soonest end first, and goes when a look finds it gone', async (t) => {
  const server = await withServer(t)
  const browser = await signUp(server)
  const stranger = await signUp(server)
  const { store } = server.database
  await storeKnowledge(store)
  const asset = await makeHost(store, browser.tenant, '127.0.0.1')
  const take = async (events: readonly ScanEvent[], at = now, scan = newId()): Promise<void> => {
    await store.write(browser.tenant, (tx) => takeEvents(tx, () => knowledge, { scan, scanner: null, profile: { signatures: 'all', exclude: [] }, now: at }, events))
  }
  const list = async (q = '', who = browser): Promise<readonly TlsEndpoint[]> => {
    const answer = await server.app.inject({ method: 'GET', url: `/api/v1/tls-endpoints?q=${encodeURIComponent(q)}`, headers: who.headers })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json<{ items: TlsEndpoint[] }>().items
  }
  const ports = async (q = ''): Promise<readonly number[]> => (await list(q)).map((one) => one.port)
  const of = host(asset)
  const scan = newId()
  await take([of.up, of.port(443), tls(asset, 443, {}), tls(asset, 8443, { notAfter: now - 3 * day, sha256: 'b'.repeat(64), selfSigned: true, trusted: false, trustError: 'DEPTH_ZERO_SELF_SIGNED_CERT' })], now, scan)
  await take([tls(asset, 465, { notAfter: now + 12 * day }, { accepted: ['TLSv1.0'], refused: [] }), tls(asset, 993, null, { accepted: [], refused: ['TLSv1.2'] }), of.done()], now + 1000, scan)

  assert.deepEqual(await ports(), [8443, 465, 443, 993])
  const [expired, , plain, none] = await list()
  assert.equal(expired!.grade, 'T')
  assert.equal(plain!.grade, 'A')
  assert.equal(plain!.certificate!.places, 2)
  assert.deepEqual([none!.grade, none!.certificate], [null, null])
  assert.deepEqual(await ports('expired:true'), [8443])
  assert.deepEqual(await ports('days:0..30'), [465])
  assert.deepEqual(await ports('trusted:false'), [8443, 993])
  assert.deepEqual(await ports('protocol:TLSv1.0'), [465])
  assert.deepEqual(await ports('shop'), [8443, 465, 443])
  assert.equal((await server.app.inject({ method: 'GET', url: '/api/v1/tls-endpoints?q=nonsense:1', headers: browser.headers })).statusCode, 400)
  const summary = (await server.app.inject({ method: 'GET', url: '/api/v1/tls-endpoints/summary', headers: browser.headers })).json<TlsSummary>()
  assert.deepEqual({ ...summary, grades: summary.grades.map(({ grade, n }) => `${grade} ${n}`) }, { endpoints: 4, certificates: 2, expired: 1, soon: 1, untrusted: 1, grades: summary.grades.map(({ grade, n }) => `${grade} ${n}`) })
  assert.equal(summary.grades.reduce((sum, one) => sum + one.n, 0), 3)
  assert.deepEqual(await list('', stranger), [])

  // 443 is closed now; 8443 was not looked at; 465 speaks another protocol, and the look at TLS ran to its end.
  await take([of.up, of.covered('ports', 'tcp:443,465'), of.port(465), of.covered('service', 'tcp:443,465'), of.covered('tls', 'tcp:443,465'), of.done('partial')], now + day)
  assert.deepEqual(await ports(), [8443, 993])
})
