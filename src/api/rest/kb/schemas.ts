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
  /** 0: not rated. Only checks of vulnerabilities that nobody has rated yet. */
  severity: Type.Integer({ minimum: 0, maximum: 5 }),
  type: Type.Enum(['confirmed', 'potential', 'information']),
  cve: Type.Array(Type.String()),
  cvssScore: orNull(Type.Number()),
  published: orNull(date),
  changed: orNull(date),
  retired: Type.Boolean(),
})


/** GET /kb?q=: `severity:>=4 category:SSH cve:CVE-2024-6387 product:openssh type:confirmed "weak"`. */
export const CheckQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 2000 })),
  sort: Type.Optional(Type.Enum(['id', '-severity', '-changed', 'title'])),
})
export const CheckPage = pageOf(Check)
/** GET /kb/:id */
export const CheckDetail = Type.Object({
  ...Check.properties,
  /** What it looks at: `service`, `http`, `tls`, `port`, `host`; or what it is: `vulnerability` (ranges of a CVE), `template`, `library`, `lifecycle`. */
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
  /** Where it comes from, for checks that are not our own signatures. `vulnerability`: its name, to be read at /kb/vulnerabilities/{name}. */
  origin: orNull(Type.Object({
    source: Type.String(), key: Type.String(), runnable: Type.Boolean(), why: orNull(Type.String()), vulnerability: orNull(Type.String()),
  })),
  /** How it detects, in words and as it is written; null for ranges of a vulnerability, and where no release holds it. */
  rule: orNull(Type.Object({ words: Type.String(), text: Type.String() })),
  changes: Type.Array(Type.Object({ release: Type.Integer(), at: Type.String(), kind: Type.String(), text: Type.String(), source: orNull(Type.String()) })),
})

export type Check = Static<typeof Check>
export type CheckQuery = Static<typeof CheckQuery>
export type CheckPage = Static<typeof CheckPage>
export type CheckDetail = Static<typeof CheckDetail>
