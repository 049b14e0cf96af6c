import { Type, type Static } from 'typebox'
import { Id, nullable, oneOf, Time } from '../../schema.ts'

const text = (most: number) => Type.String({ maxLength: most })

export const AuditEntry = Type.Object({
  seq: Type.Integer(), id: Id, at: Time,
  actor: Type.Object({ kind: oneOf(['person', 'token', 'system']), id: nullable(Id), name: text(400), ip: nullable(text(400)) }),
  action: text(80),
  object: nullable(Type.Object({ kind: text(40), id: nullable(text(400)), name: nullable(text(400)) })),
  details: Type.Object({}, { additionalProperties: true }),
})
export type AuditEntry = Static<typeof AuditEntry>

export const AuditQuery = {
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: 'A whole action (`scan.launched`) or a subject (`scan`).' })),
  actor: Type.Optional(Id),
  object: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
}

export const AuditChain = Type.Object({
  whole: Type.Boolean(), entries: Type.Integer(), brokenAt: nullable(Type.Integer({ description: 'First entry that is missing or was changed.' })),
  head: Type.String({ maxLength: 64, description: 'Hash of the last entry that fits: keep it elsewhere to notice a cut-off end.' }),
})
export type AuditChain = Static<typeof AuditChain>
