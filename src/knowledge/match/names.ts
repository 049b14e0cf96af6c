import type { Software } from '#core/knowledge/affected.ts'
import { ecosystemFamily, isDistribution } from '#core/version/ecosystem.ts'
import { isPartOfKernelOnly } from './kernel.ts'

/** Names under which to look for what is said of a piece of software. `of` null: statements of either kind. */
export type Lookup = Readonly<{ ecosystem: string; name: string; of: 'binary' | 'source' | null }>

/** `toldOfSource`: what is said of the source package is compared with that one's version, where it is known; else with the package's own. */
export type Subject = Readonly<{ lookups: readonly Lookup[]; toldOfSource: boolean }>

/**
 * How software of this name is called by those who write advisories, whatever its version: distributions speak of a release and of binary or source
 * packages, other ecosystems of one name, each with its own idea of which names are the same.
 */
export function subjectOf(software: Pick<Software, 'ecosystem' | 'name' | 'source'>): Subject {
  const { ecosystem, name } = software
  const { release, place } = placeOf(ecosystem)
  if (release === null) return { lookups: namesIn(ecosystem, name).map((one) => ({ ecosystem: place, name: one, of: null })), toldOfSource: false }
  if (isPartOfKernelOnly(software)) return { lookups: [], toldOfSource: false }
  const { source, toldOfSource } = sourceOf(software)
  if (source === name) return { lookups: [{ ecosystem: release, name, of: null }], toldOfSource }
  return { lookups: [{ ecosystem: release, name, of: 'binary' }, { ecosystem: release, name: source, of: 'source' }], toldOfSource }
}

/** Under which ecosystem advisories are looked for; `release` is null where it is no distribution. */
type Place = Readonly<{ place: string; release: string | null }>

const places = new Map<string, Place>()
/** There are some hundred. What is told from outside may name any. */
const mostPlaces = 5000

function placeOf(ecosystem: string): Place {
  const known = places.get(ecosystem)
  if (known !== undefined) return known
  const release = isDistribution(ecosystem) ? distributionRelease(ecosystem) : null
  const made = { place: release ?? (ecosystemFamily(ecosystem) === 'Go' ? 'Go' : ecosystem), release }
  if (places.size >= mostPlaces) places.clear()
  places.set(ecosystem, made)
  return made
}

/**
 * The source package, and whether it has a version of its own. Debian and Ubuntu sign kernels in a source of its own, whose advisories are those of the
 * kernel it was made of.
 */
function sourceOf({ name, source }: Pick<Software, 'name' | 'source'>): Readonly<{ source: string; toldOfSource: boolean }> {
  if (source === undefined || source === '') return { source: name, toldOfSource: false }
  const signed = /^(linux)-signed(?:-(?:amd64|arm64|i386|armhf|riscv64))?(?:-(.+))?$/.exec(source)
  if (signed !== null) return { source: signed[2] === undefined ? 'linux' : `linux-${signed[2]}`, toldOfSource: false }
  return { source, toldOfSource: true }
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
