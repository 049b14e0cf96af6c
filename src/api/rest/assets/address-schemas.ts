import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { line } from '../../schema.ts'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const named = Type.Object({ id: uuid, name: Type.String() })

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

export type AddressRange = Static<typeof AddressRange>
export type AddressPage = Static<typeof AddressPage>
export type RegisterAddresses = Static<typeof RegisterAddresses>
export type AddressesPreview = Static<typeof AddressesPreview>
export type RegisteredAddresses = Static<typeof RegisteredAddresses>
export type Authority = Static<typeof Authority>
export type Network = Static<typeof Network>
export type Exclusion = Static<typeof Exclusion>
export type CreateExclusion = Static<typeof CreateExclusion>
