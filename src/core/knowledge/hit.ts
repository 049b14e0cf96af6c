import type { Affected, Software } from './affected.ts'

/** A vulnerability that a piece of software has, with everything needed to show why. */
export type Hit = Readonly<{
  /** Number of the vulnerability's check: src/core/knowledge/number.ts. */
  check: number
  vulnerability: string
  software: Software
  /** The statement that decided, and who made it. */
  by: Readonly<{ source: string; key: string; affected: Affected }>
  /** `confirmed`: a package's own advisory says so. `potential`: only a product and version read from a banner or CPE. */
  type: 'confirmed' | 'potential'
  /** The lowest fixed version that is newer than what is installed, or null. */
  fixedIn: string | null
}>

/**
 * Says which vulnerabilities a host's software has. Pure over one release of the KnowledgeBase. `host` is all the software known of the host, for conditions
 * that need two products together. Distribution advisories decide alone over packages of that distribution.
 */
export type Match = (software: Software, host: readonly Software[]) => readonly Hit[]
