import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const named = Type.Object({ id: uuid, name: Type.String() })
const five = Type.Array(count, { minItems: 5, maxItems: 5 })

export const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const severity = Type.Integer({ minimum: 1, maximum: 5 })
/** Business impact: 1 none, 2 low (what a host has without a group), 3 medium, 4 high, 5 critical. */
export const Impact = Type.Integer({ minimum: 1, maximum: 5 })

// ---- Hosts. GET /assets, /assets/facets, /assets/:id, /assets/:id/services, /assets/:id/timeline, /assets/:id/coverage, POST /assets/:id/purge

export const Asset = Type.Object({
  id: uuid,
  network: named,
  tracking: Type.Enum(['address', 'name']),
  address: orNull(Type.String()),
  name: orNull(Type.String()),
  /** The surest that any look at it told: a login before what services say of themselves. */
  os: orNull(Type.String()),
  hardware: orNull(Type.String()),
  /** What the last completed test found; null: never tested. */
  state: orNull(Type.Enum(['up', 'dead'])),
  impact: Impact,
  /** 0–1000 and its band: docs/user/scores.md. */
  risk: Type.Integer({ minimum: 0, maximum: 1000 }),
  band: Type.Enum(['severe', 'high', 'medium', 'low', 'none']),
  /** Open findings (confirmed and potential, not ignored) by severity 1…5. */
  open: five,
  groups: Type.Array(named),
  firstSeenAt: orNull(time),
  lastSeenAt: orNull(time),
  lastScannedAt: orNull(time),
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
  createdAt: time,
  /** Whether an exclusion in force covers it now. */
  excluded: orNull(Type.Object({ id: uuid, comment: Type.String(), until: orNull(time) })),
  /** Whether its address or name is registered: only then it is scanned. */
  registered: Type.Boolean(),
})

export const AssetService = Type.Object({
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  proto: Type.Enum(['tcp', 'udp']),
  /** Open at the last conclusive look. */
  open: Type.Boolean(),
  name: Type.String(),
  product: orNull(Type.String()),
  version: orNull(Type.String()),
  cpe: orNull(Type.String()),
  distro: orNull(Type.String()),
  tls: Type.Boolean(),
  banner: orNull(Type.String()),
  firstSeenAt: time,
  lastSeenAt: time,
})
export const AssetServices = Type.Object({ items: Type.Array(AssetService) })

export const TimelineEntry = Type.Object({
  id: uuid,
  at: time,
  kind: Type.Enum(['new', 'reopened', 'fixed', 'ignored', 'unignored', 'ignoreExpired', 'verified', 'retracted', 'scanned', 'dead', 'partial', 'refused']),
  /** Of a finding's entry. */
  findingId: orNull(uuid),
  signature: orNull(Type.Integer()),
  title: orNull(Type.String()),
  severity: orNull(severity),
  scanId: orNull(uuid),
  by: orNull(Type.String()),
  text: Type.String(),
})
export const TimelineQuery = Type.Object({ ...pageQuery })
export const TimelinePage = pageOf(TimelineEntry)

/** What the last tests of this host looked at, and what they could not. */
export const AssetCoverage = Type.Object({
  items: Type.Array(Type.Object({
    scanId: uuid,
    at: time,
    outcome: Type.Enum(['scanning', 'scanned', 'dead', 'partial', 'refused']),
    why: Type.String(),
    covered: Type.Array(Type.Object({ probe: Type.String(), ports: Type.String(), login: Type.Boolean(), signatures: orNull(count) })),
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
