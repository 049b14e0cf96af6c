import type { Software } from '#core/knowledge/affected.ts'

/**
 * Ecosystems as OSV names them, by the type of a package URL.
 * Sources: https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst, https://ossf.github.io/osv-schema/#defined-ecosystems
 */
const byType: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'PyPI', gem: 'RubyGems', maven: 'Maven', nuget: 'NuGet', composer: 'Packagist', golang: 'Go', cargo: 'crates.io', hex: 'Hex', pub: 'Pub', conan: 'ConanCenter', swift: 'SwiftURL',
  cran: 'CRAN', hackage: 'Hackage', bitnami: 'Bitnami', githubactions: 'GitHub Actions',
}
const rpmBy: Readonly<Record<string, string>> = {
  redhat: 'Red Hat', rhel: 'Red Hat', centos: 'Red Hat', almalinux: 'AlmaLinux', rocky: 'Rocky Linux', fedora: 'Fedora', opensuse: 'openSUSE', suse: 'SUSE', sles: 'SUSE', mageia: 'Mageia', amzn: 'Amazon', amazon: 'Amazon', ol: 'Oracle',
}
/** Source: https://www.debian.org/releases/, https://wiki.ubuntu.com/Releases */
const codenames: Readonly<Record<string, string>> = {
  buster: 'Debian:10', bullseye: 'Debian:11', bookworm: 'Debian:12', trixie: 'Debian:13', forky: 'Debian:14', xenial: 'Ubuntu:16.04', bionic: 'Ubuntu:18.04', focal: 'Ubuntu:20.04', jammy: 'Ubuntu:22.04', noble: 'Ubuntu:24.04',
}

/** `pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=debian-12` as software; a code for what it lacks otherwise. */
export function softwareOfPurl(purl: string): Software | 'not-a-package-url' | 'unknown-type' | 'no-version' | 'no-distribution' {
  const parts = /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\/([^?#]+)(?:\?([^#]*))?(?:#.*)?$/.exec(purl.slice(0, 2000))
  if (parts === null) return 'not-a-package-url'
  const type = parts[1]!.toLowerCase()
  const at = parts[2]!.lastIndexOf('@')
  const path = decode(at > 0 ? parts[2]!.slice(0, at) : parts[2]!)
  const version = decode(at > 0 ? parts[2]!.slice(at + 1) : '')
  const qualifiers = new Map((parts[3] ?? '').split('&').map((pair) => [pair.split('=')[0]!.toLowerCase(), decode(pair.slice(pair.indexOf('=') + 1))] as const))
  if (path === null || version === null) return 'not-a-package-url'
  if (version === '') return 'no-version'
  const segments = path.split('/').filter((one) => one !== '')
  const name = segments.at(-1) ?? ''
  const space = segments.slice(0, -1).join('/')
  const architecture = qualifiers.get('arch') ?? qualifiers.get('architecture') ?? ''
  if (type === 'deb' || type === 'rpm' || type === 'apk') {
    const ecosystem = distributionOf(type, space.toLowerCase(), (qualifiers.get('distro') ?? '').toLowerCase())
    if (ecosystem === null) return 'no-distribution'
    const epoch = qualifiers.get('epoch') ?? ''
    const full = epoch !== '' && /^\d{1,9}$/.test(epoch) && !version.includes(':') ? `${epoch}:${version}` : version
    return { ecosystem, name, version: full, ...sourceOf(qualifiers.get('upstream') ?? '', full), ...(architecture === '' ? {} : { architecture }) }
  }
  const ecosystem = byType[type]
  if (ecosystem === undefined) return 'unknown-type'
  return { ecosystem, name: type === 'maven' ? [space.replaceAll('/', '.'), name].filter((one) => one !== '').join(':') : segments.join('/'), version }
}

/** `upstream=openssl@3.0.11-1`, or an rpm's `openssl-3.0.7-24.el9.src.rpm`. */
function sourceOf(upstream: string, version: string): Pick<Software, 'source' | 'sourceVersion'> {
  if (upstream === '') return {}
  const rpm = sourceRpm(upstream)
  if (rpm !== null) return rpm
  const at = upstream.lastIndexOf('@')
  return at > 0 ? { source: upstream.slice(0, at), sourceVersion: upstream.slice(at + 1) } : { source: upstream, sourceVersion: version }
}

/** `openssl-3.0.7-24.el9.src.rpm` → openssl, 3.0.7-24.el9. */
export function sourceRpm(file: string): Readonly<{ source: string; sourceVersion: string }> | null {
  const parts = /^(.{1,250})-([^-]{1,100})-([^-]{1,100})\.(?:no)?src\.rpm$/.exec(file)
  return parts === null ? null : { source: parts[1]!, sourceVersion: `${parts[2]!}-${parts[3]!}` }
}

function distributionOf(type: 'deb' | 'rpm' | 'apk', space: string, distro: string): string | null {
  const [, word = '', release = ''] = /^([a-z]+)[-:]?(?:linux-)?v?([0-9][0-9.]*)?$/.exec(distro) ?? []
  if (type === 'deb') {
    const named = codenames[word] ?? codenames[distro]
    if (named !== undefined) return named
    const ubuntu = space === 'ubuntu' || word === 'ubuntu'
    if (release === '' || !(ubuntu || space === 'debian' || word === 'debian')) return null
    return ubuntu ? `Ubuntu:${release.split('.').slice(0, 2).join('.')}` : `Debian:${release.split('.')[0]!}`
  }
  if (type === 'apk') return release === '' ? null : `Alpine:v${release.split('.').slice(0, 2).join('.')}`
  const base = rpmBy[space] ?? rpmBy[word]
  return base === undefined || release === '' ? null : `${base}:${base === 'openSUSE' || base === 'SUSE' ? release : release.split('.')[0]!}`
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
