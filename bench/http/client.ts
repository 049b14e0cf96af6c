import { parseIpSet } from '#core/ip-set.ts'
import { standard, type Profile } from '#core/profile.ts'
import { openHttpSession } from '../../src/engine/http/session.ts'
import { failed } from '../../src/engine/net.ts'
import { openNet } from '../../src/engine/net/open.ts'

/** The client under measure, a program of its own: `PORT REQUESTS CONNECTIONS`. Prints its CPU time and wall time of the measured part as JSON; the first tenth warms up. */
const [port, requests, connections] = process.argv.slice(2).map(Number) as [number, number, number]
const profile: Profile = { ...standard, pace: { ...standard.pace, perHost: connections * 4 }, limits: { ...standard.limits, hostBytes: 2 ** 40 } }
const net = openNet({ scope: parseIpSet('127.0.0.1'), exclude: [], profile, signal: new AbortController().signal, now: Date.now })
const session = openHttpSession({ asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, false, { net, host: {}, profile, asks: [], names: [], open: new Set(), credentials: [], callbacks: null, now: Date.now })

let wrong = 0

async function worker(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const answer = await session.exchange({ method: 'GET', target: '/index.html' })
    // What every check looks at: the status, a header and the body.
    if (failed(answer) || answer.status !== 200 || answer.header['content-type'] !== 'text/html' || answer.text().length !== answer.length) wrong += 1
  }
}

async function all(count: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => worker(Math.ceil(count / connections))))
}

await all(requests / 10)
const cpu = process.cpuUsage()
const began = performance.now()
await all(requests)
const used = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({ micros: (used.user + used.system) / requests, perSecond: requests / ((performance.now() - began) / 1000), wrong }))
session.close()
net.close()
