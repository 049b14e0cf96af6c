import { Type, type Static } from 'typebox'
import { Email, Id, line, nullable, oneOf, Time } from '../../schema.ts'
import { RoleName } from '../identity/schemas.ts'

const strict = { additionalProperties: false } as const
const Groups = Type.Array(Id, { maxItems: 500 })
const State = oneOf(['active', 'inactive'])

export const Organisation = Type.Object({
  id: Id, name: Type.String({ maxLength: 120 }), state: oneOf(['active', 'suspended', 'closing']),
  maxAddresses: nullable(Type.Integer()), createdAt: Time,
})
export type Organisation = Static<typeof Organisation>
export const OrganisationName = Type.Object({ name: line(120) }, strict)

export const Member = Type.Object({
  id: Id, name: Type.String({ maxLength: 120 }), email: Type.String({ maxLength: 254 }), role: RoleName, unit: nullable(Id), unitName: nullable(Type.String({ maxLength: 80 })),
  groups: Groups, state: State, secondFactor: Type.Boolean(), createdAt: Time,
})
export type Member = Static<typeof Member>
export const MemberChange = Type.Object({
  role: Type.Optional(RoleName), unit: Type.Optional(nullable(Id)), groups: Type.Optional(Groups), state: Type.Optional(State),
}, { ...strict, minProperties: 1 })

export const NewInvitation = Type.Object({ email: Email, role: RoleName, unit: Type.Optional(nullable(Id)), groups: Type.Optional(Groups) }, strict)
export const Invitation = Type.Object({ id: Id, email: Type.String({ maxLength: 254 }), role: RoleName, unit: nullable(Id), groups: Groups, expiresAt: Time, createdAt: Time })
export type Invitation = Static<typeof Invitation>
/** The link is shown this once; it is to be handed to the person by whatever way you trust. */
export const OneTimeLink = Type.Object({ link: Type.String({ maxLength: 400 }), expiresAt: Time })
export type OneTimeLink = Static<typeof OneTimeLink>
export const InvitationMade = Type.Object({ invitation: Invitation, link: Type.String({ maxLength: 400 }) })
export type InvitationMade = Static<typeof InvitationMade>

export const Unit = Type.Object({ id: Id, name: Type.String({ maxLength: 80 }), people: Type.Integer(), createdAt: Time })
export type Unit = Static<typeof Unit>
export const UnitName = Type.Object({ name: line(80) }, strict)
