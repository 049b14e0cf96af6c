import type { Affected, Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import type { KnownLifecycle } from '#core/knowledge/lifecycle.ts'
import type { Fingerprint, Library, Lifecycle, Overlay, Source, SourceName, Statement, Template } from '#core/knowledge/record.ts'
import type { Signature } from '#core/signature.ts'

export type ReleaseFacts = Readonly<{
  /** Rises by one with each change of content in this lineage. */
  number: number
  /** `2026.11.24-7`: day and number, what people see. */
  name: string
  /** sha256 over the content of all sources: two machines with the same root judge alike. */
  root: string
  at: string
  counts: Readonly<{ vulnerabilities: number; checks: number; ranges: number; statements: number; fingerprints: number }>
}>

export type VulnerabilityRow = Readonly<{
  /** Number of its check. */
  id: number
  name: string
  title: string
  published: string | null
  modified: string | null
  withdrawn: string | null
  /** 0 not rated, 1–5 as everywhere. */
  severity: number
  score: number | null
  cvss: string | null
  epss: number | null
  percentile: number | null
  exploitedSince: string | null
  ransomware: boolean
  ssvc: 'none' | 'poc' | 'active' | null
  exploit: 'poc' | 'weaponised' | null
  /** How we can detect it: `signature`, `template`, `package`, `product`, `library`, `industrial`. */
  detection: readonly string[]
  products: readonly string[]
}>

/** A value with who said it; `others` are the statements that were outranked and say something else. */
export type Sourced<T> = Readonly<{ value: T; source: SourceName; key: string; others: readonly Readonly<{ value: T; source: SourceName; key: string }>[] }>

export type VulnerabilityDetail = VulnerabilityRow & Readonly<{
  aliases: readonly string[]
  facts: Readonly<Partial<{
    title: Sourced<string>; details: Sourced<string>; impact: Sourced<string>; solution: Sourced<string>; cvss: Sourced<string>; cwe: Sourced<readonly string[]>
  }>>
  overlay: Overlay
  statements: readonly Readonly<{ source: SourceName; statement: Statement }>[]
  /** The first 500 of `affectedTotal`. */
  affected: readonly Readonly<{ source: SourceName; affected: Affected }>[]
  affectedTotal: number
  checks: readonly CheckRow[]
  changes: readonly Change[]
}>

export type CheckRow = Readonly<{
  id: number
  key: string
  kind: 'signature' | 'template' | 'library' | 'lifecycle'
  source: SourceName
  version: number
  title: string
  category: string
  severity: number
  type: 'confirmed' | 'potential' | 'information'
  cve: readonly string[]
  published: string | null
  changed: string | null
  runnable: boolean
  why: string | null
}>
/** What a finding needs of a template's check. */
export type TemplateCheck = CheckRow & Readonly<{ cwe: readonly string[]; cvss: string | null; score: number | null; description: string; impact: string; remediation: string; references: readonly string[]; product: string | null }>
export type CheckBody = Signature | Template | Library | Lifecycle

export type Change = Readonly<{ release: number; at: string; subject: string; kind: string; text: string; source: SourceName | null }>
/** `about`: what the changes are of. */
export type ChangeCount = Readonly<{ release: number; at: string; kind: string; about: 'check' | 'vulnerability' | 'source'; count: number }>
/** `check`: the number to look it up by, when it is still known. */
export type NewsEntry = Readonly<{ at: string; release: number; subject: string; title: string; text: string; check: number | null; severity: number | null; source: SourceName | null }>
/** The first 200 of each: checks added, changed and withdrawn, ours first; vulnerabilities newly known to be exploited; and of those added the ones that matter most. */
export type News = Readonly<{ added: readonly NewsEntry[]; changed: readonly NewsEntry[]; withdrawn: readonly NewsEntry[]; exploited: readonly NewsEntry[]; notable: readonly NewsEntry[] }>
export type Facet = Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>
/** `after`: the opaque place a page ended at. */
export type Ask = Readonly<{ q: string; sort?: string; after?: string | null; limit: number }>
export type Page<T> = Readonly<{ items: readonly T[]; next: string | null; total: number; totalIsExact: boolean; didYouMean: string | null }>

export type SourceHealth = Source & Readonly<{
  snapshot: string | null; version: string | null; importedAt: string | null; records: number; statements: number; ranges: number
  unused: readonly Readonly<{ reason: string; count: number; examples: readonly (readonly [string, string])[] }>[]
  /** `never`: not imported; `failed`: the last import failed with `problem`, what was there before serves on. */
  state: 'ok' | 'stale' | 'failed' | 'never'
  problem: string | null
  failedAt: string | null
}>

/** What the KnowledgeBase says of a CVE beyond its text, for scores. */
export type Threat = Readonly<{
  name: string; score: number | null; epss: number | null; exploitedSince: string | null; ransomware: boolean; ssvc: 'none' | 'poc' | 'active' | null; exploit: 'poc' | 'weaponised' | null
}>

/**
 * One open release. Everything is answered by a thread of its own over a read-only SQLite file, so that no search holds up a request. Queries that are wrong
 * throw the same catalogue errors as other lists.
 */
export interface KnowledgeBase {
  readonly facts: ReleaseFacts
  vulnerabilities(ask: Ask): Promise<Page<VulnerabilityRow>>
  vulnerabilityFacets(q: string): Promise<Readonly<{ total: number; facets: readonly Facet[] }>>
  /** By CVE, any alias, or number; null when it is not known. */
  vulnerability(name: string): Promise<VulnerabilityDetail | null>
  checks(ask: Ask): Promise<Page<CheckRow>>
  checkFacets(q: string): Promise<Readonly<{ total: number; facets: readonly Facet[] }>>
  check(id: number): Promise<Readonly<{ row: CheckRow; body: CheckBody; changes: readonly Change[] }> | null>
  /** For CVE ids or numbers of vulnerabilities; what is unknown is left out. */
  threats(names: readonly (string | number)[]): Promise<ReadonlyMap<string, Threat>>
  /** Hits of each host's software, in order. */
  match(hosts: readonly (readonly Software[])[]): Promise<readonly (readonly Hit[])[]>
  /** Our own signatures of this release (source `vigil`). */
  signatures(): Promise<readonly Signature[]>
  fingerprints(): Promise<readonly Fingerprint[]>
  lifecycles(): Promise<readonly KnownLifecycle[]>
  /** How client-side libraries are recognised. */
  libraries(): Promise<readonly Library[]>
  /** A file kept whole under a name; null when there is none. */
  file(key: string): Promise<Uint8Array | null>
  /** Checks that templates are, by the template's id; unknown ones are left out. */
  templateChecks(keys: readonly string[]): Promise<readonly TemplateCheck[]>
  sources(): Promise<readonly SourceHealth[]>
  /** Newest first. */
  changes(about: Readonly<{ since?: string; kind?: string; limit: number }>): Promise<readonly Change[]>
  /** How much each release changed, by kind, of releases since an ISO time. Newest first. */
  changeCounts(since: string): Promise<readonly ChangeCount[]>
  /** What one release changed, in order; the first `most`. */
  changesIn(release: number, most: number): Promise<readonly Change[]>
  /** What a time brought, from an ISO time to before another. */
  newsBetween(from: string, to: string): Promise<News>
  close(): Promise<void>
}
