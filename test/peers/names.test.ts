import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dns, dnsUdp } from '#engine/services/name/dns.ts'
import { bind } from './bind.ts'
import { running, seen } from './look.ts'
import { seenUdp } from './look-other.ts'
import { unbound } from './unbound.ts'

test('a weak BIND resolves for anybody, answers large and gives its zone away', async () => {
  const peer = await running(bind.weak)
  const overUdp = await seenUdp(dnsUdp, peer)
  assert.equal(overUdp.product, 'BIND')
  assert.match(overUdp.version ?? '', /^9\.18\.\d+/)
  assert.equal(overUdp.distro, 'debian')
  assert.deepEqual([overUdp.facts.recursion, overUdp.facts.recursionAnswered, overUdp.facts.hostnameBind], [true, true, 'ns1.peer.test'])
  assert.ok(Number(overUdp.facts.amplification) > 10, `amplification ${String(overUdp.facts.amplification)}`)
  const { facts, evidence } = await seen(dns, peer)
  assert.deepEqual([facts.zoneTransfer, facts.zones, facts.recursion], [true, ['peer.test'], true])
  assert.match(evidence?.received ?? '', /secret-host/)
})

test('its hardened twin does none of it', async () => {
  const peer = await running(bind.hardened)
  const overUdp = await seenUdp(dnsUdp, peer)
  assert.deepEqual([overUdp.version, overUdp.facts.recursion, overUdp.facts.versionBind], [undefined, false, null])
  assert.ok(Number(overUdp.facts.amplification) <= 2, `amplification ${String(overUdp.facts.amplification)}`)
  const { facts } = await seen(dns, peer, { names: ['www.peer.test'] })
  assert.deepEqual([facts.zoneTransfer, facts.zones, facts.recursion], [false, [], false])
  assert.deepEqual(facts.zonesAsked, ['peer.test', 'www.peer.test'])
})

test('a weak Unbound resolves for anybody', async () => {
  const peer = await running(unbound.weak)
  const { product, version, facts } = await seenUdp(dnsUdp, peer)
  assert.equal(product, 'Unbound')
  assert.match(version ?? '', /^1\.\d+\.\d+$/)
  assert.deepEqual([facts.recursion, facts.recursionAnswered], [true, true])
})

test('its hardened twin refuses strangers', async () => {
  const peer = await running(unbound.hardened)
  const { version, facts } = await seenUdp(dnsUdp, peer)
  assert.deepEqual([version, facts.recursion, facts.recursionAnswered], [undefined, false, false])
})
