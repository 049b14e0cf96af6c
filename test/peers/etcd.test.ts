import assert from 'node:assert/strict'
import { test } from 'node:test'
import { etcd } from '#engine/services/cluster/etcd.ts'
import { running, seenWeb } from './look.ts'
import { etcd as peers } from './etcd.ts'

test('a weak etcd shows its keys to anybody', async () => {
  const sighting = await seenWeb(etcd, await running(peers.weak))
  assert.equal(sighting.product, 'etcd')
  assert.match(sighting.version ?? '', /^3\./)
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.v3, true)
  assert.equal(sighting.facts.v2, true)
  assert.equal(sighting.facts.keys, 0)
})

test('its hardened twin wants a login', async () => {
  const sighting = await seenWeb(etcd, await running(peers.hardened))
  assert.equal(sighting.product, 'etcd')
  assert.equal(sighting.facts.auth, true)
  assert.equal('keys' in sighting.facts, false)
})
