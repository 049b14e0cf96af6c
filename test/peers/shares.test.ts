import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ldap } from '#engine/services/directory/ldap.ts'
import { rsync } from '#engine/services/file/rsync.ts'
import { smb } from '#engine/services/file/smb.ts'
import { running, seen } from './look.ts'
import { rsyncd } from './rsyncd.ts'
import { samba } from './samba.ts'
import { slapd } from './slapd.ts'

test('a weak slapd shows its entries to anybody and takes passwords in the clear', async () => {
  const { product, facts, evidence } = await seen(ldap, await running(slapd.weak))
  assert.equal(product, 'OpenLDAP')
  assert.deepEqual([facts.anonymousBind, facts.anonymousSearch, facts.cleartextLogin, facts.starttls], [true, true, true, false])
  assert.deepEqual(facts.namingContexts, ['dc=peer,dc=test'])
  assert.deepEqual(facts.anonymousEntries, ['dc=peer,dc=test', 'ou=people,dc=peer,dc=test'])
  assert.match(evidence?.received ?? '', /ou=people/)
})

test('its hardened twin wants a login, and TLS for it', async () => {
  const { facts } = await seen(ldap, await running(slapd.hardened))
  assert.deepEqual([facts.anonymousBind, facts.anonymousSearch, facts.cleartextLogin, facts.starttls], [false, false, false, true])
})

test('a weak Samba speaks SMB 1, signs nothing and shows its shares to anybody', async () => {
  const { product, version, distro, facts } = await seen(smb, await running(samba.weak))
  assert.equal(product, 'Samba')
  assert.match(version ?? '', /^4\.\d+\.\d+$/)
  assert.equal(distro, 'debian')
  assert.deepEqual(facts.dialects, ['SMB1', '2.0.2', '2.1', '3.0', '3.0.2', '3.1.1'])
  assert.deepEqual([facts.smb1, facts.signingRequired, facts.nullSession, facts.hostname], [true, false, true, 'PEER'])
  assert.deepEqual([facts.shares, facts.openShares], [['files'], ['files']])
})

test('its hardened twin speaks SMB 3 alone, demands signing and lets nobody in', async () => {
  const { product, facts } = await seen(smb, await running(samba.hardened))
  assert.equal(product, 'Samba')
  assert.deepEqual(facts.dialects, ['3.0', '3.0.2', '3.1.1'])
  assert.deepEqual([facts.smb1, facts.signingRequired, facts.nullSession, facts.encryption, facts.guest], [false, true, false, true, false])
  assert.equal('shares' in facts, false)
})

test('a weak rsyncd opens its module to anybody', async () => {
  const { facts } = await seen(rsync, await running(rsyncd.weak))
  assert.deepEqual([facts.modules, facts.openModules, facts.authModules, facts.auth, facts.listable], [['backup'], ['backup'], [], false, true])
  assert.equal(facts.motd, 'Welcome to the mirror')
})

test('its hardened twin wants a password', async () => {
  const { facts } = await seen(rsync, await running(rsyncd.hardened))
  assert.deepEqual([facts.openModules, facts.authModules, facts.auth], [[], ['backup'], true])
})
