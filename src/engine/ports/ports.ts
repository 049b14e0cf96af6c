import type { Observation } from '#core/observation.ts'
import { quickPorts } from '#core/port-list.ts'
import { eachPort, formatPorts, hasPort, markedPorts, parsePorts } from '#core/port-set.ts'
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
    const tested = new Uint8Array(65_536)
    const untold = new Map<string, { marks: Uint8Array; text: string }>()
    const stacks: (readonly [number, StackSight])[] = []
    let [open, conclusive] = [0, 0]
    for await (const swept of tools.net.sweep(seen.at.address, inOrder(tools.profile.tcp), signal)) {
      if (swept.state === 'open' || swept.state === 'closed') {
        for (const port of swept.ports) tested[port] = 1
        conclusive += swept.ports.length
      } else {
        const { code, text } = whyNot(swept)
        const group = untold.get(code) ?? { marks: new Uint8Array(65_536), text }
        for (const port of swept.ports) group.marks[port] = 1
        untold.set(code, group)
      }
      if (swept.state !== 'open') continue
      stacks.push(...(swept.stacks ?? []))
      for (const port of swept.ports) {
        open += 1
        const at = { ...asset, port, proto: 'tcp' as const }
        if (open <= mostOpen) yield { kind: 'port', at, data: { state: 'open' } }
        else yield { kind: 'untested', at, ports: `tcp:${port}`, code: 'budget', text: `more than ${mostOpen} open ports` } satisfies Sight
      }
    }
    for (const [code, { marks, text }] of untold) yield { kind: 'untested', at: asset, ports: `tcp:${formatPorts(markedPorts(marks))}`, code, text }
    const system = systemOf(stacks, open >= mostPlausible && open > conclusive * 0.9)
    if (system !== null) yield { kind: 'system', at: asset, data: system }
    if (conclusive > 0) yield { kind: 'tested', at: asset, ports: `tcp:${formatPorts(markedPorts(tested))}` }
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
