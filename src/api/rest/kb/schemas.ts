import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'

const uuid = Type.String({ format: 'uuid' })
const date = Type.String({ format: 'date' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })

export const CheckParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2147483647 }) })

export const Check = Type.Object({
  id: Type.Integer(),
  version: Type.Integer(),
  title: Type.String(),
  category: Type.String(),
  severity: Type.Integer({ minimum: 1, maximum: 5 }),
  type: Type.Enum(['confirmed', 'potential', 'information']),
  cve: Type.Array(Type.String()),
  cvssScore: orNull(Type.Number()),
  published: date,
  changed: date,
  retired: Type.Boolean(),
})

/** GET /kb?q=: `severity:>=4 category:SSH cve:CVE-2024-6387 product:openssh type:confirmed "weak"`. */
export const CheckQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 2000 })),
  sort: Type.Optional(Type.Enum(['id', '-severity', '-changed', 'title'])),
})
export const CheckPage = pageOf(Check)
/** GET /kb/facets */
export const CheckFacets = Type.Object({
  total: count,
  release: orNull(Type.String()),
  facets: Type.Array(Type.Object({
    field: Type.String(),
    label: Type.String(),
    values: Type.Array(Type.Object({ value: Type.String(), label: Type.String(), term: Type.String(), count })),
  })),
})

/** GET /kb/:id */
export const CheckDetail = Type.Object({
  ...Check.properties,
  /** What it looks at: `service`, `http`, `tls`, `port`, `host`. */
  kind: Type.String(),
  cwe: Type.Array(Type.String()),
  cvss: orNull(Type.String()),
  products: Type.Array(Type.String()),
  pci: orNull(Type.String()),
  threat: Type.String(),
  impact: Type.String(),
  solution: Type.String(),
  references: Type.Array(Type.String()),
  /** In this organisation, of what the reader may see. */
  affected: Type.Object({ findings: count, hosts: count, fixed: count, q: Type.String() }),
  worst: Type.Array(Type.Object({ assetId: uuid, address: orNull(Type.String()), name: orNull(Type.String()), findings: count, risk: Type.Integer() })),
})

export type Check = Static<typeof Check>
export type CheckQuery = Static<typeof CheckQuery>
export type CheckPage = Static<typeof CheckPage>
export type CheckFacets = Static<typeof CheckFacets>
export type CheckDetail = Static<typeof CheckDetail>
