import { Type, type Static } from 'typebox'
import { Id, line, nullable, oneOf, Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })

/** Numbers and CVE ids, separated by commas or white space: `1002, CVE-2024-6387`. */
const numbers = Type.String({ maxLength: 200_000, description: 'Numbers of checks and CVE ids, separated by commas or white space.' })
const query = Type.String({ maxLength: 2000, description: 'The query language over checks: severity:>=4 product:openssh exploited:yes patch:yes changed:30d detection:package' })

/**
 * A list of checks under a name, for queries (`list:"PCI fails"`), reports and option profiles. A static one names its checks, a dynamic one is whatever its
 * query means at that moment. Shipped ones cannot be changed.
 */
export const SearchList = Type.Object({
  id: Id,
  name: Type.String(),
  description: Type.String(),
  kind: oneOf(['static', 'dynamic']),
  shipped: Type.Boolean(),
  /** Of a dynamic list. */
  query: nullable(Type.String()),
  /** Of a static list, as numbers; a CVE's check has its number. */
  checks: nullable(Type.Array(Type.Integer())),
  /** How many checks it holds now. */
  count,
  /** Where it is used: names. */
  usedBy: Type.Object({ profiles: Type.Array(Type.String()) }),
  /** Term for query bars. */
  term: Type.String(),
  createdBy: nullable(Type.String()),
  updatedAt: Time,
})
/** GET /search-lists, GET /search-lists/:id */
export const SearchLists = Type.Object({ items: Type.Array(SearchList) })

/** POST /search-lists: 201. Either `checks` (static) or `query` (dynamic). */
export const NewSearchList = Type.Object(
  { name: line(80), description: Type.Optional(Type.String({ maxLength: 500 })), checks: Type.Optional(numbers), query: Type.Optional(query) },
  { additionalProperties: false },
)
/** PATCH /search-lists/:id; a static list stays static. DELETE: 204, or 409 saying where it is used. */
export const ChangeSearchList = Type.Object(
  { name: Type.Optional(line(80)), description: Type.Optional(Type.String({ maxLength: 500 })), checks: Type.Optional(numbers), query: Type.Optional(query) },
  { additionalProperties: false },
)

/** POST /search-lists/preview: what such a list would hold. */
export const PreviewSearchList = Type.Object({ checks: Type.Optional(numbers), query: Type.Optional(query) }, { additionalProperties: false })
export const Preview = Type.Object({
  count,
  /** Numbers of a static list that no check here has (yet): kept, since one may come. */
  unknown: Type.Array(Type.String()),
  /** The first 50, the worst first. */
  items: Type.Array(Type.Object({ id: Type.Integer(), title: Type.String(), severity: Type.Integer(), category: Type.String(), cve: Type.Array(Type.String()) })),
  /** Open findings of these checks that the reader may see. */
  findings: count,
  hosts: count,
})

export type SearchList = Static<typeof SearchList>
export type SearchLists = Static<typeof SearchLists>
export type NewSearchList = Static<typeof NewSearchList>
export type ChangeSearchList = Static<typeof ChangeSearchList>
export type Preview = Static<typeof Preview>
