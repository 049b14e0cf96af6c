import { parseIpSet } from '#core/ip-set.ts'
import { standard } from '#core/profile.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import { openNet } from '#engine/net/open.ts'
import { udpWith } from '#engine/ports/udp.ts'
import { udpServices } from '#engine/probes.ts'

/** What the probe `udp` tells of an address: `node udp-program.ts ADDRESS PORTS`, in the namespace of a scanner. */
const [address = '', ports = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const profile = { ...standard, udp: ports }
const net = openNet({ scope: parseIpSet(address), exclude: [], profile, signal, now: Date.now })
const first: Observation<'host'> = { kind: 'host', at: { asset: 'a', address }, seen: 0, by: 'discover@1', data: { up: true, why: '' } }
const services: Shapes['service'][] = []
const [open, tested, untested]: [number[], string[], string[]] = [[], [], []]
for await (const sight of udpWith(udpServices).run(first, { net, profile, asks: [], names: [], host: {}, open: new Set(), credentials: [], callbacks: null, now: Date.now }, signal)) {
  if (sight.kind === 'service') services.push(sight.data)
  else if (sight.kind === 'port') open.push(sight.at.port!)
  else if (sight.kind === 'tested') tested.push(sight.ports)
  else if (sight.kind === 'untested') untested.push(sight.ports)
}
process.stdout.write(JSON.stringify({ services, open, tested: tested.join(), untested: untested.join() }))
net.close()
