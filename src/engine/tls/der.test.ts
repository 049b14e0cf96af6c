import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { fieldAt, namesOf } from './der.ts'

test('names are alike where OpenSSL says so: of all of Mozilla’s roots, issuer and subject', () => {
  const byOpenssl = new Map<string, Set<string>>()
  const byOwn = new Map<string, Set<string>>()
  const note = (map: Map<string, Set<string>>, key: string, fingerprint: string): void => void map.set(key, (map.get(key) ?? new Set()).add(fingerprint))
  for (const pem of rootCertificates) {
    const root = new X509Certificate(pem)
    const names = namesOf(root.raw)
    assert.ok(names !== null, root.subject)
    assert.equal(names.issuer === names.subject, root.issuer === root.subject, root.subject)
    note(byOpenssl, root.subject, root.fingerprint256)
    note(byOwn, names.subject, root.fingerprint256)
  }
  assert.ok(byOwn.size > 100)
  assert.deepEqual([...byOwn.values()], [...byOpenssl.values()])
})

test('what is cut or lies about its lengths is no certificate, and nothing is read beyond it', () => {
  const { raw } = new X509Certificate(rootCertificates[0]!)
  for (let length = 0; length < raw.length; length += 7) {
    assert.equal(namesOf(raw.subarray(0, length)), null)
    const lying = Buffer.from(raw)
    lying[length] = 0xff
    assert.doesNotThrow(() => namesOf(lying))
  }
  for (const bytes of [[], [0x30], [0x30, 0x85, 1, 1, 1, 1, 1], [0x30, 0x80], [0x30, 3, 1, 1]]) assert.equal(fieldAt(Uint8Array.from(bytes), 0), null)
})
