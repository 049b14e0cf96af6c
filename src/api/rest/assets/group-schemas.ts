import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { line } from '../../schema.ts'
import { Impact } from './schemas.ts'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const named = Type.Object({ id: uuid, name: Type.String() })
const five = Type.Array(count, { minItems: 5, maxItems: 5 })

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

export type AssetGroup = Static<typeof AssetGroup>
export type GroupDetail = Static<typeof GroupDetail>
export type CreateGroup = Static<typeof CreateGroup>
export type ChangeGroup = Static<typeof ChangeGroup>
