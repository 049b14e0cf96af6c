import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, nullable, Time } from '../../schema.ts'

export const count = Type.Integer({ minimum: 0 })
/** What something else is called by its name. */
export const named = Type.Object({ id: Id, name: Type.String() })
/** One number for each severity. */
export const five = Type.Array(count, { minItems: 5, maxItems: 5 })

export const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const severity = Type.Integer({ minimum: 1, maximum: 5 })
/** Business impact: 1 none, 2 low (what a host has without a group), 3 medium, 4 high, 5 critical. */
export const Impact = Type.Integer({ minimum: 1, maximum: 5 })

// ---- Hosts. GET /assets, /assets/facets, /assets/:id, /assets/:id/services, /assets/:id/timeline, /assets/:id/coverage, POST /assets/:id/purge

export const Asset = Type.Object({
  id: Id,
  network: named,
  tracking: Type.Enum(['address', 'name']),
  address: nullable(Type.String()),
  name: nullable(Type.String()),
  /** The surest that any look at it told: a login before what services say of themselves. */
  os: nullable(Type.String()),
  hardware: nullable(Type.String()),
  /** What the last completed test found; null: never tested. */
  state: nullable(Type.Enum(['up', 'dead'])),
  impact: Impact,
  /** 0–1000 and its band: docs/user/scores.md. */
  risk: Type.Integer({ minimum: 0, maximum: 1000 }),
  band: Type.Enum(['severe', 'high', 'medium', 'low', 'none']),
  /** Open findings (confirmed and potential, not ignored) by severity 1…5. */
  open: five,
  groups: Type.Array(named),
  firstSeenAt: nullable(Time),
  lastSeenAt: nullable(Time),
  lastScannedAt: nullable(Time),
})

/** `q`: the query language (docs/user/assets.md): `risk:>=700 group:Servers port:22 state:up "web"`. */
export const AssetQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 2000 })),
  sort: Type.Optional(Type.Enum(['risk', '-risk', 'address', '-address', 'name', '-name', 'lastScanned', '-lastScanned'], { description: 'A leading minus is descending. Default -risk.' })),
})
export const AssetPage = pageOf(Asset)
export const FacetQuery = Type.Object({ q: Type.Optional(Type.String({ maxLength: 2000 })) })
/** Values with the number of rows that match the query; `term` is what to add to `q` to keep only those. */
export const Facet = Type.Object({
  field: Type.String(),
  label: Type.String(),
  values: Type.Array(Type.Object({ value: Type.String(), label: Type.String(), term: Type.String(), count })),
})
export const Facets = Type.Object({ total: count, facets: Type.Array(Facet) })

export const AssetDetail = Type.Object({
  ...Asset.properties,
  /** How the risk comes about: one line a band, from docs/user/scores.md. */
  riskFactors: Type.Object({
    impact: Impact,
    /** What the impact multiplies by. */
    factor: Type.Number(),
    /** `points` = weight × worst score × count^0.01; the average is told beside. */
    bands: Type.Array(Type.Object({
      band: Type.Enum(['critical', 'high', 'medium', 'low']), weight: Type.Number(), worst: Type.Number(), average: Type.Number(), count, points: Type.Number(),
    })),
    formula: Type.String(),
  }),
  findings: Type.Object({ open: count, fixed: count, ignored: count, information: count }),
  services: count,
  createdAt: Time,
  /** Whether an exclusion in force covers it now. */
  excluded: nullable(Type.Object({ id: Id, comment: Type.String(), until: nullable(Time) })),
  /** Whether its address or name is registered: only then it is scanned. */
  registered: Type.Boolean(),
})

export const AssetService = Type.Object({
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  proto: Type.Enum(['tcp', 'udp']),
  /** Open at the last conclusive look. */
  open: Type.Boolean(),
  name: Type.String(),
  product: nullable(Type.String()),
  version: nullable(Type.String()),
  cpe: nullable(Type.String()),
  distro: nullable(Type.String()),
  tls: Type.Boolean(),
  banner: nullable(Type.String()),
  firstSeenAt: Time,
  lastSeenAt: Time,
})
export const AssetServices = Type.Object({ items: Type.Array(AssetService) })

export const TimelineEntry = Type.Object({
  id: Id,
  at: Time,
  kind: Type.Enum(['new', 'reopened', 'fixed', 'ignored', 'unignored', 'ignoreExpired', 'verified', 'retracted', 'scanned', 'dead', 'partial', 'refused']),
  /** Of a finding's entry. */
  findingId: nullable(Id),
  signature: nullable(Type.Integer()),
  title: nullable(Type.String()),
  severity: nullable(severity),
  scanId: nullable(Id),
  by: nullable(Type.String()),
  text: Type.String(),
})
export const TimelineQuery = Type.Object({ ...pageQuery })
export const TimelinePage = pageOf(TimelineEntry)

/** What the last tests of this host looked at, and what they could not. */
export const AssetCoverage = Type.Object({
  items: Type.Array(Type.Object({
    scanId: Id,
    at: Time,
    outcome: Type.Enum(['scanning', 'scanned', 'dead', 'partial', 'refused']),
    why: Type.String(),
    covered: Type.Array(Type.Object({ probe: Type.String(), ports: Type.String(), login: Type.Boolean(), signatures: nullable(count) })),
    failed: Type.Array(Type.Object({ probe: Type.String(), ports: Type.String(), code: Type.String(), text: Type.String() })),
    found: count,
    closed: count,
  })),
})

export type Asset = Static<typeof Asset>
export type AssetQuery = Static<typeof AssetQuery>
export type AssetPage = Static<typeof AssetPage>
export type Facets = Static<typeof Facets>
export type AssetDetail = Static<typeof AssetDetail>
export type AssetService = Static<typeof AssetService>
export type TimelineEntry = Static<typeof TimelineEntry>
export type AssetCoverage = Static<typeof AssetCoverage>
