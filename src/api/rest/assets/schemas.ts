import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { line } from '../../schema.ts'

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

// ---- Registered addresses. GET /addresses, POST /addresses, POST /addresses/preview, POST /addresses/remove, GET /authorities

export const AddressRange = Type.Object({
  id: uuid,
  network: named,
  kind: Type.Enum(['addresses', 'name']),
  /** Shortest text: an address, a block, `first-last`, or a host name. */
  text: Type.String(),
  /** Decimal text: an IPv6 range holds more than a number can. */
  count: Type.String(),
  comment: Type.String(),
  addedBy: orNull(Type.String()),
  createdAt: time,
})
export const AddressQuery = Type.Object({ ...pageQuery, networkId: Type.Optional(uuid), text: Type.Optional(Type.String({ maxLength: 255 })) })
export const AddressPage = Type.Object({
  ...pageOf(AddressRange).properties,
  /** Over the whole organisation. */
  used: Type.String({ description: 'Addresses and names registered, decimal.' }),
  most: orNull(Type.Integer({ description: 'Plan limit; null is none.' })),
})

/** The wording shown to, and agreed by, who registers: stored with the declaration. */
export { authorityStatement } from '#core/authority.ts'

export const RegisterAddresses = Type.Object(
  {
    /** Addresses, ranges, blocks and host names, separated by commas, spaces or new lines. */
    text: Type.String({ minLength: 1, maxLength: 4_000_000 }),
    networkId: Type.Optional(uuid),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
    /** Asset groups that get them as members. */
    groupIds: Type.Optional(Type.Array(uuid, { maxItems: 50 })),
    /** Must be `authorityStatement`, word by word: it is kept as the declaration of authority to scan. */
    statement: Type.String({ maxLength: 1000 }),
  },
  { additionalProperties: false },
)
/** A line that cannot be registered, with the reason; nothing is registered while there is one. */
export const BadTarget = Type.Object({ line: Type.Integer(), text: Type.String(), code: Type.String(), reason: Type.String() })
export const PreviewAddresses = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4_000_000 }), networkId: Type.Optional(uuid) }, { additionalProperties: false })
export const AddressesPreview = Type.Object({
  /** Merged, at most 200 shown. */
  ranges: Type.Array(Type.String()),
  rangeCount: count,
  names: Type.Array(Type.String()),
  nameCount: count,
  addresses: Type.String(),
  alreadyRegistered: Type.String(),
  used: Type.String(),
  most: orNull(Type.Integer()),
  fits: Type.Boolean(),
  bad: Type.Array(BadTarget),
  badCount: count,
})
export const RegisteredAddresses = Type.Object({
  authorityId: uuid,
  added: Type.String(),
  alreadyRegistered: Type.String(),
  used: Type.String(),
  most: orNull(Type.Integer()),
})
/** Takes addresses out of the register. Hosts and findings stay, are scanned no more, and can be purged. */
export const RemoveAddresses = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4_000_000 }), networkId: Type.Optional(uuid) }, { additionalProperties: false })
export const RemovedAddresses = Type.Object({ removed: Type.String(), used: Type.String(), most: orNull(Type.Integer()) })

export const Authority = Type.Object({
  id: uuid, network: named, by: Type.String(), email: Type.String(), at: time, statement: Type.String(), targets: Type.String(), addresses: Type.String(),
})
export const AuthorityPage = pageOf(Authority)
export const AuthorityQuery = Type.Object({ ...pageQuery })

// ---- Networks. GET, POST /networks; PATCH, DELETE /networks/:id

export const Network = Type.Object({ id: uuid, name: Type.String(), isDefault: Type.Boolean(), addresses: Type.String(), hosts: count, createdAt: time })
export const NetworkList = Type.Object({ items: Type.Array(Network) })
export const NetworkBody = Type.Object({ name: line(80) }, { additionalProperties: false })

