import { Type, type Static } from 'typebox'
import { line } from '../../schema.ts'

const time = Type.String({ format: 'date-time' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

export const ScannerStatus = Type.Union([Type.Literal('new'), Type.Literal('online'), Type.Literal('offline')])

export const Scanner = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  /** The scanner inside the platform: it serves the default network of every organisation and cannot be changed. */
  builtIn: Type.Boolean(),
  status: ScannerStatus,
  network: orNull(Type.Object({ id: Type.String({ format: 'uuid' }), name: Type.String() })),
  /** Shown until activation or expiry. */
  activationCode: orNull(Type.String()),
  activationExpiresAt: orNull(time),
  activatedAt: orNull(time),
  lastSeenAt: orNull(time),
  /** Heartbeats due since it was last heard of. */
  heartbeatsMissed: Type.Integer(),
  software: orNull(Type.String()),
  softwareLatest: Type.String(),
  /** KnowledgeBase release on board and the newest. */
  content: orNull(Type.String()),
  contentLatest: Type.String(),
  runningSlices: Type.Integer(),
  runningScans: Type.Integer(),
  /** Slices it takes at once. */
  capacity: Type.Integer(),
  /** Address it last called from. */
  lastAddress: orNull(Type.String()),
  createdAt: time,
})

export const ScannerList = Type.Object({ items: Type.Array(Scanner) })
export const ScannerParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const CreateScanner = Type.Object(
  { name: line(80), networkId: Type.Optional(Type.String({ format: 'uuid' })) },
  { additionalProperties: false },
)
export const ChangeScanner = Type.Object(
  { name: Type.Optional(line(80)),
    networkId: Type.Optional(Type.String({ format: 'uuid' })) },
  { additionalProperties: false },
)

// POST /scanners/:id/replace: the old appliance's token stops working, its slices return to the queue, a new code is shown.
// DELETE /scanners/:id: the same without a new code.

export type Scanner = Static<typeof Scanner>
export type ScannerList = Static<typeof ScannerList>
export type CreateScanner = Static<typeof CreateScanner>
export type ChangeScanner = Static<typeof ChangeScanner>
