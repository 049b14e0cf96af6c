import type { Software } from '#core/knowledge/affected.ts'
import { ecosystemFamily, isDistribution } from '#core/version/ecosystem.ts'
import { isPartOfKernelOnly } from './kernel.ts'

/** Names under which to look for what is said of a piece of software. `of` null: statements of either kind. */
export type Lookup = Readonly<{ ecosystem: string; name: string; of: 'binary' | 'source' | null }>

/** `sourceVersion` is compared with what is said of source packages, `version` with the rest. */
export type Subject = Readonly<{ lookups: readonly Lookup[]; version: string; sourceVersion: string }>

/**
 * How a piece of software is called by those who write advisories: distributions speak of a release and of binary or source
 * packages, other ecosystems of one name, each with its own idea of which names are the same.
 */
export function subjectOf(software: Software): Subject {
  const { ecosystem, name, version } = software
  if (!isDistribution(ecosystem)) {
    const place = ecosystemFamily(ecosystem) === 'Go' ? 'Go' : ecosystem
    return { lookups: namesIn(ecosystem, name).map((one) => ({ ecosystem: place, name: one, of: null })), version, sourceVersion: version }
  }
  if (isPartOfKernelOnly(software)) return { lookups: [], version, sourceVersion: version }
  const release = distributionRelease(ecosystem)
  const [source, sourceVersion] = sourceOf(software)
  if (source === name) return { lookups: [{ ecosystem: release, name, of: null }], version, sourceVersion }
  return { lookups: [{ ecosystem: release, name, of: 'binary' }, { ecosystem: release, name: source, of: 'source' }], version, sourceVersion }
}

/**
 * The source package and its version. Debian and Ubuntu sign kernels in a source of its own, whose advisories are those of the
 * kernel it was made of.
 */
function sourceOf({ name, version, source, sourceVersion }: Software): readonly [string, string] {
  if (source === undefined || source === '') return [name, version]
  const signed = /^(linux)-signed(?:-(?:amd64|arm64|i386|armhf|riscv64))?(?:-(.+))?$/.exec(source)
  if (signed !== null) return [signed[2] === undefined ? 'linux' : `linux-${signed[2]}`, version]
  return [source, sourceVersion === undefined || sourceVersion === '' ? version : sourceVersion]
}

/**
 * `Debian:12.5` → `Debian:12`, `Alpine:3.20.1` → `Alpine:v3.20`, `Red Hat:9.4` → `Red Hat:9`, `Ubuntu:22.04:LTS` →
 * `Ubuntu:22.04`. CentOS rebuilds Red Hat's packages.
 */
export function distributionRelease(ecosystem: string): string {
  const family = ecosystemFamily(ecosystem)
  const release = ecosystem.slice(family.length + 1)
  switch (family) {
    case 'Debian':
    case 'Rocky Linux':
    case 'AlmaLinux':
    case 'Oracle Linux':
      return /^\d/.test(release) ? `${family}:${Number.parseInt(release, 10)}` : ecosystem
    case 'Red Hat':
    case 'CentOS':
      return /^\d/.test(release) ? `Red Hat:${Number.parseInt(release, 10)}` : `Red Hat${release === '' ? '' : `:${release}`}`
    case 'Ubuntu':
      return `Ubuntu:${release.replace(/:LTS$/, '')}`
    case 'Alpine':
    case 'Alpaquita': {
      const parts = /^v?(\d+\.\d+)/.exec(release)
      return parts === null ? ecosystem : `${family}:v${parts[1]}`
    }
    default:
      return ecosystem
  }
}

const goNames: Readonly<Record<string, string>> = { std: 'stdlib', go: 'stdlib', golang: 'stdlib', 'cmd/go': 'toolchain' }

/** Names an ecosystem takes for the same. Those that are asked for: its own spelling, and the one written where it differs. */
function namesIn(ecosystem: string, name: string): readonly string[] {
  switch (ecosystemFamily(ecosystem)) {
    case 'PyPI':
      return [name.toLowerCase().replace(/[-_.]+/g, '-')]
    case 'NuGet':
    case 'Packagist':
    case 'GitHub Actions':
    case 'Hex':
    case 'Pub':
    case 'Bitnami':
    case 'cpe':
      return [name.toLowerCase()]
    case 'npm':
      // Old packages have capitals and are others than those without.
      return [name]
    case 'crates.io':
      return [...new Set([name, name.replaceAll('_', '-'), name.replaceAll('-', '_')])]
    case 'Maven':
      return [name.includes(':') ? name : name.replace('/', ':')]
    case 'Go':
      return [Object.hasOwn(goNames, name) ? goNames[name]! : name]
    default:
      return [name]
  }
}
