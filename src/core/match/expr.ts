import type { Scalar } from '../observation.ts'

/**
 * The rule of a signature: a tree of plain data over one observation. `field` is a dotted path into the observation's `data`
 * (`facts.auth`, `certificate.notAfter`, `headers.server`), or `$seen`, `$port`, `$host`; over HTTP also `$cookies.insecure`,
 * `$cookies.scripted` and `$cookies.crossSite`: names of the cookies set without Secure, HttpOnly, SameSite. A leaf over a
 * missing field is false, `none` and `exists: false` aside. Text comparison ignores case except in `matches`.
 */
export type Expr =
  | Readonly<{ all: readonly Expr[] }>
  | Readonly<{ any: readonly Expr[] }>
  | Readonly<{ none: readonly Expr[] }>
  /** Equal to the value, or to one of them; a list field matches if any member does. */
  | Readonly<{ field: string; is: Scalar | readonly Scalar[] }>
  /** Text field: contains the text, or one of them. List field: has such a member, compared whole. */
  | Readonly<{ field: string; has: string | readonly string[] }>
  /** Pattern of the linear-time subset (no look-around, no back-reference) over the text, or over any member of a list. */
  | Readonly<{ field: string; matches: string; flags?: 'i' | 's' | 'is' }>
  | Readonly<{ field: string; exists: boolean }>
  /** A bound is a number or another field plus an offset, as in `{ field: certificate.notAfter, below: { field: $seen } }`. */
  | Readonly<{ field: string; below: Bound }>
  | Readonly<{ field: string; above: Bound }>
  /** Version range: `>=2.4.0 <2.4.52 || <2.2.34`. Unparsable or missing versions never match. */
  | Readonly<{ field: string; version: string }>

export type Bound = number | Readonly<{ field: string; plus?: number }>