// ---- Exclusions. GET, POST /exclusions; DELETE /exclusions/:id (ends it; the record stays)

export const Exclusion = Type.Object({
  id: uuid,
  network: named,
  targets: Type.String(),
  addresses: Type.String(),
  comment: Type.String(),
  expiresAt: orNull(time),
  by: orNull(Type.String()),
  createdAt: time,
  endedAt: orNull(time),
  endedBy: orNull(Type.String()),
  inForce: Type.Boolean(),
})
export const ExclusionQuery = Type.Object({ ...pageQuery, ended: Type.Optional(Type.Boolean({ description: 'Also those that ended or expired.' })) })
export const ExclusionPage = pageOf(Exclusion)
export const CreateExclusion = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 200_000 }),
    networkId: Type.Optional(uuid),
    comment: Type.String({ minLength: 1, maxLength: 500 }),
    expiresAt: Type.Optional(orNull(time)),
  },
  { additionalProperties: false },
)

// ---- Asset groups. GET, POST /groups; GET, PATCH, DELETE /groups/:id; POST /groups/:id/members, /groups/:id/members/remove

export const AssetGroup = Type.Object({
  id: uuid,
  name: Type.String(),
  impact: Impact,
  unitId: orNull(uuid),
  comment: Type.String(),
  hosts: count,
  /** Mean risk of its hosts that were tested. */
  risk: Type.Integer(),
  open: five,
  createdAt: time,
})
export const GroupList = pageOf(AssetGroup)
export const GroupQuery = Type.Object({ ...pageQuery, text: Type.Optional(Type.String({ maxLength: 80 })) })
export const GroupDetail = Type.Object({
  ...AssetGroup.properties,
  members: Type.Array(Type.Object({ network: named, kind: Type.Enum(['addresses', 'name', 'host']), text: Type.String(), assetId: orNull(uuid) })),
})
export const CreateGroup = Type.Object(
  {
    name: line(80),
    impact: Type.Optional(Impact),
    unitId: Type.Optional(orNull(uuid)),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
    text: Type.Optional(Type.String({ maxLength: 400_000, description: 'Addresses, ranges, blocks and names that belong to it.' })),
    networkId: Type.Optional(uuid),
  },
  { additionalProperties: false },
)
export const ChangeGroup = Type.Object(
  {
    name: Type.Optional(line(80)),
    impact: Type.Optional(Impact),
    unitId: Type.Optional(orNull(uuid)),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)
export const GroupMembers = Type.Object(
  {
    text: Type.Optional(Type.String({ maxLength: 400_000 })),
    networkId: Type.Optional(uuid),
    assetIds: Type.Optional(Type.Array(uuid, { maxItems: 1000 })),
  },
  { additionalProperties: false },
)

export type Asset = Static<typeof Asset>
export type AssetQuery = Static<typeof AssetQuery>
export type AssetPage = Static<typeof AssetPage>
export type Facets = Static<typeof Facets>
export type AssetDetail = Static<typeof AssetDetail>
export type AssetService = Static<typeof AssetService>
export type TimelineEntry = Static<typeof TimelineEntry>
export type AssetCoverage = Static<typeof AssetCoverage>
export type AddressRange = Static<typeof AddressRange>
export type AddressPage = Static<typeof AddressPage>
export type RegisterAddresses = Static<typeof RegisterAddresses>
export type AddressesPreview = Static<typeof AddressesPreview>
export type RegisteredAddresses = Static<typeof RegisteredAddresses>
export type Authority = Static<typeof Authority>
export type Network = Static<typeof Network>
export type Exclusion = Static<typeof Exclusion>
export type CreateExclusion = Static<typeof CreateExclusion>
export type AssetGroup = Static<typeof AssetGroup>
export type GroupDetail = Static<typeof GroupDetail>
export type CreateGroup = Static<typeof CreateGroup>
export type ChangeGroup = Static<typeof ChangeGroup>
