import type { Observation } from '#core/observation.ts'
import { quickPorts } from '#core/port-list.ts'
import { eachPort, formatPorts, hasPort, parsePorts, portsOf } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Swept } from '../net.ts'
import { systemOf, type StackSight } from '../packet/stack.ts'
import type { Probe, Sight } from '../probe.ts'

/** Open ports of one host beyond which no more are looked into: a tarpit answers on every port. */
export const mostOpen = 1000
/** Where more than these are open and hardly any is closed, something answers in the stead of the host: a proxy against floods of SYNs, or a trap. */
const mostPlausible = 50

/** The profile's TCP ports, swept by the leanest way there is. What gave no plain answer is listed as not tested, and why. */
export const ports: Probe<'host'> = {
  id: 'ports',
  version: 3,
  on: 'host',
  effect: 'harmless',
  needs: {},
  wants: (seen: Observation<'host'>, profile: Profile) => profile.tcp !== '' && (seen.data.up || profile.discovery.alwaysUp),
  async *run(seen, tools, signal) {
    const asset = { asset: seen.at.asset, address: seen.at.address }
    const tested: number[] = []
    const untold = new Map<string, { ports: number[]; text: string }>()
    const stacks: (readonly [number, StackSight])[] = []
    let open = 0
    for await (const batch of tools.net.sweep(seen.at.address, inOrder(tools.profile.tcp), signal)) for (const swept of batch) {
      const { port, state } = swept
      if (state === 'open') {
        tested.push(port)
        open += 1
        if (swept.stack !== undefined) stacks.push([port, swept.stack])
        const at = { ...asset, port, proto: 'tcp' as const }
        if (open <= mostOpen) yield { kind: 'port', at, data: { state: 'open' } }
        else yield { kind: 'untested', at, ports: `tcp:${port}`, code: 'budget', text: `more than ${mostOpen} open ports` } satisfies Sight
      } else if (state === 'closed') tested.push(port)
      else {
        const { code, text } = whyNot(swept)
        const group = untold.get(code) ?? { ports: [], text }
        group.ports.push(port)
        untold.set(code, group)
      }
    }
    for (const [code, group] of untold) yield { kind: 'untested', at: asset, ports: `tcp:${formatPorts(portsOf(group.ports))}`, code, text: group.text }
    const system = systemOf(stacks, open >= mostPlausible && open > tested.length * 0.9)
    if (system !== null) yield { kind: 'system', at: asset, data: system }
    if (tested.length > 0) yield { kind: 'tested', at: asset, ports: `tcp:${formatPorts(portsOf(tested))}` }
  },
}

function whyNot({ state, failure }: Swept): { code: string; text: string } {
  if (failure !== undefined) return { code: failure.failed, text: failure.text }
  return state === 'rejected' ? { code: 'unreachable', text: 'rejected by an ICMP error' } : { code: 'timeout', text: 'no answer' }
}

/** Usual ports first, so that what matters is seen early on a long list. Worked out once for the hosts of a scan. */
function inOrder(text: string): readonly number[] {
  if (text === ordered.text) return ordered.ports
  const set = parsePorts(text)
  const usual = new Set(eachPort(parsePorts(quickPorts)))
  ordered = { text, ports: [...[...usual].filter((port) => hasPort(set, port)), ...[...eachPort(set)].filter((port) => !usual.has(port))] }
  return ordered.ports
}
let ordered: Readonly<{ text: string; ports: readonly number[] }> = { text: '', ports: [] }
