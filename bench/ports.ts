import { fileURLToPath } from 'node:url'
import type { Figure } from '../src/command/bench.ts'
import { timed, withCache, type Cost } from './scan/timed.ts'
import { benchSyn } from './ports/syn.ts'
import { median } from './statistics.ts'

const address = '127.20.0.1'
const runs = 5

/** All 65,535 TCP ports of one loopback address by connecting, program start included; beside `nmap -sT`, in turns. Then half-open: ports/syn.ts. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const walk = fileURLToPath(new URL('./ports/walk.ts', import.meta.url))
  const ours: Cost[] = []
  const theirs: Cost[] = []
  const began = performance.now()
  // Bounded, as the rest: see ports/syn.ts.
  for (let run = 0; run < runs && (run === 0 || performance.now() - began < 40_000); run++) {
    ours.push(await timed(process.execPath, ['--disable-warning=ExperimentalWarning', walk, address], withCache))
    theirs.push(await timed('sh', ['-c', 'timeout --foreground -s KILL 15 "$@"; true', 'sh', 'nmap', '-sT', '-n', '-Pn', '-T4', '-p-', address]))
  }
  const compare = (metric: string, unit: string, of: (cost: Cost) => number): void => {
    const value = median(ours.map(of))
    const peer = median(theirs.map(of))
    tell({ bench: 'ports', metric, value, unit, peer: `nmap -sT (${peer.toPrecision(3)} ${unit})`, ratio: value / peer, goal: 'no more than the peer', holds: value <= peer, runs: ours.length })
  }
  compare('connect scan of 65,535 ports, wall', 's', (cost) => cost.seconds)
  compare('connect scan of 65,535 ports, CPU', 's', (cost) => cost.cpu)
  await benchSyn(tell, runs)
}
