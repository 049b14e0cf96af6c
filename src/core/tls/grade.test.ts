import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate, Shapes } from '../observation.ts'
import { gradeOf } from './grade.ts'

const certificate: Certificate = {
  subject: 'CN=a', issuer: 'CN=b', names: ['a'], serial: '1', sha256: 'a', notBefore: 0, notAfter: 1, keyType: 'rsa', keyBits: 2048,
  signatureAlgorithm: 'sha256WithRSAEncryption', selfSigned: false, trusted: true, nameMatches: true, chainLength: 2,
}
const best: Shapes['tls'] = {
  accepted: ['TLSv1.3', 'TLSv1.2'], refused: ['TLSv1.1', 'TLSv1.0', 'SSLv3', 'SSLv2'],
  suites: ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
  weak: [], forwardSecrecy: true, dhBits: null, starttls: null, certificate, secureRenegotiation: true, hsts: 31_536_000, tested: ['heartbleed', 'ccs-injection', 'robot', 'poodle-tls', 'padding-oracle', 'ticketbleed'],
}
const grade = (over: Partial<Shapes['tls']>): readonly unknown[] => {
  const found = gradeOf({ ...best, ...over })!
  return [found.grade, found.score, found.reasons.map(({ code }) => code).join()]
}

test('the worked numbers of the guide', () => {
  // 100 × 0.3 + 90 × 0.3 + (100 + 80) / 2 × 0.4
  assert.deepEqual(gradeOf(best), { grade: 'A+', otherwise: 'A+', score: 93, protocol: 100, keyExchange: 90, cipher: 90, reasons: [], unknown: [] })
  // The guide's own example: SSL 3 to TLS 1.2 is (100 + 80) / 2; 40 to 256 bits is (100 + 20) / 2.
  const mixed = gradeOf({ ...best, accepted: ['TLSv1.2', 'TLSv1.1', 'TLSv1.0', 'SSLv3'], suites: ['TLS_RSA_WITH_AES_256_CBC_SHA', 'TLS_RSA_EXPORT_WITH_RC4_40_MD5'] })!
  assert.deepEqual([mixed.protocol, mixed.keyExchange, mixed.cipher, mixed.score, mixed.grade], [90, 40, 60, 63, 'F'])
  assert.equal(gradeOf({ ...best, certificate: { ...certificate, keyBits: 4096 } })!.keyExchange, 100)
  assert.equal(gradeOf({ ...best, certificate: { ...certificate, keyType: 'ec', keyBits: 256 } })!.keyExchange, 90)
  assert.equal(gradeOf({ ...best, certificate: { ...certificate, keyBits: 1024 } })!.keyExchange, 80)
  assert.equal(gradeOf({ ...best, dhBits: 512 })!.keyExchange, 40)
})

test('each cap, with its reason', () => {
  assert.deepEqual(grade({ hsts: 0 }), ['A', 93, ''])
  assert.deepEqual(grade({ hsts: 15_000_000 }), ['A', 93, ''])
  assert.deepEqual(grade({ secureRenegotiation: false }), ['A-', 93, 'no-secure-renegotiation'])
  assert.deepEqual(grade({ secureRenegotiation: false, clientRenegotiation: true }), ['F', 93, 'insecure-renegotiation,no-secure-renegotiation'])
  assert.deepEqual(grade({ accepted: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0'] }), ['B', 92, 'tlsv1.0,tlsv1.1'])
  assert.deepEqual(grade({ dhBits: 1024 }), ['B', 90, 'dh'])
  assert.deepEqual(grade({ forwardSecrecy: false, accepted: ['TLSv1.2'], suites: ['TLS_RSA_WITH_AES_256_CBC_SHA'] }), ['B', 97, 'no-forward-secrecy,no-aead'])
  assert.deepEqual(grade({ compression: true }), ['C', 93, 'compression'])
  assert.deepEqual(grade({ weak: ['RC4'] }), ['C', 93, 'rc4'])
  assert.deepEqual(grade({ weak: ['3DES'] }), ['C', 93, '3des'])
  assert.deepEqual(grade({ weak: ['3DES'], accepted: ['TLSv1.2', 'TLSv1.0'], offers: [
    { version: 'TLSv1.2', suites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'], order: 'server' }, { version: 'TLSv1.0', suites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'], order: null }] }), ['B', 92, 'tlsv1.0'])
  assert.deepEqual(grade({ accepted: ['TLSv1.0'] }), ['C', 90, 'no-tls12,tlsv1.0'])
  assert.deepEqual(grade({ accepted: ['SSLv2'] }), ['F', 0, 'sslv2,no-tls12'])
  for (const flaw of ['heartbleed', 'ccs-injection', 'robot', 'poodle-tls', 'padding-oracle', 'ticketbleed']) assert.deepEqual(grade({ flaws: [flaw] }), ['F', 93, flaw])
  assert.deepEqual(grade({ suites: ['TLS_DH_anon_WITH_AES_128_CBC_SHA'] })[0], 'F')
  assert.deepEqual(grade({ suites: ['TLS_RSA_WITH_NULL_SHA', 'TLS_AES_256_GCM_SHA384'] })[0], 'F')
})

test('trust and name stand before the letter, which is kept', () => {
  const untrusted = gradeOf({ ...best, certificate: { ...certificate, trusted: false, trustError: 'CERT_HAS_EXPIRED', nameMatches: false } })!
  assert.deepEqual([untrusted.grade, untrusted.reasons.map(({ code }) => code)], ['T', ['untrusted', 'name']])
  assert.equal(grade({ certificate: { ...certificate, nameMatches: false } })[0], 'M')
  assert.equal(gradeOf({ ...best, certificate: { ...certificate, trusted: false } })!.otherwise, 'A+')
})

test('what nobody looked at is said, and an observation of an old scanner is graded too', () => {
  const { secureRenegotiation: _, hsts: __, tested: ___, ...old } = best
  const found = gradeOf({ ...old, refused: [] })!
  assert.equal(found.grade, 'A')
  assert.deepEqual(found.unknown, ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1', 'hsts', 'renegotiation', 'heartbleed', 'ccs-injection', 'robot', 'poodle-tls', 'padding-oracle', 'ticketbleed'])
  assert.equal(gradeOf({ ...best, accepted: [] }), null)
})
