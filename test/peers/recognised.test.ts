import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Observation } from '#core/observation.ts'
import { identifyWith } from '#engine/ports/identify.ts'
import { services } from '#engine/probes.ts'
import { withTools } from '#engine/testing.ts'
import { bind } from './bind.ts'
import { dante } from './dante.ts'
import { patient } from './look.ts'
import { microsocks } from './microsocks.ts'
import { mosquitto } from './mosquitto.ts'
import { nginx } from './nginx.ts'
import { startPeer, type Peer, type RunningPeer } from './peer.ts'
import { rabbitmq } from './rabbitmq.ts'
import { rsyncd } from './rsyncd.ts'
import { samba } from './samba.ts'
import { slapd } from './slapd.ts'
import { squid } from './squid.ts'
import { tinyproxy } from './tinyproxy.ts'
import { xrdp } from './xrdp.ts'
import { xvfb } from './xvfb.ts'
import { xvnc } from './xvnc.ts'

/** Every service is asked after those with a lower rank; none of them may take it for its own. */
const expected: readonly (readonly [name: string, Peer])[] = [
  ['http', nginx.weak], ['http', squid.weak], ['http', tinyproxy.hardened], ['dns', bind.hardened], ['ldap', slapd.weak], ['ldap', slapd.hardened], ['smb', samba.weak],
  ['smb', samba.hardened], ['rsync', rsyncd.hardened], ['vnc', xvnc.weak], ['vnc', xvnc.hardened], ['rdp', xrdp.weak], ['rdp', xrdp.hardened], ['x11', xvfb.weak], ['x11', xvfb.hardened],
  ['amqp', rabbitmq.weak], ['mqtt', mosquitto.weak], ['mqtt', mosquitto.hardened], ['socks', microsocks.weak], ['socks', microsocks.hardened], ['socks', dante.hardened],
]

describe('on a port that nobody claims', { concurrency: 6 }, () => {
  for (const [name, peer] of expected) {
    test(`${peer.name} is found out to be ${name}`, async () => {
      const started = await startPeer(peer)
      try {
        assert.equal(await nameOf(started), name, started.log())
      } finally {
        await started.stop()
      }
    })
  }
})

function nameOf({ address, port }: RunningPeer): Promise<string | null> {
  const at = { asset: address, address, port, proto: 'tcp' } as const
  const open: Observation<'port'> = { kind: 'port', at, seen: 0, by: 'ports@1', data: { state: 'open' } }
  return withTools(async (tools, signal) => {
    for await (const sight of identifyWith(services).run(open, tools, signal)) if (sight.kind === 'service') return sight.data.name
    return null
  }, patient)
}
