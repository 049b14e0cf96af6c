import { readFileSync } from 'node:fs'
import type { Facts, Observation } from '#core/observation.ts'
import type { Sight } from '#engine/probe.ts'
import { http } from '#engine/http/http.ts'
import { rootPage } from '#engine/http/root.ts'
import type { Sighting, UdpService, WebService } from '#engine/service.ts'
import { askUdp, lookAtWeb, withTools, type LookOptions } from '#engine/testing.ts'
import { patient, seen } from './look.ts'
import type { PeerPlace, RunningPeer } from './peer.ts'

/** `ready` of a peer that speaks UDP: its port is bound. */
export function boundUdp({ port }: Pick<PeerPlace, 'port'>): Promise<boolean> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return Promise.resolve(readFileSync('/proc/net/udp', 'latin1').split('\n').some((line) => line.trim().split(/\s+/)[1]?.endsWith(wanted) === true))
}

type Seen = Sighting & { facts: Facts }

/** What the probe of a UDP service sees of a running peer. Throws when it saw nothing, or was cut short. */
export async function seenUdp(service: UdpService, peer: RunningPeer, options: LookOptions & { port?: number } = {}): Promise<Seen> {
  const sighting = await askUdp(service, options.port ?? peer.port, { address: peer.address, profile: patient, ...options })
  if (sighting === null) throw new Error(`${peer.peer.name} was not recognised as ${service.name}\n${peer.log()}`)
  if (sighting.incomplete !== undefined) throw new Error(`${peer.peer.name}: ${sighting.incomplete.code} ${sighting.incomplete.text}\n${JSON.stringify(sighting.evidence)}`)
  return { ...sighting, facts: sighting.facts ?? {} }
}

/** The web server itself, and every web service that its root page hints at. */
export async function seenWeb(peer: RunningPeer, services: readonly WebService[]): Promise<Readonly<{ server: Seen; behind: readonly Seen[] }>> {
  const server = await seen(http, peer)
  const root = await rootOf(peer)
  const behind: Seen[] = []
  for (const service of services) {
    if (!service.hints(root.data, peer.port)) continue
    const sighting = await lookAtWeb(service, peer.port, root.data, { address: peer.address, profile: patient })
    if (sighting?.incomplete !== undefined) throw new Error(`${peer.peer.name}: ${sighting.incomplete.text}`)
    if (sighting !== null) behind.push({ ...sighting, facts: sighting.facts ?? {} })
  }
  return { server, behind }
}

type Page = Extract<Sight, { kind: 'http' }>

/** The root page as the probe `http` fetches it. */
function rootOf(peer: RunningPeer): Promise<Page> {
  return withTools(async (tools, signal) => {
    const at = { asset: peer.address, address: peer.address, port: peer.port, proto: 'tcp' } as const
    const service: Observation<'service'> = { kind: 'service', at, seen: 0, by: 'service@1', data: { name: 'http', tls: false, facts: {} } }
    for await (const sight of rootPage.run(service, tools, signal)) if (sight.kind === 'http') return sight
    throw new Error(`${peer.peer.name} has no root page\n${peer.log()}`)
  }, patient)
}
