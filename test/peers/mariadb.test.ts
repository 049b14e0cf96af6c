import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mysql } from '#engine/services/database/mysql.ts'
import { listOf, patient, running, seen } from './look.ts'
import { mariadb } from './mariadb.ts'

test('a weak mariadb lets root and the nameless in without a password', async () => {
  const peer = await running(mariadb.weak)
  const sighting = await seen(mysql, peer)
  assert.equal(sighting.product, 'MariaDB')
  assert.match(sighting.version ?? '', /^1\d\.\d+\.\d+$/)
  assert.equal(sighting.distro, 'debian')
  assert.match(String(sighting.facts.packageVersion), /^\d\+deb\d+u\d+/)
  assert.equal(sighting.facts.rootWithoutPassword, true)
  assert.equal(sighting.facts.anonymous, true)
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.starttls, false)
  assert.ok(listOf(sighting.facts.databases).includes('shop'))
  // Where the profile does not allow default credentials, none is tried.
  const shy = await seen(mysql, peer, { profile: { ...patient, defaults: false } })
  assert.equal('rootWithoutPassword' in shy.facts, false)
  assert.equal('auth' in shy.facts, false)
})

test('its hardened twin lets neither in, and wants TLS', async () => {
  const { facts } = await seen(mysql, await running(mariadb.hardened))
  assert.equal(facts.rootWithoutPassword, false)
  assert.equal(facts.anonymous, false)
  assert.equal('auth' in facts, false)
  assert.equal(facts.starttls, true)
})
