import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, line, nullable, Time } from '../../schema.ts'
import { count, five, Impact, named } from './schemas.ts'

// ---- Asset groups. GET, POST /groups; GET, PATCH, DELETE /groups/:id; POST /groups/:id/members, /groups/:id/members/remove

export const AssetGroup = Type.Object({
  id: Id,
  name: Type.String(),
  impact: Impact,
  unitId: nullable(Id),
  comment: Type.String(),
  hosts: count,
  /** Mean risk of its hosts that were tested. */
  risk: Type.Integer(),
  open: five,
  createdAt: Time,
})
export const GroupList = pageOf(AssetGroup)
export const GroupQuery = Type.Object({ ...pageQuery, text: Type.Optional(Type.String({ maxLength: 80 })) })
export const GroupDetail = Type.Object({
  ...AssetGroup.properties,
  members: Type.Array(Type.Object({ network: named, kind: Type.Enum(['addresses', 'name', 'host']), text: Type.String(), assetId: nullable(Id) })),
})
export const CreateGroup = Type.Object(
  {
    name: line(80),
    impact: Type.Optional(Impact),
    unitId: Type.Optional(nullable(Id)),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
    text: Type.Optional(Type.String({ maxLength: 400_000, description: 'Addresses, ranges, blocks and names that belong to it.' })),
    networkId: Type.Optional(Id),
  },
  { additionalProperties: false },
)
export const ChangeGroup = Type.Object(
  {
    name: Type.Optional(line(80)),
    impact: Type.Optional(Impact),
    unitId: Type.Optional(nullable(Id)),
    comment: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)
export const GroupMembers = Type.Object(
  {
    text: Type.Optional(Type.String({ maxLength: 400_000 })),
    networkId: Type.Optional(Id),
    assetIds: Type.Optional(Type.Array(Id, { maxItems: 1000 })),
  },
  { additionalProperties: false },
)

export type AssetGroup = Static<typeof AssetGroup>
export type GroupDetail = Static<typeof GroupDetail>
export type CreateGroup = Static<typeof CreateGroup>
export type ChangeGroup = Static<typeof ChangeGroup>
