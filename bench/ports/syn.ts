import { fileURLToPath } from 'node:url'
import type { Figure } from '../../src/command/bench.ts'
import { timed, withCache, type Cost } from '../scan/timed.ts'
import { median } from '../statistics.ts'
import { openPair, scannerAddress, type Pair } from './pair.ts'

const hosts = 8
const rate = 100_000
/** Seconds after which a peer is stopped: nmap and masscan were both seen never to end on a busy machine. What masscan did by then counts; nmap does not tell, so that a run of it that was stopped is left out. */
const longest = 30
/** No further turn begins after so many ms, so that the whole ends within four minutes. */
const mostTime = 80_000

type Contender = Readonly<{ name: string; run(pair: Pair): Promise<Cost>; found(out: string): number; sent?(out: string): number }>

const inside = (pair: Pair, program: string, words: readonly string[]): Promise<Cost> => timed('ip', ['netns', 'exec', pair.scanner, program, ...words], withCache)
const sweep = fileURLToPath(new URL('sweep.ts', import.meta.url))
const lines = (pattern: RegExp) => (out: string): number => new Set(out.match(pattern) ?? []).size

const ours: readonly Contender[] = [0, rate, 2 * rate].map((limit) => ({
  name: limit === 0 ? 'vigil, own pace' : `vigil, ${limit}/s`,
  run: (pair) => inside(pair, process.execPath, ['--disable-warning=ExperimentalWarning', sweep, String(limit), ...pair.addresses]),
  found: lines(/^\S+:\d+$/gm),
}))
/** What it had sent and found when it was stopped stands in its progress line. */
const masscan: Contender = {
  name: `masscan, ${rate}/s`,
  run: (pair) => inside(pair, 'sh', ['-c', 'timeout --foreground -s KILL 10 "$@" 2>&1; true', 'sh', 'masscan', '-p1-65535', `${pair.addresses[0]}-${pair.addresses.at(-1)}`,
    '--rate', String(rate), '--wait', '2', '-e', 'net', '--adapter-ip', scannerAddress, '--router-mac', pair.farMac, '-oL', '/dev/null']),
  found: (out) => Number([...out.matchAll(/found=(\d+)/g)].at(-1)?.[1] ?? 0),
  sent: (out) => Number([...out.matchAll(/([\d.]+)% done/g)].at(-1)?.[1] ?? 100) / 100,
}
const nmap: Contender = {
  name: 'nmap -sS --min-rate 20000',
  run: (pair) => inside(pair, 'sh', ['-c', `timeout --foreground -s KILL ${longest} "$@"; true`, 'sh', 'nmap', '-sS', '-n', '-Pn', '--min-rate', '20000', '-p-', '-oG', '-', ...pair.addresses]),
  found: (out) => (out.match(/\d+\/open\/tcp/g) ?? []).length,
  sent: (out) => (out.includes('# Nmap done') ? 1 : 0),
}

type Run = Readonly<{ cost: Cost; lost: number; share: number }>

/** All TCP ports of eight hosts at the other end of a cable, by half-open packets, beside masscan and nmap, in turns; CPU with the kernel's share, programs' start included. */
export async function benchSyn(tell: (figure: Figure) => void, runs: number): Promise<void> {
  const pair = await openPair(hosts)
  const costs = new Map<Contender, Run[]>()
  const began = performance.now()
  let done = 0
  try {
    for (; done < runs && (done === 0 || performance.now() - began < mostTime); done++) {
      for (const one of [...ours, masscan, nmap]) {
        const cost = await one.run(pair)
        costs.set(one, [...(costs.get(one) ?? []), { cost, lost: hosts * pair.open.length - one.found(cost.out), share: one.sent?.(cost.out) ?? 1 }])
      }
    }
  } finally {
    await pair.close()
  }
  const ended = (one: Contender): readonly Run[] => costs.get(one)!.filter(({ share }) => share > 0)
  const of = (one: Contender, what: (each: Run) => number): number => median(ended(one).map(what))
  const probes = (hosts * 65_535) / 1e6
  for (const one of [...ours, masscan, nmap]) {
    // Of a peer that never came to its end nothing is known.
    const lost = Math.max(...ended(one).map((each) => each.lost))
    if (ended(one).length === 0) {
      tell({ bench: 'ports', metric: `${one.name}: stopped after ${longest} s in each run`, value: done, unit: 'runs', peer: null, ratio: null, goal: null, holds: null, runs: done })
      continue
    }
    const isOurs = ours.includes(one)
    tell({ bench: 'ports', metric: `${one.name}: open ports lost of ${hosts * pair.open.length}, the worst run`, value: lost, unit: '', peer: null, ratio: null, goal: isOurs ? '0' : null, holds: isOurs ? lost === 0 : null, runs: done })
  }
  const compare = (metric: string, unit: string, value: number, peer: Contender, theirs: number, goal: string, most: number): void =>
    tell({ bench: 'ports', metric, value, unit, ...(Number.isNaN(theirs) ? { peer: `${peer.name} (did not end)`, ratio: null, goal, holds: null } : { peer: `${peer.name} (${theirs.toPrecision(3)} ${unit})`, ratio: value / theirs, goal, holds: value <= theirs * most }), runs: done })
  for (const one of ours) {
    compare(`${one.name}: CPU a million probes`, 's', of(one, ({ cost }) => cost.cpu) / probes, masscan, of(masscan, ({ cost, share }) => cost.cpu / Math.max(share, 0.01)) / probes, '≤ 0.25 × masscan', 0.25)
    compare(`${one.name}: CPU a million probes`, 's', of(one, ({ cost }) => cost.cpu) / probes, nmap, of(nmap, ({ cost }) => cost.cpu) / probes, '≤ nmap', 1)
    compare(`${one.name}: wall of ${hosts} × 65,535`, 's', of(one, ({ cost }) => cost.seconds), nmap, of(nmap, ({ cost }) => cost.seconds), '≤ ⅓ of nmap', 1 / 3)
  }
}
