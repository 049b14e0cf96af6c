import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memcached, memcachedUdp } from '#engine/services/database/memcached.ts'
import { askUdp } from '#engine/testing.ts'
import { running, seen } from './look.ts'
import { memcached as peers, memcachedSasl } from './memcached.ts'

test('a weak memcached gives its statistics to anybody, over UDP too', async () => {
  const peer = await running(peers.weak)
  const sighting = await seen(memcached, peer)
  assert.equal(sighting.product, 'memcached')
  assert.match(sighting.version ?? '', /^1\./)
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.items, 0)
  const udp = await askUdp(memcachedUdp, peer.port)
  assert.deepEqual(udp?.facts, { udp: true })
})

test('its hardened twin wants a login and hears no UDP', async () => {
  const peer = await running(peers.hardened)
  const sighting = await seen(memcached, peer)
  assert.equal(sighting.product, 'memcached')
  assert.equal(sighting.facts.auth, true)
  await assert.rejects(askUdp(memcachedUdp, peer.port), { code: 'refused' })
})

test('with SASL only the binary protocol is answered, and tells the version but no statistics', async () => {
  const sighting = await seen(memcached, await running(memcachedSasl))
  assert.match(sighting.version ?? '', /^1\./)
  assert.equal(sighting.facts.auth, true)
  assert.equal(sighting.facts.sasl, true)
})
