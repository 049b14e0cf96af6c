import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { getCACertificates, rootCertificates } from 'node:tls'
import { storesThatTrust, systemStore } from './trust.ts'

const now = Date.now()

test('the system’s roots are those that Node finds', () => {
  const fingerprints = (all: readonly string[]): Set<string> => new Set(all.map((pem) => new X509Certificate(pem).fingerprint256))
  const own = fingerprints(systemStore())
  for (const one of fingerprints(getCACertificates('system'))) assert.ok(own.has(one), one)
})

test('a root of Mozilla’s is trusted by that store, as long as it is valid', () => {
  const roots = rootCertificates.map((pem) => new X509Certificate(pem))
  const root = roots.find(({ validToDate }) => validToDate.getTime() > now)!
  assert.ok(storesThatTrust([root.raw], now).includes('mozilla'))
  assert.deepEqual(storesThatTrust([root.raw], root.validToDate.getTime() + 1000), [])
  assert.deepEqual(storesThatTrust([Buffer.from('no certificate')], now), [])
})
