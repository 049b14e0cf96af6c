import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatPorts, parsePorts, portsOf, eachPort } from '#core/port-set.ts'
import { standardPorts } from '#core/port-list.ts'
import type { Figure } from '../src/command/bench.ts'
import { openNetwork, type Network } from './scan/network.ts'
import { timed, withCache, type Cost } from './scan/timed.ts'
import { median } from './statistics.ts'

const hosts = 1024
/** nmap takes a second or more for each of them. */
const few = 32
const runs = 3
const portsOfHost = 2000

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

type Scan = Cost & Readonly<{ rss: number; lines: number }>

/**
 * A /22 of simple hosts (scan/network.ts) scanned whole (discovery, 2,000 TCP ports, services, all checks that apply), program start included; beside
 * `nmap -sV` on 32 of the same hosts and the same ports in the same run. The CPU of packets includes that of the hosts' kernel, which answers in the sender's time, for both.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-bench-'))
  const network = await openNetwork()
  const server = network.host(process.execPath, ['--disable-warning=ExperimentalWarning', at('./scan/hosts.ts'), network.wide])
  try {
    const [line] = await once(server.stdout!, 'data')
    const listening = JSON.parse(String(line)) as number[]
    const ports = formatPorts(portsOf(portsWith(listening)))
    const ours: Scan[] = []
    const oursFew: Scan[] = []
    const theirs: Scan[] = []
    for (let run = 0; run < runs; run++) {
      ours.push(await vigil(network, folder, network.wide, ports))
      oursFew.push(await vigil(network, folder, network.few, ports))
      theirs.push(await nmap(network, ports))
    }
    const open = `${countPortsOf(ports)} TCP ports, 3 open, ${network.name}`
    const rate = hosts / median(ours.map((cost) => cost.seconds))
    const fewRate = few / median(oursFew.map((cost) => cost.seconds))
    const peerRate = few / median(theirs.map((cost) => cost.seconds))
    const cpu = median(ours.map((cost) => cost.cpu)) / hosts
    const fewCpu = median(oursFew.map((cost) => cost.cpu)) / few
    const peerCpu = median(theirs.map((cost) => cost.cpu)) / few
    const rss = Math.max(...ours.map((cost) => cost.rss))
    const figure = (metric: string, value: number, unit: string, rest: Partial<Figure> = {}): void =>
      tell({ bench: 'scan', metric, value, unit, peer: null, ratio: null, goal: null, holds: null, runs, ...rest })
    figure(`whole scan of ${hosts} hosts, ${open}`, rate, 'hosts/s', { peer: `nmap -sV on ${few} of them (${peerRate.toFixed(2)} hosts/s)`, ratio: rate / peerRate, goal: '≥ 95 hosts/s', holds: rate >= 95 })
    figure(`whole scan of ${few} hosts, program start included`, fewRate, 'hosts/s', { peer: 'nmap -sV on the same', ratio: fewRate / peerRate, goal: '≥ 20 × the peer', holds: fewRate >= 20 * peerRate })
    figure(`CPU per host of ${hosts}`, cpu * 1000, 'ms', { peer: `nmap -sV (${(peerCpu * 1000).toFixed(1)} ms)`, ratio: cpu / peerCpu })
    figure(`CPU per host of ${few}, program start included`, fewCpu * 1000, 'ms', { peer: 'nmap -sV on the same', ratio: fewCpu / peerCpu })
    figure(`peak memory of ${hosts} hosts`, rss, 'MB', { goal: '< 512 MB', holds: rss < 512 })
    figure(`findings of ${hosts} hosts, each with its proof`, median(ours.map((cost) => cost.lines)), 'findings', { goal: 'every host', holds: ours.every((cost) => cost.lines >= hosts) })
  } finally {
    server.stdin!.end()
    await network.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Those that listen, what a scan usually looks at, and more from 50,000 on until there are as many as asked. */
function portsWith(listening: readonly number[]): readonly number[] {
  const ports = new Set([...listening, ...eachPort(parsePorts(standardPorts))])
  for (let port = 50_000; ports.size < portsOfHost; port++) ports.add(port)
  return [...ports].slice(0, portsOfHost)
}

function countPortsOf(ports: string): number {
  return [...eachPort(parsePorts(ports))].length
}

async function vigil(network: Network, folder: string, target: string, ports: string): Promise<Scan> {
  const peak = join(folder, 'peak.json')
  const words = ['--disable-warning=ExperimentalWarning', '--import', at('./scan/peak.ts'), at('../src/main.ts'), 'scan', target, '--ports', ports, '--udp', 'none', '--format', 'jsonl']
  const cost = await timed(...network.beside(process.execPath, words), { ...withCache, VIGIL_BENCH_PEAK: peak })
  const { maxRSS } = JSON.parse(await readFile(peak, 'utf8')) as { maxRSS: number }
  return { ...cost, rss: maxRSS / 1024, lines: cost.out.split('\n').length - 1 }
}

async function nmap(network: Network, ports: string): Promise<Scan> {
  return { ...(await timed(...network.beside('nmap', ['-sV', '-n', '-T4', '-p', ports, network.few]))), rss: 0, lines: 0 }
}
