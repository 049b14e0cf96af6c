import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import type { Observation } from '#core/observation.ts'
import type { ProofBundle } from '#core/proof.ts'
import type { Signature } from '#core/signature.ts'
import { redecide } from '../proof/redecide.ts'
import { withTools } from '../testing.ts'
import { listen } from '../testing-server.ts'
import { retell } from './retell.ts'
import { tls } from './tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigil-retell-'))
const read = (name: string): Buffer => readFileSync(join(folder, name))

before(() => {
  const make = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  make('req', '-x509', '-newkey', 'rsa:1024', '-sha1', '-nodes', '-keyout', 'key', '-out', 'pem', '-days', '30', '-subj', '/CN=old.example', '-addext', 'subjectAltName=DNS:old.example')
})
after(() => rmSync(folder, { recursive: true, force: true }))

async function look(t: TestContext, starttls: boolean): Promise<Observation<'tls'>> {
  const inner = createTlsServer({ key: read('key'), cert: read('pem'), dhparam: 'auto', ciphers: 'ALL:eNULL:aNULL:@SECLEVEL=0', minVersion: 'TLSv1', maxVersion: 'TLSv1.2' }, (socket) => socket.on('error', () => {})).on('tlsClientError', () => {})
  const port = await listen(t, createServer((socket) => {
    socket.on('error', () => {})
    if (!starttls) return void inner.emit('connection', socket)
    socket.write('* OK ready\r\n')
    return void socket.once('data', () => {
      socket.write('a1 OK go\r\n')
      inner.emit('connection', socket)
    })
  }))
  const seen: Observation<'service'> = { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: starttls ? 'imap' : 'unknown', tls: !starttls, facts: starttls ? { starttls: true } : {} } }
  return withTools(async (tools, signal) => {
    for await (const sight of tls.run(seen, { ...tools, names: ['old.example'] }, signal)) if (sight.kind === 'tls') return { ...sight, by: 'tls@3', seen: 0 }
    return assert.fail('nothing was seen')
  })
}

test('what the kept conversations say by themselves is what the whole look saw, as far as they show it', async (t) => {
  for (const starttls of [false, true]) {
    const { data, proof } = await look(t, starttls)
    assert.ok(data.suites.length > 30 && proof!.exchanges.length <= 16)
    const told = retell(proof!, 'old.example')
    assert.deepEqual(told.accepted, data.accepted)
    assert.deepEqual(told.weak, data.weak)
    assert.ok(data.weak.includes('NULL') && data.weak.includes('anon'))
    assert.deepEqual([told.dhBits, told.forwardSecrecy, told.secureRenegotiation], [data.dhBits, true, true])
    assert.ok(data.dhBits !== null && told.dhBits !== null)
    assert.ok(told.suites.every((suite) => data.suites.includes(suite)) && told.suites.some((suite) => suite.startsWith('TLS_RSA_WITH_')))
    assert.deepEqual([told.certificate?.sha256, told.certificate?.keyBits, told.certificate?.trustError, told.certificate?.nameMatches], [data.certificate!.sha256, 1024, data.certificate!.trustError, true])
    assert.ok(told.groups!.every((group) => data.groups!.includes(group)))
    assert.deepEqual(told.flaws, [])
  }
})

test('a finding on TLS is decided again from its proof, and what the bytes do not show is not called false', async (t) => {
  const { proof, at, data } = await look(t, false)
  const signature = (when: Signature['when']): Signature => ({
    id: 1, version: 1, title: 'x', category: 'TLS and certificates', severity: 2, type: 'confirmed', on: 'tls', when, result: 'weak: {weak}', cve: [], cwe: [], threat: '', impact: '', solution: '', references: [], products: [], published: '', changed: '',
  })
  const trigger = { kind: 'service', at: { asset: 'a', address: at.address, port: at.port!, proto: 'tcp' }, data: { name: 'unknown', tls: true, facts: {} } } as const
  const bundle = (when: Signature['when']): ProofBundle => ({
    format: 'vigil-proof/1', finding: { id: 'f', title: 'x', at, result: '', severity: 2, type: 'confirmed', seen: '' }, check: { number: 1, decidedBy: 1, signature: signature(when) }, proof: JSON.parse(JSON.stringify({ ...proof!, trigger })) as typeof proof & object,
  })
  const holds = await redecide(bundle({ field: 'weak', is: 'anon' }))
  assert.deepEqual([holds.verdict, holds.result], ['holds', `weak: ${data.weak.join(', ')}`])
  assert.equal((await redecide(bundle({ field: 'certificate.keyBits', below: 2048 }))).verdict, 'holds')
  assert.equal((await redecide(bundle({ field: 'forwardSecrecy', is: false }))).verdict, 'cannot')
  const empty = bundle({ field: 'weak', is: 'anon' })
  assert.equal((await redecide({ ...empty, proof: { ...empty.proof, exchanges: empty.proof.exchanges.map((one) => ({ ...one, sent: 'FgMB', received: '' })) } })).verdict, 'cannot')
})
