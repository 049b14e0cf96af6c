import type { Profile } from '#core/profile.ts'
import type { Failure, Net, Swept } from '../net.ts'

/** Silent ports that are worth the profile's whole wait: as many as are asked at once. */
const few = 64
/** Rounds as long as each hears what the one before did not. */
const mostRounds = 4
const aborted: Failure = { failed: 'aborted', text: 'the scan was stopped' }

type Knocking = Pick<Net, 'knock' | 'patience'>
type Knock = Readonly<{ port: number; result: 'open' | Failure }>

/**
 * `Net.sweep` by whole connections. Open, refused and rejected are conclusive; silence, an unreachable and our own lack of sockets are not, and are asked again: a packet may have been
 * lost. The wait follows what the host takes to answer (`Net.patience`).
 */
export async function* connectSweep(net: Knocking, profile: Profile, address: string, ports: Iterable<number>, signal: AbortSignal): AsyncGenerator<Swept> {
  let silent = new Map<number, Failure>()
  let list = ports
  let answered = 0
  for (let round = 1; ; round++) {
    const before = round === 1 ? Infinity : silent.size
    const wait = waitOf(round, silent.size, net, profile, address)
    silent = new Map()
    for await (const batch of knockAll(net, profile, address, list, wait, signal)) {
      const [open, closed]: [number[], number[]] = [[], []]
      const rejected = new Map<string, { failure: Failure; ports: number[] }>()
      for (const { port, result } of batch) {
        if (result === 'open') open.push(port)
        else if (result.failed === 'refused') closed.push(port)
        else if (result.by === undefined) silent.set(port, result)
        else {
          const known = rejected.get(result.text) ?? { failure: result, ports: [] }
          known.ports.push(port)
          rejected.set(result.text, known)
        }
        if (!silent.has(port)) answered += 1
      }
      if (open.length > 0) yield { state: 'open', ports: Uint16Array.from(open) }
      if (closed.length > 0) yield { state: 'closed', ports: Uint16Array.from(closed) }
      for (const { failure, ports } of rejected.values()) yield { state: 'rejected', ports: Uint16Array.from(ports), failure }
    }
    if (silent.size === 0 || signal.aborted || isSpent(silent)) break
    // Where all is silent (a firewall that drops) there is nothing to gain from asking many ports again.
    if (answered === 0 && silent.size > few) break
    // Twice at least; then as long as it helps, and once with all the time there is if only a few are left.
    const isThorough = round > 1 && wait() >= profile.limits.connect
    if (round === mostRounds || isThorough || (round > 1 && silent.size === before && silent.size > few)) break
    list = [...silent.keys()]
  }
  for (const ports of Map.groupBy(silent.keys(), (port) => silent.get(port)!.text).values()) yield { state: 'silent', ports: Uint16Array.from(ports), failure: silent.get(ports[0]!)! }
}

/** Ms one knock waits: what the host takes to answer, more of it in each round, and all there is when a few ports are asked again. */
function waitOf(round: number, silent: number, net: Knocking, { limits: { connect } }: Profile, address: string): () => number {
  if (round > 1 && silent <= few) return () => connect
  return () => Math.min(connect, net.patience(address) * round)
}

function isSpent(silent: ReadonlyMap<number, Failure>): boolean {
  return silent.values().some(({ failed }) => failed === 'budget')
}

/** Knocks with as many at once as the pace allows and yields answers as they come, all that are there together. */
async function* knockAll(
  net: Knocking, profile: Profile, address: string, list: Iterable<number>, wait: () => number, signal: AbortSignal,
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
      const result = signal.aborted ? aborted : await net.knock({ address, port }, wait())
      ready.push({ port, result })
      wake?.()
    }
  }

  for (let index = 0; index < Math.max(profile.fragile === true ? 1 : 4, profile.pace.perHost); index++) {
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
