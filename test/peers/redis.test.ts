import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redis } from '#engine/services/database/redis.ts'
import { running, seen } from './look.ts'
import { redis as peers } from './redis.ts'

test('a weak redis tells everything to anybody', async () => {
  const sighting = await seen(redis, await running(peers.weak))
  assert.equal(sighting.product, 'Redis')
  assert.match(sighting.version ?? '', /^7\./)
  assert.match(sighting.cpe ?? '', /^cpe:2\.3:a:redis:redis:7\./)
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.mode, 'standalone')
  assert.equal(sighting.facts.role, 'master')
  assert.equal(sighting.facts.keys, 0)
  assert.match(sighting.evidence?.received ?? '', /redis_version:7/)
})

test('its hardened twin tells that it wants a password', async () => {
  const sighting = await seen(redis, await running(peers.hardened))
  assert.equal(sighting.product, 'Redis')
  assert.equal(sighting.facts.auth, true)
  assert.equal('version' in sighting, false)
  assert.match(sighting.evidence?.received ?? '', /^-NOAUTH/)
})
