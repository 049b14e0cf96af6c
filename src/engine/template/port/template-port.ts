import type { Observation } from '#core/observation.ts'
import type { Probe } from '../../probe.ts'
import { runPort } from './port-run.ts'
import { noteOpen } from '../block/wire.ts'

/** The probe `template-port`: templates that speak no HTTP, against the services that they are for. Otherwise as `template`. */
export const portTemplates: Probe<'service'> = {
  id: 'template-port',
  version: 1,
  on: 'service',
  effect: 'harmless',
  needs: {},
  wants: (seen: Observation<'service'>, profile) => seen.at.port !== undefined && /^(?:service|udp)@/.test(seen.by) && profile.templates !== 'off' && profile.fragile !== true,
  async *run(seen, tools, signal) {
    if (seen.at.proto !== 'udp') noteOpen(tools.host, seen.at.port!)
    if (tools.templates === undefined) {
      yield { kind: 'asked', at: seen.at, signatures: [] }
      return
    }
    yield* runPort(seen, tools.templates, tools, signal)
  },
}
