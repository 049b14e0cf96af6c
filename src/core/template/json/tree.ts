/** A query of jq as a tree. */
export type Query =
  | Readonly<{ kind: 'self' | 'descend' }>
  | Readonly<{ kind: 'value'; value: Json }>
  | Readonly<{ kind: 'field'; of: Query; key: Query }>
  | Readonly<{ kind: 'slice'; of: Query; from: Query | null; to: Query | null }>
  | Readonly<{ kind: 'each' | 'try'; of: Query }>
  | Readonly<{ kind: 'pipe' | 'comma' | 'or-else' | 'and' | 'or'; left: Query; right: Query }>
  | Readonly<{ kind: 'operator'; sign: string; left: Query; right: Query }>
  | Readonly<{ kind: 'negate'; of: Query }>
  | Readonly<{ kind: 'array'; of: Query | null }>
  | Readonly<{ kind: 'object'; entries: readonly Readonly<{ key: Query; value: Query }>[] }>
  | Readonly<{ kind: 'text'; parts: readonly (string | Query)[] }>
  | Readonly<{ kind: 'if'; test: Query; yes: Query; no: Query | null }>
  | Readonly<{ kind: 'call'; name: string; of: readonly Query[] }>

export type Json = null | boolean | number | string | readonly Json[] | Readonly<{ [key: string]: Json }>

/** What is no query, or what a query cannot do with what it was given. */
export class BadQuery extends Error {}
