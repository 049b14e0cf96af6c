import { parseIpSet } from '#core/ip-set.ts'
import { standard, type Profile } from '#core/profile.ts'
import { failed } from '../../src/engine/net.ts'
import { openNet } from '../../src/engine/net/open.ts'

/** Full TLS handshakes of our own, a program of its own: `PORT COUNT`. Prints CPU ms per handshake as JSON. */
const [port, count] = process.argv.slice(2).map(Number) as [number, number]
const profile: Profile = { ...standard, limits: { ...standard.limits, hostBytes: 2 ** 40 } }
const net = openNet({ scope: parseIpSet('127.0.0.1'), exclude: [], profile, signal: new AbortController().signal, now: Date.now })

async function shake(times: number): Promise<void> {
  for (let at = 0; at < times; at++) {
    const stream = await net.stream({ address: '127.0.0.1', port }, { data() {}, end() {} }, { tls: { servername: 'bench.example', alpn: ['http/1.1'] } })
    if (failed(stream)) throw new Error(stream.text)
    stream.close()
  }
}

await shake(100)
const cpu = process.cpuUsage()
await Promise.all([shake(count / 2), shake(count / 2)])
const used = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({ millis: (used.user + used.system) / 1000 / count }))
net.close()
