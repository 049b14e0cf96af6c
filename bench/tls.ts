import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suites } from '#core/tls/suite.ts'
import type { Figure } from '../src/command/bench.ts'
import { timed, type Cost } from './scan/timed.ts'
import { median } from './statistics.ts'
import { startServers } from './tls/servers.ts'

type Seen = Readonly<{ versions: ReadonlySet<string>; suites: ReadonlySet<string>; cost: Cost }>

const runs = Number(process.env['TLS_RUNS'] ?? 3)

/**
 * One whole look at each of some twenty TLS servers on loopback beside `sslscan --show-cipher-ids`, in turns, and `testssl.sh -p -E` (with TESTSSL=1 in the environment: it
 * takes minutes a server), program start included; and once as a scanner looks that already runs (the third look of a process). TLS_RUNS: how often, 3 unless told. What one sees and the other does not is said on stderr.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-bench-tls-'))
  const running = await startServers(folder, (name) => process.stderr.write(`not started: ${name}\n`))
  try {
    const look = fileURLToPath(new URL('tls/look.ts', import.meta.url))
    const ours: Cost[] = []
    const theirs: Cost[] = []
    const warm: number[] = []
    let sameVersions = 0
    let noneMissed = 0
    for (const { name, port } of running) {
      const mine: Seen[] = []
      const peers: Seen[] = []
      for (let run = 0; run < runs; run++) {
        mine.push(readOurs(await timed(process.execPath, ['--disable-warning=ExperimentalWarning', look, String(port)])))
        peers.push(readSslscan(await timed('sslscan', ['--no-colour', '--xml=-', `127.0.0.1:${port}`])))
      }
      ours.push(middle(mine))
      theirs.push(middle(peers))
      warm.push(lastTook((await timed(process.execPath, ['--disable-warning=ExperimentalWarning', look, String(port), 'https', '3'])).out) / 1000)
      const [us, them] = [union(mine), union(peers)]
      if (isSame(us.versions, them.versions)) sameVersions += 1
      const missed = [...them.suites].filter((suite) => !us.suites.has(suite))
      if (missed.length === 0) noneMissed += 1
      process.stderr.write(`${name}: ${us.suites.size} suites, sslscan ${them.suites.size}; ours ${middle(mine).seconds} s, sslscan ${middle(peers).seconds} s; versions ${[...us.versions].join(' ')}${isSame(us.versions, them.versions) ? '' : ` but sslscan ${[...them.versions].join(' ')}`}`
        + `${missed.length === 0 ? '' : `; only sslscan: ${missed.join(' ')}`}${us.suites.size > them.suites.size ? `; only ours: ${[...us.suites].filter((suite) => !them.suites.has(suite)).join(' ')}` : ''}\n`)
      if (process.env['TESTSSL'] === '1') {
        const { seconds } = await timed('testssl', ['--nodns', 'none', '--warnings', 'off', '--quiet', '--color', '0', '-p', '-E', `127.0.0.1:${port}`])
        tell({ bench: 'tls', metric: `${name}, beside testssl.sh`, value: middle(mine).seconds, unit: 's', peer: `testssl.sh (${seconds} s)`, ratio: middle(mine).seconds / seconds, goal: 'faster', holds: middle(mine).seconds < seconds, runs: 1 })
      }
    }
    const count = running.length
    tell({ bench: 'tls', metric: 'servers with the same versions as sslscan', value: sameVersions, unit: `of ${count}`, peer: null, ratio: null, goal: 'all', holds: sameVersions === count, runs })
    tell({ bench: 'tls', metric: 'servers of which no suite that sslscan sees is missed', value: noneMissed, unit: `of ${count}`, peer: null, ratio: null, goal: 'all', holds: noneMissed === count, runs })
    const [running3, peer3] = [median(warm), median(theirs.map(({ seconds }) => seconds))]
    tell({ bench: 'tls', metric: `one server, wall, by a running scanner, median of ${count}`, value: running3, unit: 's', peer: `sslscan (${peer3.toPrecision(3)} s)`, ratio: running3 / peer3, goal: 'faster', holds: running3 < peer3, runs: 1 })
    for (const [metric, of] of [['wall, program start included', (cost: Cost) => cost.seconds], ['CPU', (cost: Cost) => cost.cpu]] as const) {
      const value = median(ours.map(of))
      const peer = median(theirs.map(of))
      tell({ bench: 'tls', metric: `one server, ${metric}, median of ${count}`, value, unit: 's', peer: `sslscan (${peer.toPrecision(3)} s)`, ratio: value / peer, goal: null, holds: null, runs })
    }
  } finally {
    for (const { stop } of running) stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function lastTook(out: string): number {
  return (JSON.parse(out.trim().split('\n').at(-1)!) as { took: number }).took
}

const numberOf = new Map(suites.map(({ name, number }) => [name, number.toString(16).padStart(4, '0')]))

function readOurs(cost: Cost): Seen {
  const data = JSON.parse(cost.out) as { accepted: string[]; offers: { version: string; suites: string[] }[] }
  return { versions: new Set(data.accepted), suites: new Set(data.offers.flatMap((offer) => offer.suites.map((suite) => `${offer.version}/${numberOf.get(suite) ?? suite}`))), cost }
}

function readSslscan(cost: Cost): Seen {
  const versions = [...cost.out.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)].map(([, type, version]) => (type === 'ssl' ? `SSLv${version}` : `TLSv${version}`))
  const taken = [...cost.out.matchAll(/<cipher status="\w+" sslversion="([^"]+)"[^>]* id="0x(\w+)"/g)].map(([, version, id]) => `${version}/${id!.toLowerCase()}`)
  return { versions: new Set(versions), suites: new Set(taken), cost }
}

/** What was seen in any run. */
function union(seen: readonly Seen[]): Seen {
  return { ...seen[0]!, versions: new Set(seen.flatMap(({ versions }) => [...versions])), suites: new Set(seen.flatMap((one) => [...one.suites])) }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}

function middle(seen: readonly Seen[]): Cost {
  return [...seen].sort((a, b) => a.cost.seconds - b.cost.seconds)[Math.floor(seen.length / 2)]!.cost
}
