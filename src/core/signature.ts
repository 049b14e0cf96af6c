import type { Ask } from './ask.ts'
import type { Expr } from './match/expr.ts'
import type { Evidence, Kind } from './observation.ts'
import type { Place } from './place.ts'
import type { Proof } from './proof.ts'

export type Severity = 1 | 2 | 3 | 4 | 5
export type FindingType = 'confirmed' | 'potential' | 'information'

/** A check of the KnowledgeBase: data, never code. Severity as in docs/user/glossary.md: 1 minimal … 5 urgent. */
export type Signature = Readonly<{
  id: number
  version: number
  title: string
  category: string
  severity: Severity
  type: FindingType
  on: Kind
  when: Expr
  /** Request that must have been sent; only for `on: http`. */
  ask?: Ask
  /** The rule reads a version from a banner: on a distribution build the match is only potential, since fixes are back-ported. */
  versioned?: boolean
  /**
   * What the finding shows as its result: text with `{field}` placeholders read from the observation, as in
   * `Redis {version} answers INFO without a password`.
   */
  result: string
  cve: readonly string[]
  cwe: readonly string[]
  /** CVSS vector string, `CVSS:3.1/…` or `CVSS:4.0/…`. */
  cvss?: string
  /** Base score of `cvss`, 0–10, computed when content is loaded. */
  score?: number
  threat: string
  impact: string
  solution: string
  references: readonly string[]
  /** Products concerned, `vendor:product` as in CPE. */
  products: readonly string[]
  /** Where PCI DSS fails it automatically, or the reason it is exempt. */
  pci?: string
  published: string
  changed: string
}>

/** A signature that holds at a place: what Judge says. */
export type Detection = Readonly<{
  signature: number
  version: number
  at: Place
  type: FindingType
  severity: Severity
  result: string
  /** Why the type is weaker than the signature's, e.g. a distribution's back-ports. */
  note?: string
  seen: number
  /** The probe that observed it: its coverage alone may close the finding. */
  by: string
  evidence?: Evidence
  /** The bytes that decide it, where the scanner sent them. */
  proof?: Proof
}>
