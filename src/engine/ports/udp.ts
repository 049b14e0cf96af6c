import type { Observation, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { hasPort, parsePorts } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import { Unseen, type Probe, type Sight, type Tools } from '../probe.ts'
import { isAllowed, leftOut, type Sighting, type UdpService } from '../service.ts'
import { udpTargetOf } from '../target.ts'

/**
 * The probe `udp`: asks every registered UDP service on its own ports, as far as the profile holds them. UDP says nothing unless asked in its own
 * protocol, so that a port without a service of ours is not tested at all, and silence proves nothing.
 */
export function udpWith(all: readonly UdpService[]): Probe<'host'> {
  return {
    id: 'udp',
    version: 1,
    on: 'host',
    effect: 'harmless',
    needs: {},
    wants: (seen: Observation<'host'>, profile: Profile) => profile.udp !== '' && (seen.data.up || profile.discovery.alwaysUp),
    async *run(seen, tools, signal) {
      const wanted = parsePorts(tools.profile.udp)
      const services = all.filter((service) => isAllowed(service, tools.profile))
      const looks: Promise<readonly Sight[]>[] = []
      for (const port of new Set(services.flatMap((service) => service.ports))) {
        if (!hasPort(wanted, port)) continue
        const at: Place = { asset: seen.at.asset, address: seen.at.address, port, proto: 'udp' }
        looks.push(lookAt(services.filter((service) => service.ports.includes(port)), at, tools, signal))
      }
      for (const look of looks) yield* await look
      for (const service of all.filter((one) => !isAllowed(one, tools.profile))) {
        const port = service.ports.find((one) => hasPort(wanted, one))
        if (port !== undefined) yield { kind: 'noted', at: { asset: seen.at.asset, address: seen.at.address, port, proto: 'udp' }, code: 'profile', text: `${service.name} was not asked: the profile leaves it out` }
      }
    },
  }
}

async function lookAt(services: readonly UdpService[], at: Place, tools: Tools, signal: AbortSignal): Promise<readonly Sight[]> {
  const ports = `udp:${at.port}`
  let silence: Unseen | null = null
  for (const service of services) {
    try {
      const sighting = await service.look(udpTargetOf(at, tools, signal))
      if (sighting !== null) return [...sightsOf(service, sighting, at), ...notesOf(service, at, tools)]
    } catch (error) {
      if (error instanceof Unseen && error.code === 'refused') return [{ kind: 'tested', at, ports }]
      silence = error instanceof Unseen ? error : new Unseen('internal', error instanceof Error ? error.message : 'the look failed')
    }
  }
  if (silence !== null) return [{ kind: 'untested', at, ports, code: silence.code, text: silence.message }]
  // Something answered and was nobody we know: that is an open port, and what it is not has been looked at.
  return [{ kind: 'port', at, data: { state: 'open' } }, { kind: 'tested', at, ports }]
}

function notesOf(service: UdpService, at: Place, tools: Tools): readonly Sight[] {
  const note = leftOut(service, tools.profile)
  return note === null ? [] : [{ kind: 'noted', at, ...note }]
}

function sightsOf(service: UdpService, sighting: Sighting, at: Place): readonly Sight[] {
  const { name, facts, evidence, incomplete, ...rest } = sighting
  const data: Shapes['service'] = { name: name ?? service.name, ...rest, tls: false, facts: facts ?? {} }
  const ports = `udp:${at.port}`
  return [
    { kind: 'port', at, data: { state: 'open' } },
    { kind: 'service', at, data, ...(evidence === undefined ? {} : { evidence }) },
    incomplete === undefined ? { kind: 'tested', at, ports } : { kind: 'untested', at, ports, code: incomplete.code, text: incomplete.text },
  ]
}
