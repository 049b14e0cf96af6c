import type { Shapes } from '#core/observation.ts'

export type Release = Readonly<{ id: string; like: readonly string[]; name: string; version: string; codename: string; pretty: string; cpe: string }>

/** /etc/os-release (freedesktop.org/software/systemd/man/os-release.html). */
export function readRelease(text: string): Release | null {
  const values = new Map<string, string>()
  for (const line of text.slice(0, 16_384).split('\n').slice(0, 200)) {
    const [, name = '', quoted = ''] = /^([A-Z][A-Z0-9_]{0,40})=(.{0,400})$/.exec(line.trim()) ?? []
    if (name !== '' && !values.has(name)) values.set(name, quoted.replace(/^(["'])(.*)\1$/, '$2').replaceAll('\\', ''))
  }
  const of = (name: string, most = 120): string => (values.get(name) ?? '').slice(0, most)
  const id = of('ID', 40).toLowerCase()
  if (!/^[a-z0-9._-]+$/.test(id)) return null
  return {
    id, like: of('ID_LIKE').toLowerCase().split(' ').filter((one) => one !== ''), name: of('NAME') || id, version: /^[0-9A-Za-z._-]*$/.exec(of('VERSION_ID', 40))?.[0] ?? '', codename: of('VERSION_CODENAME', 40),
    pretty: of('PRETTY_NAME'), cpe: of('CPE_NAME', 200),
  }
}

/** Releases that carry no number. Source: https://www.debian.org/releases/ */
const debians: Readonly<Record<string, string>> = { bullseye: '11', bookworm: '12', trixie: '13', forky: '14' }
const rpms: Readonly<Record<string, string>> = {
  rhel: 'Red Hat', centos: 'Red Hat', rocky: 'Rocky Linux', almalinux: 'AlmaLinux', fedora: 'Fedora', ol: 'Oracle Linux', amzn: 'Amazon', mageia: 'Mageia', azurelinux: 'Azure Linux', mariner: 'Mariner', photon: 'Photon OS', openeuler: 'openEuler',
}

/** As OSV names the distribution with its release; null where its packages are nobody's. Source: https://ossf.github.io/osv-schema/#defined-ecosystems */
export function ecosystemOf({ id, version, codename, pretty }: Release): string | null {
  const [major = '', minor = ''] = version.split('.')
  if (id === 'debian' || id === 'raspbian') {
    const release = major === '' ? debians[codename] ?? '' : major
    return release === '' ? null : `${id === 'debian' ? 'Debian' : 'Raspbian'}:${release}`
  }
  if (id === 'ubuntu') return minor === '' ? null : `Ubuntu:${major}.${minor}`
  if (id === 'alpine') return minor === '' ? null : `Alpine:v${major}.${minor}`
  if (id === 'wolfi') return 'Wolfi'
  if (id === 'kali') return 'Kali'
  if (id === 'opensuse-leap') return `openSUSE:Leap ${version}`
  if (id === 'opensuse-tumbleweed') return 'openSUSE:Tumbleweed'
  if (id === 'sles' || id === 'sled') return `SUSE:${pretty.replace(/^SUSE /, '')}`
  const base = rpms[id]
  return base === undefined || major === '' ? null : `${base}:${major}`
}

const cpes: Readonly<Record<string, string>> = {
  debian: 'debian:debian_linux', ubuntu: 'canonical:ubuntu_linux', rhel: 'redhat:enterprise_linux', centos: 'centos:centos', fedora: 'fedoraproject:fedora', alpine: 'alpinelinux:alpine_linux', rocky: 'resf:rocky_linux',
  almalinux: 'almalinux:almalinux', ol: 'oracle:linux', amzn: 'amazon:amazon_linux', 'opensuse-leap': 'opensuse:leap', sles: 'suse:linux_enterprise_server',
}

export function systemOf(release: Release | null, uname: Readonly<{ system: string; kernel: string; machine: string; host: string; build: string }>): Shapes['system'] {
  const product = release === null ? undefined : cpes[release.id]
  return {
    source: 'login', name: release?.name ?? uname.system, ...(release === null || release.version === '' ? {} : { version: release.version }), family: uname.system.toLowerCase(),
    ...(product === undefined || release!.version === '' ? {} : { cpe: `cpe:2.3:o:${product}:${release!.version.toLowerCase()}:*:*:*:*:*:*:*` }),
    kernel: uname.kernel, architecture: uname.machine, confidence: 100,
    facts: {
      hostname: uname.host, kernelBuild: uname.build,
      ...(release === null ? {} : { id: release.id, like: release.like, codename: release.codename === '' ? null : release.codename, title: release.pretty }),
    },
  }
}
