import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, nullable, oneOf, Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

/** What the host had on that day that the KnowledgeBase of today calls vulnerable. */
export const ExposureOf = Type.Object({
  kind: oneOf(['software', 'observation']),
  /** `openssl 3.0.11-1~deb12u1`, or what our check says of the observation. */
  text: shown(600),
  ecosystem: nullable(shown(100)),
  name: nullable(shown(300)),
  version: nullable(shown(200)),
  /** Of a service; null: the host as a whole. */
  port: nullable(Type.Integer()),
  proto: nullable(oneOf(['tcp', 'udp'])),
  origin: shown(80),
  type: oneOf(['confirmed', 'potential']),
  /** Held from the first to the last time it was seen; `goneAt`: when a test that could have seen it did not. */
  firstSeenAt: Time,
  lastSeenAt: Time,
  goneAt: nullable(Time),
})
export const ExposedHost = Type.Object({
  asset: Type.Object({ id: Id, address: nullable(shown(64)), name: nullable(shown(255)), impact: Type.Integer() }),
  had: Type.Array(ExposureOf),
  /** Whether it still has any of it. */
  still: Type.Boolean(),
})

/** GET /kb/vulnerabilities/:name/exposure: who had it on that day (UTC), had it been known. Default: today. */
export const ExposureQuery = Type.Object({
  ...pageQuery,
  on: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', maxLength: 10, description: 'A day, UTC.' })),
})
export const Exposure = Type.Object({
  ...pageOf(ExposedHost).properties,
  name: shown(200),
  on: shown(10),
  /** Hosts on that day, and those of them that still have it. */
  hosts: count,
  still: count,
  /** The oldest day of which anything is stored here; null: nothing yet. Before it, nobody can say. */
  storedSince: nullable(shown(10)),
  /** Distinct pieces of software of the organisation that are affected. */
  software: count,
})

export type Exposure = Static<typeof Exposure>
export type ExposedHost = Static<typeof ExposedHost>
