import { fail } from './errors.ts'
import type { Proto } from './place.ts'

/** Inclusive port runs, sorted, merged. Text: `22,80,8000-8100`; with protocols: `tcp:22,80;udp:53`. */
export type PortSet = readonly (readonly [first: number, last: number])[]

/** Parses a port list; `-` or `all` is every port, empty is none. */
export function parsePorts(text: string): PortSet {
  const source = text.trim()
  if (source === '') return []
  if (source === '-' || source === 'all') return [[1, 65535]]
  const runs = source.split(/[\s,]+/).filter((part) => part !== '').map((part): [number, number] => {
    const found = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(part)
    const first = Number(found?.[1] ?? Number.NaN)
    const last = Number(found?.[2] ?? found?.[1] ?? Number.NaN)
    if (!(first >= 1 && last <= 65535 && first <= last)) fail('ports.malformed', { ports: text })
    return [first, last]
  })
  return mergeRuns(runs)
}

export function portsOf(list: Iterable<number>): PortSet {
  const sorted = Uint16Array.from(list).sort()
  const runs: [number, number][] = []
  for (const port of sorted) {
    const before = runs.at(-1)
    if (before !== undefined && port <= before[1] + 1) before[1] = port
    else runs.push([port, port])
  }
  return runs
}

/** The ports that are marked: `marks` has a place for each port. For who hears of tens of thousands of them, in any order. */
export function markedPorts(marks: Uint8Array): PortSet {
  const runs: [number, number][] = []
  for (let first = marks.indexOf(1); first >= 0;) {
    let last = first
    while (marks[last + 1] === 1) last += 1
    runs.push([first, last])
    first = marks.indexOf(1, last + 1)
  }
  return runs
}

function mergeRuns(runs: [number, number][]): PortSet {
  runs.sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [first, last] of runs) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** All ports of these sets. */
export function joinPorts(sets: readonly PortSet[]): PortSet {
  return sets.length === 1 ? sets[0]! : mergeRuns(sets.flatMap((set) => set.map(([first, last]): [number, number] => [first, last])))
}

export function hasPort(set: PortSet, port: number): boolean {
  return set.some(([first, last]) => port >= first && port <= last)
}

export function countPorts(set: PortSet): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0)
}

export function* eachPort(set: PortSet): Generator<number> {
  for (const [first, last] of set) for (let port = first; port <= last; port++) yield port
}

export function formatPorts(set: PortSet): string {
  return set.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** `tcp:22,80;udp:53` → one set a protocol. */
export function parseProtoPorts(text: string): Readonly<Record<Proto, PortSet>> {
  const sets: Record<Proto, PortSet> = { tcp: [], udp: [] }
  for (const part of text.split(';')) {
    const [proto, ports] = part.split(':')
    if (proto === 'tcp' || proto === 'udp') sets[proto] = parsePorts(ports ?? '')
  }
  return sets
}

export function formatProtoPorts(sets: Partial<Readonly<Record<Proto, PortSet>>>): string {
  return (['tcp', 'udp'] as const)
    .filter((proto) => (sets[proto]?.length ?? 0) > 0)
    .map((proto) => `${proto}:${formatPorts(sets[proto]!)}`)
    .join(';')
}

/** The set without these ports. */
export function withoutPorts(set: PortSet, ports: Iterable<number>): PortSet {
  const holes = [...new Set(ports)].sort((a, b) => a - b)
  if (holes.length === 0 || set.length === 0) return set
  const rest: (readonly [number, number])[] = []
  let hole = 0
  for (const run of set) {
    const [start, last] = run
    let first = start
    while (hole < holes.length && holes[hole]! < first) hole += 1
    for (; hole < holes.length && holes[hole]! <= last; hole += 1) {
      if (holes[hole]! > first) rest.push([first, holes[hole]! - 1])
      first = holes[hole]! + 1
    }
    if (first === start) rest.push(run)
    else if (first <= last) rest.push([first, last])
  }
  return rest
}
