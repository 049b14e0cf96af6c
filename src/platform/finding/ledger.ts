import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { Proto } from '#core/place.ts'
import { formatProtoPorts, hasPort, parseProtoPorts, portsOf, type PortSet } from '#core/port-set.ts'
import { fit } from '../asset/text.ts'

/** What a probe looked at to its end, and what it could not: as kept in `asset_scan`. */
export type Covered = Readonly<{ probe: string; ports: string; login: boolean; signatures?: readonly number[] }>
/** `signatures`: the look told of all but these. */
export type Failed = Readonly<{ probe: string; ports: string; code: string; text: string; signatures?: readonly number[] }>
/** Everything one attempt said of one host so far. */
export type Attempt = Readonly<{ covered: readonly Covered[]; failed: readonly Failed[]; open: string }>

export const noAttempt: Attempt = { covered: [], failed: [], open: '' }

/** Lines of one host beyond which no more are kept. Less coverage closes less, never more. */
const mostLines = 1000

/** Which checks an observation tells nothing of, though it was made to the end; null: none. */
export type LeftOpen = (seen: Observation) => Failed | null

/**
 * Adds events of one host, in order. The observation of the host itself begins an attempt: what another one covered before does
 * not count for this.
 */
export function addToAttempt(attempt: Attempt, events: readonly ScanEvent[], leftOpen: LeftOpen = () => null): Attempt {
  let covered: Covered[] = [...attempt.covered]
  let failed: Failed[] = [...attempt.failed]
  const open: Record<Proto, number[]> = { tcp: [], udp: [] }
  let before = attempt.open
  for (const event of events) {
    if (event.type === 'seen' && event.seen.kind === 'host') {
      covered = []
      failed = []
      before = ''
      open.tcp = []
      open.udp = []
    } else if (event.type === 'seen') {
      const { port, proto } = event.seen.at
      const isThere = event.seen.kind !== 'port' || event.seen.data.state !== 'closed'
      if (port !== undefined && isThere) open[proto ?? 'tcp'].push(port)
      const line = leftOpen(event.seen)
      if (line !== null && failed.length < mostLines) failed.push(line)
    } else if (event.type === 'covered' && covered.length < mostLines) {
      covered.push({ probe: fit(event.probe, 80), ports: event.ports, login: event.login, ...(event.signatures === undefined ? {} : { signatures: event.signatures }) })
    } else if (event.type === 'failed' && failed.length < mostLines) {
      failed.push({ probe: fit(event.probe, 80), ports: event.ports, code: fit(event.code, 80), text: fit(event.text, 500) })
    }
  }
  if (open.tcp.length + open.udp.length === 0) return { covered, failed, open: before }
  const known = parseProtoPorts(before)
  const all = (proto: Proto): PortSet => portsOf([...expand(known[proto]), ...open[proto]])
  return { covered, failed, open: formatProtoPorts({ tcp: all('tcp'), udp: all('udp') }) }
}

function* expand(set: PortSet): Generator<number> {
  for (const [first, last] of set) for (let port = first; port <= last; port++) yield port
}

/** The probe that runs templates against web servers, and the one for all other services: each template has requests of its own. */
export const templateProbe = 'template'
export const templateProbes: ReadonlySet<string> = new Set([templateProbe, 'template-port'])
/** Probes that send what checks ask for: what they did not send, they say nothing about. */
export const askingProbes: readonly string[] = ['http-ask', ...templateProbes]

export type Known = Readonly<{ signature: number; proto: '' | Proto; port: number; probe: string; login: boolean }>

/** The probe that walks the ports of a protocol, and so knows which are closed. */
const walkers: Readonly<Record<Proto, string>> = { tcp: 'ports', udp: 'udp' }

export type Judged = Readonly<{
  /** Whether this scan judged the signature at all: it is in the KnowledgeBase, in the profile and not excluded. */
  judged(signature: number, probe: string): boolean
  /** Whether the signature needs a request of its own to have been sent. */
  asks(signature: number): boolean
}>

/**
 * Whether an attempt that reached its end proves that a finding which it did not see is not there any more. True only when the finding's own
 * probe looked at its place (with a login if it took one, and with the check's own request if it has one), or when its port was found closed.
 */
export function coverageOf(attempt: Attempt, judged: Judged): (finding: Known) => boolean {
  const lines = new Map<string, { line: Covered; ports: Readonly<Record<Proto, PortSet>>; asked: ReadonlySet<number> | null }[]>()
  for (const line of attempt.covered) {
    const list = lines.get(line.probe) ?? []
    lines.set(line.probe, list)
    list.push({ line, ports: parseProtoPorts(line.ports), asked: line.signatures === undefined ? null : new Set(line.signatures) })
  }
  const open = parseProtoPorts(attempt.open)
  const untold = new Set(attempt.failed.flatMap(({ ports, signatures = [] }) => signatures.map((signature) => `${signature} ${ports}`)))
  return (finding) => {
    if (!judged.judged(finding.signature, finding.probe)) return false
    const { proto, port } = finding
    if (untold.has(`${finding.signature} ${proto}:${port}`)) return false
    const asks = templateProbes.has(finding.probe) || judged.asks(finding.signature)
    for (const { line, ports, asked } of lines.get(finding.probe) ?? []) {
      if (finding.login && !line.login) continue
      if (proto === '' ? line.ports !== '' : !hasPort(ports[proto], port)) continue
      if (asks && asked?.has(finding.signature) !== true) continue
      return true
    }
    // Behind a closed port there is no service. What was seen with a login may be there all the same.
    if (proto === '' || finding.login || hasPort(open[proto], port)) return false
    return (lines.get(walkers[proto]) ?? []).some(({ ports }) => hasPort(ports[proto], port))
  }
}

/** Ports of the host that the attempt found closed. */
export function isClosed(attempt: Attempt): (proto: Proto, port: number) => boolean {
  const open = parseProtoPorts(attempt.open)
  const walked = (['tcp', 'udp'] as const).map((proto) => attempt.covered.filter((line) => line.probe === walkers[proto]).map((line) => parseProtoPorts(line.ports)[proto]))
  return (proto, port) => !hasPort(open[proto], port) && walked[proto === 'tcp' ? 0 : 1]!.some((set) => hasPort(set, port))
}

/** Whether the finding was seen by a probe that had a login: it is kept with it, unless one without saw it too. */
export function loginOf(attempt: Attempt, finding: Known): boolean | null {
  const lines = attempt.covered.filter((line) => line.probe === finding.probe
    && (finding.proto === '' ? line.ports === '' : hasPort(parseProtoPorts(line.ports)[finding.proto], finding.port)))
  return lines.length === 0 ? null : lines.every((line) => line.login)
}
