import type { Observation } from '#core/observation.ts'
import type { Probe } from '../probe.ts'
import { runWebRoot } from './web-run.ts'

/**
 * The probe `template`: runs templates of the KnowledgeBase against a web server, those that fit what it seems to be. Yields a `match` for each that held, at the port and not at a page, so that
 * a finding keeps its key; what was asked to its end goes to the ledger by its number. Each template has an effect of its own, held against the profile.
 */
export const templates: Probe<'http'> = {
  id: 'template',
  version: 1,
  on: 'http',
  effect: 'harmless',
  needs: {},
  wants: (seen: Observation<'http'>, profile) => seen.data.ask === 'GET /' && seen.data.path === '/' && seen.by.startsWith('http@') && profile.templates !== 'off' && profile.fragile !== true,
  async *run(seen, tools, signal) {
    if (tools.templates === undefined) {
      yield { kind: 'asked', at: seen.at, signatures: [] }
      return
    }
    yield* runWebRoot(seen, tools.templates, tools, signal)
  },
}
