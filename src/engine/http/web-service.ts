import type { Observation } from '#core/observation.ts'
import { Unseen, type Probe } from '../probe.ts'
import type { WebService } from '../service.ts'
import { webTargetOf } from '../target.ts'

/** The probe `web-service`: offers every root page to the services that are spoken over HTTP. More than one may know it. */
export function webServiceWith(services: readonly WebService[]): Probe<'http'> {
  return {
    id: 'web-service',
    version: 1,
    on: 'http',
    effect: 'harmless',
    needs: {},
    wants: (seen: Observation<'http'>) => seen.data.ask === 'GET /' && seen.data.path === '/' && seen.by.startsWith('http@'),
    async *run(seen, tools, signal) {
      const { path: _path, host: _host, ...at } = seen.at
      let lost: Unseen | null = null
      for (const service of services) {
        if (!service.hints(seen.data, at.port!)) continue
        signal.throwIfAborted()
        try {
          const sighting = await service.look(webTargetOf(at, seen.data, tools, signal))
          if (sighting === null) continue
          const { name, facts, evidence, incomplete, ...rest } = sighting
          const data = { name: name ?? service.name, ...rest, tls: seen.data.tls, facts: facts ?? {} }
          yield { kind: 'service', at, data, ...(evidence === undefined ? {} : { evidence }) }
          if (incomplete !== undefined) lost ??= new Unseen(incomplete.code, incomplete.text)
        } catch (error) {
          if (!(error instanceof Unseen)) throw error
          lost ??= error
        }
      }
      if (lost !== null) throw lost
    },
  }
}
