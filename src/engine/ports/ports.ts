import type { Observation } from '#core/observation.ts'
import { quickPorts } from '#core/port-list.ts'
import { eachPort, formatPorts, hasPort, parsePorts, portsOf } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Failure } from '../net.ts'
import type { Probe, Sight, Tools } from '../probe.ts'

/** Open ports of one host beyond which no more are looked into: a tarpit answers on every port. */
export const mostOpen = 1000

/**
 * TCP connect scan of the profile's ports. Open and refused are conclusive; silence, an unreachable and our own lack of sockets are not,
 * and are asked a second time.
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
    let last: Failure | null = null
    let list: Iterable<number> = inOrder(tools.profile.tcp)
    for (const round of [1, 2]) {
      const silent: number[] = []
      for await (const batch of knockAll(seen.at.address, list, tools, signal)) {
        for (const { port, result } of batch) {
          if (result === 'open') {
            tested.push(port)
            open += 1
            const at = { ...asset, port, proto: 'tcp' as const }
            if (open <= mostOpen) yield { kind: 'port', at, data: { state: 'open' } }
            else yield { kind: 'untested', at, ports: `tcp:${port}`, code: 'budget', text: `more than ${mostOpen} open ports` } satisfies Sight
          } else if (result.failed === 'refused' || result.failed === 'reset') tested.push(port)
          else {
            silent.push(port)
            last = result
          }
        }
      }
      // Where nothing was silent, or all was (a firewall that drops), there is nothing to gain from asking again.
      if (silent.length === 0) break
      if (round === 2 || silent.length > 256 || signal.aborted || last!.failed === 'budget') {
        yield { kind: 'untested', at: asset, ports: `tcp:${formatPorts(portsOf(silent))}`, code: last!.failed, text: last!.text }
        break
      }
      list = silent
    }
    if (tested.length > 0) yield { kind: 'tested', at: asset, ports: `tcp:${formatPorts(portsOf(tested))}` }
  },
}

/** Usual ports first, so that what matters is seen early on a long list. */
function* inOrder(text: string): Generator<number> {
  const set = parsePorts(text)
  const usual = new Set(eachPort(parsePorts(quickPorts)))
  for (const port of usual) if (hasPort(set, port)) yield port
  for (const port of eachPort(set)) if (!usual.has(port)) yield port
}

type Knock = Readonly<{ port: number; result: 'open' | Failure }>

/** Knocks with as many at once as the pace allows and yields answers as they come, all that are there together. */
async function* knockAll(address: string, list: Iterable<number>, tools: Tools, signal: AbortSignal): AsyncGenerator<readonly Knock[]> {
  const iterator = list[Symbol.iterator]()
  const ready: Knock[] = []
  let wake: (() => void) | null = null
  let running = 0
  const broken: unknown[] = []

  async function walk(): Promise<void> {
    for (;;) {
      const { done, value: port } = iterator.next()
      if (done === true) return
      const result = signal.aborted ? ({ failed: 'aborted', text: 'the scan was stopped' } as const) : await tools.net.knock({ address, port })
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
