import { parseIpSet } from '#core/ip-set.ts'
import { full } from '#core/profile.ts'
import { openNet } from '#engine/net/open.ts'

/** Sweeps all TCP ports of the hosts named by packets, at most RATE a second (0: as the pace finds), and prints what is open: sweep.ts RATE ADDRESS… */
const [rate, ...addresses] = process.argv.slice(2)
const controller = new AbortController()
const net = openNet({ scope: parseIpSet(addresses.join()), exclude: [], profile: { ...full, pace: { ...full.pace, rate: Number(rate) } }, signal: controller.signal, now: Date.now })
const open: string[] = []
await Promise.all(addresses.map(async (address) => {
  for await (const { state, ports } of net.sweep(address, Uint16Array.from({ length: 65_535 }, (_, index) => index + 1), controller.signal)) {
    if (state === 'open') for (const port of ports) open.push(`${address}:${port}`)
  }
}))
if (!net.packets.method.startsWith('syn')) throw new Error(`no packets: ${net.packets.why}`)
net.close()
process.stdout.write(open.join('\n'))
