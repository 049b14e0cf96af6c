import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })

export const TlsEndpoint = Type.Object({
  id: uuid,
  asset: Type.Object({ id: uuid, address: orNull(Type.String()), name: orNull(Type.String()) }),
  port: Type.Integer(),
  /** Name it was asked by. */
  host: orNull(Type.String()),
  starttls: orNull(Type.String()),
  /** A+ to F; T: not trusted, M: names another host, with the letter it would have in `otherwise`. Null: no version was accepted. */
  grade: orNull(Type.String()),
  otherwise: orNull(Type.String()),
  score: orNull(Type.Integer()),
  reasons: Type.Array(Type.Object({ code: Type.String(), cap: Type.String(), text: Type.String() })),
  protocols: Type.Array(Type.String()),
  certificate: orNull(Type.Object({
    sha256: Type.String(), subject: Type.String(), issuer: Type.String(), names: Type.Array(Type.String()), key: Type.String(), signatureAlgorithm: Type.String(),
    notBefore: orNull(time), notAfter: orNull(time), selfSigned: Type.Boolean(), trusted: Type.Boolean(), trustError: orNull(Type.String()),
    /** Endpoints of any host that show it. */
    places: count,
  })),
  firstSeenAt: time,
  lastSeenAt: time,
})
export const TlsEndpointQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 2000 })),
  sort: Type.Optional(Type.Enum(['expires', '-expires'], { description: 'Default expires: what ends first comes first.' })),
})
export const TlsEndpointPage = pageOf(TlsEndpoint)
export const TlsSummaryQuery = Type.Object({ q: Type.Optional(Type.String({ maxLength: 2000 })) })
/** `soon`: ends within 30 days. */
export const TlsSummary = Type.Object({ endpoints: count, certificates: count, expired: count, soon: count, untrusted: count, grades: Type.Array(Type.Object({ grade: Type.String(), n: count })) })

export type TlsEndpoint = Static<typeof TlsEndpoint>
export type TlsSummary = Static<typeof TlsSummary>
