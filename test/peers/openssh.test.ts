import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ssh } from '#engine/services/shell/ssh.ts'
import { listOf, running, seen } from './look.ts'
import { openssh } from './openssh.ts'

test('a weak sshd shows its old algorithms, its short key and its passwords', async () => {
  const sighting = await seen(ssh, await running(openssh.weak))
  assert.equal(sighting.product, 'OpenSSH')
  assert.match(sighting.version ?? '', /^\d+\.\d+p\d+$/)
  assert.match(sighting.cpe ?? '', /^cpe:2\.3:a:openbsd:openssh:\d+\.\d+:p\d+:/)
  assert.equal(sighting.distro, 'debian')
  const { facts } = sighting
  assert.match(String(facts.packageVersion), /deb\d+u\d+|^\d/)
  assert.ok(listOf(facts.kex).includes('diffie-hellman-group1-sha1'))
  assert.ok(listOf(facts.ciphers).includes('3des-cbc'))
  assert.ok(listOf(facts.macs).includes('hmac-md5'))
  assert.deepEqual(facts.hostKeyTypes, ['ssh-rsa', 'ecdsa-sha2-nistp256'])
  assert.equal(facts.rsaBits, 1024)
  assert.equal(facts.passwordAuth, true)
  assert.equal(facts.noneAuth, false)
  assert.match(sighting.evidence?.received ?? '', /diffie-hellman-group1-sha1/)
})

test('its hardened twin shows none of them', async () => {
  const { facts } = await seen(ssh, await running(openssh.hardened))
  assert.deepEqual(listOf(facts.kex).filter((name) => !name.startsWith('kex-')), ['sntrup761x25519-sha512@openssh.com', 'curve25519-sha256'])
  assert.deepEqual(facts.hostKeyTypes, ['ssh-ed25519'])
  assert.deepEqual(facts.authMethods, ['publickey'])
  assert.equal(facts.passwordAuth, false)
  assert.equal(facts.terrapin, false)
  assert.equal('rsaBits' in facts, false)
})
