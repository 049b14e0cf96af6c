import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { line, nullable, oneOf, Time } from '../../schema.ts'

const count = Type.Integer({ minimum: 0 })
const shown = (most: number) => Type.String({ maxLength: most })

/** One piece of software on a host, of whatever origin: services a scan saw, and inventories. */
export const Software = Type.Object({
  /** 64-bit number as text, the same for the same software on every host. */
  id: shown(24),
  /** As OSV names it (`Debian:12`, `npm`), or `cpe` for a product named by a service's banner: then `name` is `vendor:product`. */
  ecosystem: shown(100),
  name: shown(300),
  version: shown(200),
  source: nullable(shown(300)),
  sourceVersion: nullable(shown(200)),
  architecture: nullable(shown(40)),
  /** Who says that it is there: `services` is what scans saw; others are named by who uploaded. */
  origins: Type.Array(Type.Object({ origin: shown(80), firstSeenAt: Time, lastSeenAt: Time })),
  /** Open findings of range checks of it on this host, and the worst severity of them (0: none). */
  vulnerabilities: count,
  worst: Type.Integer({ minimum: 0, maximum: 5 }),
})

/** GET /assets/:id/software. Vulnerable ones first unless sorted by name. */
export const SoftwareQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the name, of the source package, or of the version.' })),
  origin: Type.Optional(Type.String({ maxLength: 80 })),
  vulnerable: Type.Optional(Type.Boolean({ description: 'Only software with open findings.' })),
})
export const SoftwarePage = Type.Object({ ...pageOf(Software).properties, total: count })

const PackageEntry = Type.Object({
  ecosystem: Type.Optional(shown(100)),
  name: Type.String({ minLength: 1, maxLength: 300 }),
  version: Type.String({ minLength: 1, maxLength: 200 }),
  source: Type.Optional(shown(300)),
  sourceVersion: Type.Optional(shown(200)),
  architecture: Type.Optional(shown(40)),
}, { additionalProperties: false })

/**
 * POST /assets/:id/packages: the whole inventory of one origin on the host. It replaces what the same origin said before: packages that are not in it are gone,
 * and their findings of this origin are closed. Exactly one of `packages` and `text`.
 */
export const UploadPackages = Type.Object({
  /** Who says it, as `dpkg` or `build server`; kept apart from other origins. Default: the format's name. */
  origin: Type.Optional(line(60)),
  /**
   * Of `text`. `dpkg`: lines of `dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Abbrev}\n'`, or of
   * `dpkg -l`; `rpm`: lines of `rpm -qa --qf '%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'`, or of plain `rpm -qa`; `cyclonedx`, `spdx`:
   * JSON. Default `auto`.
   */
  format: Type.Optional(oneOf(['auto', 'packages', 'dpkg', 'rpm', 'cyclonedx', 'spdx'])),
  /** Of `dpkg` and `rpm` lines, and the default of `packages`: `Debian:12`, `Ubuntu:22.04`, `Red Hat:9`. */
  distribution: Type.Optional(Type.String({ maxLength: 60, pattern: '^[A-Za-z][A-Za-z0-9 ._-]*(:[A-Za-z0-9._:-]+)?$' })),
  packages: Type.Optional(Type.Array(PackageEntry, { maxItems: 20_000 })),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 16_777_216 })),
}, { additionalProperties: false })
export const UploadedPackages = Type.Object({
  origin: shown(80),
  format: shown(20),
  /** Distinct software now held of this origin. */
  total: count,
  added: count,
  gone: count,
  /** What could not be used, by reason; `examples` are the first 20. */
  unused: Type.Array(Type.Object({ reason: shown(60), count, examples: Type.Array(shown(300)) })),
  findings: Type.Object({ new: count, reopened: count, fixed: count }),
  /** Whether it was matched; without a release of the KnowledgeBase nothing can be. */
  matched: Type.Boolean(),
})

export type Software = Static<typeof Software>
export type SoftwarePage = Static<typeof SoftwarePage>
export type UploadPackages = Static<typeof UploadPackages>
export type UploadedPackages = Static<typeof UploadedPackages>
