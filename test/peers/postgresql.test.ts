import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresql } from '#engine/services/database/postgresql.ts'
import { running, seen } from './look.ts'
import { postgresql as peers, postgresqlPassword } from './postgresql.ts'

test('a weak postgresql trusts whoever comes', async () => {
  const sighting = await seen(postgresql, await running(peers.weak))
  assert.equal(sighting.product, 'PostgreSQL')
  assert.match(sighting.version ?? '', /^15\.\d+$/)
  assert.equal(sighting.distro, 'debian')
  assert.equal(sighting.facts.authMethod, 'trust')
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.superuser, true)
  assert.equal(sighting.facts.plainAllowed, true)
  assert.equal(sighting.facts.starttls, false)
})

test('its hardened twin wants TLS and a proof of the password', async () => {
  const { facts } = await seen(postgresql, await running(peers.hardened))
  assert.equal(facts.authMethod, 'scram-sha-256')
  assert.equal(facts.auth, true)
  assert.equal(facts.plainAllowed, false)
  assert.equal(facts.cleartextLogin, false)
  assert.equal(facts.starttls, true)
})

test('one that takes the password in the clear says so', async () => {
  const { facts } = await seen(postgresql, await running(postgresqlPassword))
  assert.equal(facts.authMethod, 'password')
  assert.equal(facts.auth, true)
  assert.equal(facts.cleartextLogin, true)
})
