import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Login } from '#core/credential.ts'
import { exportKey, newScannerKey, openCredential, scannerKeyOf, sealCredential } from './seal.ts'

const login: Login = { kind: 'ssh', user: 'audit', password: 'a-password-of-the-test' }
const about = { record: 'r1', title: 'Servers', targets: '192.0.2.0/24', known: { '192.0.2.1': 'SHA256:x' } }

test('only the scanner it is sealed to opens a login, also after its key was kept', () => {
  const scanner = newScannerKey()
  const sealed = sealCredential(about, login, scanner.publicKey)
  assert.ok(!JSON.stringify(sealed).includes('a-password'))
  assert.ok(!Buffer.from(sealed.sealed, 'base64').toString('latin1').includes('a-password'))
  assert.deepEqual(openCredential(sealed, scannerKeyOf(exportKey(scanner))), { ...about, ...login })
  assert.equal(openCredential(sealed, newScannerKey()), null)
})

test('a sealed login does not open for other targets, another record or other known hosts', () => {
  const scanner = newScannerKey()
  const sealed = sealCredential(about, login, scanner.publicKey)
  for (const changed of [{ targets: '0.0.0.0/0' }, { record: 'r2' }, { title: 'x' }, { known: {} }, { kind: 'mysql' as const }, { sealed: '' }, { sealed: sealed.sealed.slice(0, -8) + 'AAAAAAA=' }]) {
    assert.equal(openCredential({ ...sealed, ...changed }, scanner), null, JSON.stringify(changed))
  }
})

test('the same login is never sealed to the same bytes', () => {
  const { publicKey } = newScannerKey()
  assert.notEqual(sealCredential(about, login, publicKey).sealed, sealCredential(about, login, publicKey).sealed)
})
