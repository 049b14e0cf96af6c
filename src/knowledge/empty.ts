import type { KnowledgeBase, Page } from './knowledge-base.ts'

const nothing: Page<never> = { items: [], next: null, total: 0, totalIsExact: true, didYouMean: null }
const noFacets = { total: 0, facets: [] } as const

/** What there is before the first release is built: nothing, said plainly. */
export const emptyKnowledge: KnowledgeBase = {
  facts: {
    number: 0, name: 'none', root: '', at: '1970-01-01T00:00:00.000Z',
    counts: { vulnerabilities: 0, checks: 0, ranges: 0, statements: 0, fingerprints: 0 },
  },
  vulnerabilities: async () => nothing,
  vulnerabilityFacets: async () => noFacets,
  vulnerability: async () => null,
  checks: async () => nothing,
  checkFacets: async () => noFacets,
  check: async () => null,
  threats: async () => new Map(),
  match: async (hosts) => hosts.map(() => []),
  signatures: async () => [],
  fingerprints: async () => [],
  lifecycles: async () => [],
  libraries: async () => [],
  file: async () => null,
  templateChecks: async () => [],
  sources: async () => [],
  changes: async () => [],
  changeCounts: async () => [],
  changesIn: async () => [],
  newsBetween: async () => ({ added: [], changed: [], withdrawn: [], exploited: [], notable: [] }),
  close: async () => undefined,
}
