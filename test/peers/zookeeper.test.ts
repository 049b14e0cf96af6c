import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zookeeper } from '#engine/services/cluster/zookeeper.ts'
import { running, seen } from './look.ts'
import { zookeeper as peers } from './zookeeper.ts'

test('a weak ZooKeeper opens a session for anybody and answers every word', async () => {
  const sighting = await seen(zookeeper, await running(peers.weak))
  assert.equal(sighting.product, 'ZooKeeper')
  assert.match(sighting.version ?? '', /^3\.\d+\.\d+$/)
  assert.equal(sighting.facts.auth, false)
  assert.deepEqual(sighting.facts.children, ['zookeeper'])
  assert.deepEqual(sighting.facts.commands, ['srvr', 'ruok', 'stat', 'conf', 'envi', 'mntr'])
  assert.equal(sighting.facts.mode, 'standalone')
})

test('its hardened twin wants a login and answers the one word that it must', async () => {
  const { facts } = await seen(zookeeper, await running(peers.hardened))
  assert.equal(facts.auth, true)
  assert.deepEqual(facts.commands, ['srvr'])
  assert.equal('children' in facts, false)
})
