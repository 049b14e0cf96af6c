import type { VersionScheme } from '../knowledge/affected.ts'

/** Ecosystems as OSV names them, and distributions that package like one of them, with the order of their versions. */
const schemes: Readonly<Record<string, VersionScheme>> = {
  AlmaLinux: 'rpm', Alpaquita: 'apk', Alpine: 'apk', Amazon: 'rpm', Android: 'generic', 'Azure Linux': 'rpm',
  'BellSoft Hardened Containers': 'apk', Bioconductor: 'numbers', Bitnami: 'generic', CentOS: 'rpm', Chainguard: 'apk',
  CleanStart: 'apk', ConanCenter: 'generic', CRAN: 'numbers', 'crates.io': 'semver', Debian: 'dpkg', Echo: 'dpkg',
  EulerOS: 'rpm', Fedora: 'rpm', GHC: 'numbers', 'GitHub Actions': 'semver', Go: 'go', Hackage: 'numbers', Hex: 'semver',
  Julia: 'semver', Kali: 'dpkg', Linux: 'generic', Mageia: 'rpm', Mariner: 'rpm', Maven: 'maven', MinimOS: 'apk', npm: 'semver',
  NuGet: 'nuget', openEuler: 'rpm', openSUSE: 'rpm', 'Oracle Linux': 'rpm', 'OSS-Fuzz': 'generic', Packagist: 'composer',
  'Photon OS': 'rpm', Proxmox: 'dpkg', Pub: 'semver', PyPI: 'pep440', Raspbian: 'dpkg', 'Red Hat': 'rpm', 'Rocky Linux': 'rpm',
  RubyGems: 'gem', SUSE: 'rpm', SwiftURL: 'semver', Ubuntu: 'dpkg', VSCode: 'semver', Wolfi: 'apk',
}

/** Distributions: their advisories alone say what of their packages is vulnerable (docs/user/matching.md). */
const distributions = new Set([
  'AlmaLinux', 'Alpaquita', 'Alpine', 'Amazon', 'Azure Linux', 'BellSoft Hardened Containers', 'CentOS', 'Chainguard', 'CleanStart',
  'Debian', 'Echo', 'EulerOS', 'Fedora', 'Kali', 'Mageia', 'Mariner', 'MinimOS', 'openEuler', 'openSUSE', 'Oracle Linux', 'Photon OS',
  'Proxmox', 'Raspbian', 'Red Hat', 'Rocky Linux', 'SUSE', 'Ubuntu', 'Wolfi',
])

/** `Debian:12` → `Debian`. */
export function ecosystemFamily(ecosystem: string): string {
  const colon = ecosystem.indexOf(':')
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon)
}

/** How versions are ordered there. What is not known, CPE among it, is ordered as banners are. */
export function schemeOf(ecosystem: string): VersionScheme {
  const family = ecosystemFamily(ecosystem)
  return Object.hasOwn(schemes, family) ? schemes[family]! : 'generic'
}

export function isDistribution(ecosystem: string): boolean {
  return distributions.has(ecosystemFamily(ecosystem))
}
