import { Type, type Static } from 'typebox'
import { Id, line, nullable, Time } from '../../schema.ts'
import { RoleName } from '../identity/schemas.ts'

export const NewToken = Type.Object({ name: line(80), role: RoleName, expiresAt: Type.Optional(nullable(Time)) }, { additionalProperties: false })
export const Token = Type.Object({
  id: Id, name: Type.String({ maxLength: 80 }), role: RoleName, hint: Type.String({ maxLength: 8, description: 'The last characters of the token.' }),
  owner: Type.Object({ id: Id, name: Type.String({ maxLength: 120 }) }), expiresAt: nullable(Time), createdAt: Time, lastUsedAt: nullable(Time), lastUsedFrom: nullable(Type.String({ maxLength: 60 })),
})
export type Token = Static<typeof Token>
/** `token` is shown this once. */
export const TokenMade = Type.Object({ id: Id, token: Type.String({ maxLength: 100 }) })
export type TokenMade = Static<typeof TokenMade>
