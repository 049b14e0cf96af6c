import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observation } from '#core/observation.ts'
import { defaultLogin } from '#engine/defaults/default-login.ts'
import type { Sight } from '#engine/probe.ts'
import { redis as redisService } from '#engine/services/database/redis.ts'
import { lookAt, withTools } from '#engine/testing.ts'
import { startPeer, type Peer } from './peer.ts'
import { redis } from './redis.ts'

const handbook: Peer = {
  ...redis.hardened, name: 'redis with the password of its handbook',
  files: ({ address, port, directory }) => ({ 'redis.conf': [`bind ${address}`, `port ${port}`, `dir ${directory}`, 'protected-mode yes', 'save ""', 'requirepass foobared', ''].join('\n') }),
}

async function facts(peer: Peer): Promise<readonly unknown[]> {
  const running = await startPeer(peer)
  try {
    const seen = (await lookAt(redisService, running.port))!
    const { facts: known = {}, ...rest } = seen
    const at = { asset: 'a', address: running.address, port: running.port, proto: 'tcp' } as const
    const observation: Observation<'service'> = { kind: 'service', at, seen: 0, by: 'service@1', data: { name: 'redis', tls: false, facts: known, ...(rest.product === undefined ? {} : { product: rest.product }) } }
    return await withTools(async (tools, signal) => {
      const sights: Sight[] = []
      if (defaultLogin.wants(observation, tools.profile)) for await (const sight of defaultLogin.run(observation, tools, signal)) sights.push(sight)
      return sights.map((sight) => sight.kind === 'service' && [sight.data.facts['defaultUser'], sight.data.facts['defaultPassword']])
    })
  } finally {
    await running.stop()
  }
}

test('a real Redis with the password of its handbook takes it; one with its own does not, and an open one is not asked', async () => {
  assert.deepEqual(await facts(handbook), [['default', 'foobared']])
  assert.deepEqual(await facts(redis.hardened), [])
  assert.deepEqual(await facts(redis.weak), [])
})
