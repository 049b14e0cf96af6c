import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suiteOf, suites } from './suite.ts'

const facts = (name: string): readonly unknown[] => {
  const suite = suiteOf(name)!
  return [suite.exchange, suite.proof, suite.bits, suite.forwardSecret, suite.aead, suite.since, suite.weak.join()]
}

test('a suite tells what it is worth by its name', () => {
  assert.deepEqual(facts('TLS_AES_128_GCM_SHA256'), ['any', 'any', 128, true, true, 'TLSv1.3', ''])
  assert.deepEqual(facts('TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'), ['ECDHE', 'ECDSA', 256, true, true, 'TLSv1.2', ''])
  assert.deepEqual(facts('TLS_RSA_WITH_AES_128_CBC_SHA256'), ['RSA', 'RSA', 128, false, false, 'TLSv1.2', ''])
  assert.deepEqual(facts('TLS_RSA_WITH_AES_256_CBC_SHA'), ['RSA', 'RSA', 256, false, false, 'SSLv3', ''])
  assert.deepEqual(facts('TLS_RSA_WITH_NULL_SHA256'), ['RSA', 'RSA', 0, false, false, 'TLSv1.2', 'NULL'])
  assert.deepEqual(facts('TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA'), ['DHE', 'RSA', 40, true, false, 'SSLv3', 'EXPORT'])
  assert.deepEqual(facts('TLS_RSA_EXPORT1024_WITH_RC4_56_SHA'), ['RSA', 'RSA', 56, false, false, 'SSLv3', 'EXPORT'])
  assert.deepEqual(facts('TLS_DH_anon_WITH_RC4_128_MD5'), ['DH', 'anon', 128, true, false, 'SSLv3', 'anon,RC4,MD5'])
  assert.deepEqual(facts('TLS_DHE_DSS_WITH_DES_CBC_SHA'), ['DHE', 'DSS', 56, true, false, 'SSLv3', 'DES'])
  assert.deepEqual(facts('TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA'), ['ECDHE', 'RSA', 112, true, false, 'SSLv3', '3DES'])
  assert.deepEqual(facts('TLS_DHE_PSK_WITH_AES_128_CCM'), ['DHE', 'PSK', 128, true, true, 'TLSv1.2', ''])
  assert.deepEqual(facts('TLS_RSA_WITH_IDEA_CBC_SHA'), ['RSA', 'RSA', 128, false, false, 'SSLv3', 'IDEA'])
  assert.deepEqual(facts('SSL_CK_RC4_128_EXPORT40_WITH_MD5'), ['RSA', 'RSA', 40, false, false, 'SSLv3', 'EXPORT'])
  assert.equal(suiteOf('TLS_SOMETHING_ELSE'), null)
})

test('the table holds each number and each name once', () => {
  assert.ok(suites.length > 350)
  assert.equal(new Set(suites.map(({ number }) => number)).size, suites.length)
  assert.equal(new Set(suites.map(({ name }) => name)).size, suites.length)
  for (const { name, bits, weak } of suites) assert.equal(bits === 0, weak.includes('NULL'), name)
})
