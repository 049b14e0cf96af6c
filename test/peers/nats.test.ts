import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nats } from '#engine/services/message/nats.ts'
import { running, seen } from './look.ts'
import { nats as peers } from './nats.ts'

test('a weak NATS server takes anybody', async () => {
  const sighting = await seen(nats, await running(peers.weak))
  assert.equal(sighting.product, 'NATS Server')
  assert.match(sighting.version ?? '', /^2\./)
  assert.equal(sighting.facts.auth, false)
  assert.equal(sighting.facts.tlsRequired, false)
  assert.match(sighting.evidence?.received ?? '', /PONG/)
})

test('its hardened twin wants TLS, and a login inside it', async () => {
  const sighting = await seen(nats, await running(peers.hardened))
  assert.equal(sighting.facts.auth, true)
  assert.equal(sighting.facts.tlsRequired, true)
  assert.match(sighting.evidence?.received ?? '', /Authorization Violation/)
})
