import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, line, nullable, Time } from '../../schema.ts'
import { count, named } from './schemas.ts'

// ---- Registered addresses. GET /addresses, POST /addresses, POST /addresses/preview, POST /addresses/remove, GET /authorities

export const AddressRange = Type.Object({
  id: Id,
  network: named,
  kind: Type.Enum(['addresses', 'name']),
  /** Shortest text: an address, a block, `first-last`, or a host name. */
  text: Type.String(),
  /** Decimal text: an IPv6 range holds more than a number can. */
  count: Type.String(),
  comment: Type.String(),
  addedBy: nullable(Type.String()),
  createdAt: Time,
})
export const AddressQuery = Type.Object({ ...pageQuery, networkId: Type.Optional(Id), text: Type.Optional(Type.String({ maxLength: 255 })) })
export const AddressPage = Type.Object({
  ...pageOf(AddressRange).properties,
  /** Over the whole organisation. */
  used: Type.String({ description: 'Addresses and names registered, decimal.' }),
  most: nullable(Type.Integer({ description: 'Plan limit; null is none.' })),
})

/** The wording shown to, and agreed by, who registers: stored with the declaration. */
export { authorityStatement } from '#core/authority.ts'

export const RegisterAddresses = Type.Object(
  {
    /** Addresses, ranges, blocks and host names, separated by commas, spaces or new lines. */
    text: Type.String({ minLength: 1, maxLength: 4_000_000 }),
    networkId: Type.Optional(Id),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
    /** Asset groups that get them as members. */
    groupIds: Type.Optional(Type.Array(Id, { maxItems: 50 })),
    /** Must be `authorityStatement`, word by word: it is kept as the declaration of authority to scan. */
    statement: Type.String({ maxLength: 1000 }),
  },
  { additionalProperties: false },
)
/** A line that cannot be registered, with the reason; nothing is registered while there is one. */
export const BadTarget = Type.Object({ line: Type.Integer(), text: Type.String(), code: Type.String(), reason: Type.String() })
export const PreviewAddresses = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4_000_000 }), networkId: Type.Optional(Id) }, { additionalProperties: false })
export const AddressesPreview = Type.Object({
  /** Merged, at most 200 shown. */
  ranges: Type.Array(Type.String()),
  rangeCount: count,
  names: Type.Array(Type.String()),
  nameCount: count,
  addresses: Type.String(),
  alreadyRegistered: Type.String(),
  used: Type.String(),
  most: nullable(Type.Integer()),
  fits: Type.Boolean(),
  bad: Type.Array(BadTarget),
  badCount: count,
})
export const RegisteredAddresses = Type.Object({
  authorityId: Id,
  added: Type.String(),
  alreadyRegistered: Type.String(),
  used: Type.String(),
  most: nullable(Type.Integer()),
})
/** Takes addresses out of the register. Hosts and findings stay, are scanned no more, and can be purged. */
export const RemoveAddresses = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4_000_000 }), networkId: Type.Optional(Id) }, { additionalProperties: false })
export const RemovedAddresses = Type.Object({ removed: Type.String(), used: Type.String(), most: nullable(Type.Integer()) })

export const Authority = Type.Object({
  id: Id, network: named, by: Type.String(), email: Type.String(), at: Time, statement: Type.String(), targets: Type.String(), addresses: Type.String(),
})
export const AuthorityPage = pageOf(Authority)
export const AuthorityQuery = Type.Object({ ...pageQuery })

// ---- Networks. GET, POST /networks; PATCH, DELETE /networks/:id

export const Network = Type.Object({ id: Id, name: Type.String(), isDefault: Type.Boolean(), addresses: Type.String(), hosts: count, createdAt: Time })
export const NetworkList = Type.Object({ items: Type.Array(Network) })
export const NetworkBody = Type.Object({ name: line(80) }, { additionalProperties: false })

// ---- Exclusions. GET, POST /exclusions; DELETE /exclusions/:id (ends it; the record stays)

export const Exclusion = Type.Object({
  id: Id,
  network: named,
  targets: Type.String(),
  addresses: Type.String(),
  comment: Type.String(),
  expiresAt: nullable(Time),
  by: nullable(Type.String()),
  createdAt: Time,
  endedAt: nullable(Time),
  endedBy: nullable(Type.String()),
  inForce: Type.Boolean(),
})
export const ExclusionQuery = Type.Object({ ...pageQuery, ended: Type.Optional(Type.Boolean({ description: 'Also those that ended or expired.' })) })
export const ExclusionPage = pageOf(Exclusion)
export const CreateExclusion = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 200_000 }),
    networkId: Type.Optional(Id),
    comment: Type.String({ minLength: 1, maxLength: 500 }),
    expiresAt: Type.Optional(nullable(Time)),
  },
  { additionalProperties: false },
)

export type AddressRange = Static<typeof AddressRange>
export type AddressPage = Static<typeof AddressPage>
export type RegisterAddresses = Static<typeof RegisterAddresses>
export type AddressesPreview = Static<typeof AddressesPreview>
export type RegisteredAddresses = Static<typeof RegisteredAddresses>
export type Authority = Static<typeof Authority>
export type Network = Static<typeof Network>
export type Exclusion = Static<typeof Exclusion>
export type CreateExclusion = Static<typeof CreateExclusion>
