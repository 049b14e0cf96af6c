import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sip, sipUdp } from '#engine/services/voice/sip.ts'
import { kamailio } from './kamailio.ts'
import { running, seen } from './look.ts'
import { seenUdp } from './look-other.ts'

test('a weak Kamailio tells its version, and its registrar answers strangers, over UDP and TCP', async () => {
  const peer = await running(kamailio.weak)
  for (const { product, version, facts } of [await seenUdp(sipUdp, peer), await seen(sip, peer)]) {
    assert.equal(product, 'Kamailio')
    assert.match(version ?? '', /^5\.\d+\.\d+$/)
    assert.deepEqual([facts.status, facts.registerAuth], [200, false])
  }
})

test('its hardened twin asks who registers, and tells no name', async () => {
  const peer = await running(kamailio.hardened)
  for (const { product, facts } of [await seenUdp(sipUdp, peer), await seen(sip, peer)]) {
    assert.equal(product, undefined)
    assert.deepEqual([facts.status, facts.registerAuth, facts.realm, facts.digests], [200, true, 'peer.test', ['MD5']])
  }
})
