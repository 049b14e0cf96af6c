import { parseIpSet } from '#core/ip-set.ts'
import { full as fullProfile } from '#core/profile.ts'
import { openNet } from '#engine/net/open.ts'
import { ports } from '#engine/ports/ports.ts'

/** Walks all TCP ports of one loopback address with the probe `ports` alone, and prints the open ones. */
const full = { ...fullProfile, packets: 'connect' } as const
const address = process.argv[2]!
const net = openNet({ scope: parseIpSet(address), exclude: [], profile: full, signal: new AbortController().signal, now: Date.now })
const open: number[] = []
const seen = { kind: 'host', at: { asset: address, address }, seen: 0, by: 'bench@1', data: { up: true, why: '' } } as const
for await (const sight of ports.run(seen, { net, profile: full, asks: [], names: [], host: {}, open: new Set(), credentials: [], callbacks: null, now: Date.now }, new AbortController().signal)) {
  if (sight.kind === 'port') open.push(sight.at.port!)
}
net.close()
process.stdout.write(open.join())
