/** How versions of an ecosystem are ordered: src/core/version/scheme.ts. `numbers` (CRAN, Hackage): parts compared as numbers, the longer newer. `generic`: banners and CPE. */
export type VersionScheme = 'dpkg' | 'rpm' | 'apk' | 'semver' | 'pep440' | 'maven' | 'gem' | 'nuget' | 'composer' | 'go' | 'numbers' | 'generic'

/** A stretch of versions. Absent ends are open; `from` is inside unless `fromExclusive`; `before` is outside, `upTo` inside; at most one of the two. */
export type Interval = Readonly<{ from?: string; fromExclusive?: true; before?: string; upTo?: string }>

/**
 * Which software a range speaks of.
 * `ecosystem`: as OSV names it, with the release after a colon (`npm`, `PyPI`, `Debian:12`, `Ubuntu:22.04`, `Red Hat:9`, `Alpine:v3.20`), or `cpe` (name is
 * `vendor:product`, lower case, unescaped), or `retire.js` (name is the library).
 */
export type Product = Readonly<{ ecosystem: string; name: string; part?: 'a' | 'o' | 'h' }>

/** A part of a CPE configuration besides the vulnerable product: it must be on the host too (AND, running on). */
export type Condition = Readonly<{ part: 'a' | 'o' | 'h'; name: string; scheme: VersionScheme; intervals: readonly Interval[]; versions: readonly string[] }>

/** What one source says of one product and one vulnerability. */
export type Affected = Readonly<{
  record: 'affected'
  /** CVE id where there is one, else the source's own id. */
  vulnerability: string
  /** The source's record that says it, as `DSA-5678-1`. */
  key: string
  product: Product
  /** Distribution advisories speak of source packages: then the source name and version of what is installed are compared. */
  of: 'binary' | 'source'
  scheme: VersionScheme
  /** A version in any of these, or equal to any of `versions`. Both empty: no version, for status other than affected: every version. */
  intervals: readonly Interval[]
  versions: readonly string[]
  /** `notAffected` takes the product out, whatever other, lower-ranking sources say (VEX). `unfixed`: affected, and the vendor has no fix or will not make one. */
  status: 'affected' | 'notAffected' | 'underInvestigation' | 'unfixed'
  /** Versions that hold the fix, for the solution. */
  fixed: readonly string[]
  /** CPE configurations: each inner list is OR, all lists must hold on the host. */
  together?: readonly (readonly Condition[])[]
  /** CPE attributes beyond the version, when not `*`: update, edition, sw_edition, target_sw, target_hw. */
  cpe?: Readonly<{ update?: string; edition?: string; softwareEdition?: string; targetSoftware?: string; targetHardware?: string }>
  /** The vendor's own rating, in its own word: `low`, `important`, `end-of-life`. */
  rating?: string
  architectures?: readonly string[]
}>

/** One piece of software on a host, as inventories and banners give it. */
export type Software = Readonly<{
  /** As `Product.ecosystem`. */
  ecosystem: string
  name: string
  version: string
  part?: 'a' | 'o' | 'h'
  /** Source package, where the package system tells it: dpkg and rpm. */
  source?: string
  sourceVersion?: string
  architecture?: string
}>
