import type { Observation } from '#core/observation.ts'
import { quickPorts } from '#core/port-list.ts'
import { eachPort, formatPorts, hasPort, parsePorts, portsOf } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Failure } from '../net.ts'
import type { Probe, Sight, Tools } from '../probe.ts'

/** Open ports of one host beyond which no more are looked into: a tarpit answers on every port. */
export const mostOpen = 1000

/** Silent ports that are worth the profile's whole wait: as many as are asked at once. */
const few = 64
/** Rounds as long as each hears what the one before did not. */
const mostRounds = 4

/**
 * TCP connect scan of the profile's ports. Open and refused are conclusive; silence, an unreachable and our own lack of sockets are
 * not, and are asked again: a packet may have been lost. The wait follows what the host takes to answer (`Net.patience`).
 */
export const ports: Probe<'host'> = {
  id: 'ports',
  version: 1,
  on: 'host',
  needs: {},
  wants: (seen: Observation<'host'>, profile: Profile) => profile.tcp !== '' && (seen.data.up || profile.discovery.alwaysUp),
  async *run(seen, tools, signal) {
    const asset = { asset: seen.at.asset, address: seen.at.address }
    const tested: number[] = []
    let open = 0
    let silent = new Map<number, Failure>()
    let list: Iterable<number> = inOrder(tools.profile.tcp)
    for (let round = 1; ; round++) {
      const before = round === 1 ? Infinity : silent.size
      const wait = waitOf(round, silent.size, tools, seen.at.address)
      silent = new Map()
      for await (const batch of knockAll(seen.at.address, list, wait, tools, signal)) {
        for (const { port, result } of batch) {
          if (result === 'open') {
            tested.push(port)
            open += 1
            const at = { ...asset, port, proto: 'tcp' as const }
            if (open <= mostOpen) yield { kind: 'port', at, data: { state: 'open' } }
            else yield { kind: 'untested', at, ports: `tcp:${port}`, code: 'budget', text: `more than ${mostOpen} open ports` } satisfies Sight
          } else if (result.failed === 'refused' || result.failed === 'reset') tested.push(port)
          else silent.set(port, result)
        }
      }
      if (silent.size === 0 || signal.aborted || isSpent(silent)) break
      // Where all is silent (a firewall that drops) there is nothing to gain from asking many ports again.
      if (tested.length === 0 && silent.size > few) break
      // Twice at least; then as long as it helps, and once with all the time there is if only a few are left.
      const isThorough = round > 1 && wait() >= tools.profile.limits.connect
      if (round === mostRounds || isThorough || (round > 1 && silent.size === before && silent.size > few)) break
      list = [...silent.keys()]
    }
    for (const [code, group] of byCode(silent)) {
      yield { kind: 'untested', at: asset, ports: `tcp:${formatPorts(portsOf(group.ports))}`, code, text: group.text }
    }
    if (tested.length > 0) yield { kind: 'tested', at: asset, ports: `tcp:${formatPorts(portsOf(tested))}` }
  },
}

/** Ms one knock waits: what the host takes to answer, more of it in each round, and all there is when a few ports are asked again. */
function waitOf(round: number, silent: number, { net, profile }: Tools, address: string): () => number {
  const { connect } = profile.limits
  if (round > 1 && silent <= few) return () => connect
  return () => Math.min(connect, net.patience(address) * round)
}

function isSpent(silent: ReadonlyMap<number, Failure>): boolean {
  return silent.values().some(({ failed }) => failed === 'budget')
}

function byCode(silent: ReadonlyMap<number, Failure>): ReadonlyMap<string, Readonly<{ ports: number[]; text: string }>> {
  const groups = new Map<string, { ports: number[]; text: string }>()
  for (const [port, { failed, text }] of silent) {
    const group = groups.get(failed) ?? { ports: [], text }
    group.ports.push(port)
    groups.set(failed, group)
  }
  return groups
}

/** Usual ports first, so that what matters is seen early on a long list. */
function* inOrder(text: string): Generator<number> {
  const set = parsePorts(text)
  const usual = new Set(eachPort(parsePorts(quickPorts)))
  for (const port of usual) if (hasPort(set, port)) yield port
  for (const port of eachPort(set)) if (!usual.has(port)) yield port
}

const aborted: Failure = { failed: 'aborted', text: 'the scan was stopped' }

type Knock = Readonly<{ port: number; result: 'open' | Failure }>

/** Knocks with as many at once as the pace allows and yields answers as they come, all that are there together. */
async function* knockAll(
  address: string, list: Iterable<number>, wait: () => number, tools: Tools, signal: AbortSignal,
): AsyncGenerator<readonly Knock[]> {
  const iterator = list[Symbol.iterator]()
  const ready: Knock[] = []
  let wake: (() => void) | null = null
  let running = 0
  const broken: unknown[] = []

  async function walk(): Promise<void> {
    for (;;) {
      const { done, value: port } = iterator.next()
      if (done === true) return
      const result = signal.aborted ? aborted : await tools.net.knock({ address, port }, wait())
      ready.push({ port, result })
      wake?.()
    }
  }

  for (let index = 0; index < Math.max(4, tools.profile.pace.perHost); index++) {
    running += 1
    void walk()
      .catch((error: unknown) => void broken.push(error))
      .finally(() => {
        running -= 1
        wake?.()
      })
  }
  while (running > 0 || ready.length > 0) {
    if (ready.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    wake = null
    if (broken.length > 0) throw broken[0]
    if (ready.length > 0) yield ready.splice(0)
  }
}
