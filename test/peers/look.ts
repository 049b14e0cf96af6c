import { after } from 'node:test'
import type { Facts } from '#core/observation.ts'
import { standard } from '#core/profile.ts'
import type { Service, Sighting, WebService } from '#engine/service.ts'
import { lookAt, lookAtWeb, type LookOptions } from '#engine/testing.ts'
import { startPeer, type Peer, type RunningPeer } from './peer.ts'

/** Starts a peer for the rest of the test file. */
export async function running(peer: Peer): Promise<RunningPeer> {
  const started = await startPeer(peer)
  after(() => started.stop())
  return started
}

/** Keeps a server of ours for the rest of the test file. */
export async function lasting<T extends RunningPeer>(started: Promise<T>): Promise<T> {
  const peer = await started
  after(() => peer.stop())
  return peer
}

/** Patient, as a real profile is: a daemon that thinks for a second is no failure here. */
export const patient = { ...standard, defaults: true }

/** What the service's probe sees of a running peer. Throws when it saw nothing, or was cut short. */
export async function seen(service: Service, peer: RunningPeer, options: LookOptions = {}): Promise<Sighting & { facts: Facts }> {
  const sighting = await lookAt(service, peer.port, { address: peer.address, profile: patient, ...options })
  if (sighting === null) throw new Error(`${peer.peer.name} was not recognised as ${service.name}\n${peer.log()}`)
  if (sighting.incomplete !== undefined) throw new Error(`${peer.peer.name}: ${sighting.incomplete.code} ${sighting.incomplete.text}\n${JSON.stringify(sighting.evidence)}\n${peer.log()}`)
  return { ...sighting, facts: sighting.facts ?? {} }
}

/** The same for a service spoken over HTTP. */
export async function seenWeb(service: WebService, peer: RunningPeer, tls = false): Promise<Sighting & { facts: Facts }> {
  const sighting = await lookAtWeb(service, peer.port, { ...emptyRoot, tls }, { address: peer.address, profile: patient })
  if (sighting === null) throw new Error(`${peer.peer.name} was not recognised as ${service.name}\n${peer.log()}`)
  if (sighting.incomplete !== undefined) throw new Error(`${peer.peer.name}: ${sighting.incomplete.code} ${sighting.incomplete.text}\n${JSON.stringify(sighting.evidence)}`)
  return { ...sighting, facts: sighting.facts ?? {} }
}

const emptyRoot = { method: 'GET', path: '/', status: 404, headers: {}, title: null, body: '', length: 0, catchAll: false, ask: 'GET /', tls: false }

/** A fact that is a list of texts; empty when it is none. */
export function listOf(fact: Facts[string] | undefined): readonly string[] {
  return Array.isArray(fact) ? fact.map(String) : []
}
