import type { Affected } from './affected.ts'

/** The sources there are readers for; a new one adds its name. */
export type SourceName =
  | 'vigil' | 'nuclei' | 'recog' | 'retirejs' | 'kev' | 'epss' | 'cve' | 'vulnrichment' | 'nvd' | 'nvd-overrides' | 'osv' | 'ghsa' | 'rustsec' | 'csaf' | 'debian' | 'ubuntu'
  | 'redhat' | 'alpine' | 'endoflife' | 'oui' | 'publicsuffix' | 'scap'

/** Where a source comes from and on what terms: shown beside everything taken from it. */
export type Source = Readonly<{ name: SourceName; title: string; licence: string; attribution: string; homepage: string; upstream: readonly string[] }>

export type CvssStatement = Readonly<{ version: '2.0' | '3.0' | '3.1' | '4.0'; vector: string; score: number | null; by?: string }>
export type Reference = Readonly<{ url: string; kind: 'advisory' | 'fix' | 'exploit' | 'report' | 'article' | 'package' | 'web' }>

/**
 * What one source says of one vulnerability. Statements of several sources stand side by side; which is shown for what is decided by precedence
 * (src/knowledge/precedence.ts). Times are ISO 8601 in UTC. Text is untrusted: plain text or Markdown, at most 16,384 characters.
 */
export type Statement = Readonly<{
  record: 'statement'
  /** CVE id where there is one (a record of several CVEs makes several statements), else the source's own id. */
  vulnerability: string
  /** The source's id for the record, unique in it together with `vulnerability`. */
  key: string
  /** Other ids of the same vulnerability: GHSA-…, PYSEC-…; not the advisory of a distribution that has several CVEs. */
  aliases: readonly string[]
  title?: string
  details?: string
  impact?: string
  solution?: string
  published?: string
  modified?: string
  withdrawn?: string
  /** The source's own rating, in its own lower-case word. */
  rating?: string
  cvss: readonly CvssStatement[]
  cwe: readonly string[]
  references: readonly Reference[]
  /** Vendors and products named, `vendor:product`. */
  products: readonly string[]
  overlay?: Overlay
}>

/** What is known of a vulnerability beyond its text. */
export type Overlay = Readonly<{
  exploited?: Readonly<{ since: string; due?: string; ransomware: boolean; action?: string; name?: string; note?: string }>
  ssvc?: Readonly<{ exploitation: 'none' | 'poc' | 'active'; automatable: boolean | null; impact: 'partial' | 'total' | null; at?: string }>
  /** A public exploit or proof of concept, with where it is. */
  exploit?: Readonly<{ maturity: 'poc' | 'weaponised'; url?: string }>
}>

/** One row of EPSS: probability and percentile 0–1. There are hundreds of thousands, so that they are no statements. */
export type Probability = Readonly<{ record: 'probability'; vulnerability: string; probability: number; percentile: number }>

export type Cycle = Readonly<{
  cycle: string; codename?: string; released?: string; latest?: string; latestReleased?: string; lts?: boolean; link?: string
  /** A day, or whether it has come; absent: not known. */
  endOfLife?: string | boolean; endOfSupport?: string | boolean; endOfExtendedSupport?: string | boolean; discontinued?: string | boolean
}>
export type Lifecycle = Readonly<{
  record: 'lifecycle'; key: string; title: string; category: string; cpe: readonly string[]; purl: readonly string[]; link?: string; cycles: readonly Cycle[]
}>

/** How a client-side library is recognised; its vulnerabilities are `Affected` of the ecosystem `retire.js`. Patterns are the source's, `§§version§§` put in. */
export type Library = Readonly<{
  record: 'library'; key: string; uri: readonly string[]; filename: readonly string[]; content: readonly string[]
  contentReplace: readonly string[]; hashes: Readonly<Record<string, string>>; npm?: string; skipped: readonly string[]
}>

/** A remote check of the template language, with what the engine must be able to do for it. The text is kept whole: the engine compiles it. */
export type Template = Readonly<{
  record: 'template'; key: string; path: string; title: string; severity: 'info' | 'low' | 'medium' | 'high' | 'critical' | 'unknown'
  protocols: readonly string[]
  /** As `raw`, `flow`, `oob`, `payloads`, `unsafe`, `headless`, `self-contained`, `jq`; and dsl helpers as `dsl:md5`. */
  features: readonly string[]
  tags: readonly string[]
  /** Not in a default scan: intrusive, dos, fuzz, or on the source's ignore list. */
  unsafe: boolean
  /** Why it can never be a network check; absent: it may. */
  unsupported?: string
  cve: readonly string[]; cwe: readonly string[]; cvss?: string; cvssScore?: number; cpe?: string; vendor?: string; product?: string
  description?: string; impact?: string; remediation?: string; references: readonly string[]; requests?: number; authors: readonly string[]
  signed: boolean
  text: string
}>

/** One pattern that names software by what it says: src/core/fingerprint/. `matches` says of what, as `ssh.banner`; inside one file the first that matches wins. */
export type Fingerprint = Readonly<{
  record: 'fingerprint'; file: string; order: number; matches: string; protocol?: string; type?: string; preference: number
  pattern: string; flags: readonly string[]; description: string
  params: readonly Readonly<{ pos: number; name: string; value?: string }>[]
  examples: readonly Readonly<{ text: string; base64: boolean; expect: Readonly<Record<string, string>> }>[]
}>

/** A block of hardware addresses: hex digits without separators, 6, 7 or 9 of them; the longest wins. */
export type HardwareVendor = Readonly<{ record: 'hardware'; prefix: string; organization: string }>

/** Compliance content: a benchmark with its profiles, its rules, and the file itself, gzipped, for the engine that will evaluate it. */
export type Benchmark = Readonly<{
  record: 'benchmark'; key: string; title: string; version: string; platforms: readonly string[]
  profiles: readonly Readonly<{ id: string; title: string; description: string; selected: readonly string[] }>[]
}>
export type BenchmarkRule = Readonly<{
  record: 'rule'; benchmark: string; key: string; title: string; description: string; rationale: string; severity: string
  references: readonly string[]; idents: readonly string[]; checks: readonly ('oval' | 'ocil' | 'sce' | 'other')[]
  fixes: readonly Readonly<{ system: string; text: string }>[]
}>
/** A file kept whole under a name: the public suffix list, a SCAP data stream. */
export type KeptFile = Readonly<{ record: 'file'; key: string; bytes: Uint8Array }>

/** A record that the reader understood but cannot use, or could not read: counted by `reason`, never dropped in silence. `reason` is a short code in kebab-case. */
export type Unused = Readonly<{ record: 'unused'; key: string; reason: string; text: string }>
/** What the feed says of itself, first or last: the day it speaks of. `whole`: what is missing in it is gone, as opposed to a part of a feed. */
export type FeedHead = Readonly<{ record: 'head'; snapshot?: string; version?: string; whole: boolean }>
/** One record of the feed as upstream counts them has been read to its end, whatever came of it. */
export type Counted = Readonly<{ record: 'counted'; records: number }>

export type FeedRecord =
  | Statement | Affected | Probability | Lifecycle | Library | Template | Fingerprint | HardwareVendor | Benchmark | BenchmarkRule | KeptFile | Unused | FeedHead | Counted
