import assert from 'node:assert/strict'
import { test } from 'node:test'
import { udpOnly } from '#core/udp-services.ts'
import { services, udpServices } from './probes.ts'

test('what is spoken over UDP alone is what has a speaker there and none over TCP', () => {
  const overTcp = new Set(services.map((service) => service.name))
  assert.deepEqual([...udpOnly].sort(), [...new Set(udpServices.map((service) => service.name))].filter((name) => !overTcp.has(name)).sort())
})
