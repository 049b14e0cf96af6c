import type { Observation, Shapes } from '#core/observation.ts'
import type { Probe } from '../probe.ts'

type System = Shapes['system']
type Service = Shapes['service']

/** How sure a host's own words make one, out of 100: a login is 100, what a stack betrays at most 60. Banners can be changed, and builds be moved to another system. */
const sure = { ntlm: 85, management: 80, fingerprint: 70, build: 65, kind: 45 } as const

const builds: Readonly<Record<string, Readonly<{ name: string; cpe: string }>>> = {
  debian: { name: 'Debian Linux', cpe: 'debian:debian_linux' }, ubuntu: { name: 'Ubuntu Linux', cpe: 'canonical:ubuntu_linux' }, raspbian: { name: 'Raspberry Pi OS', cpe: 'raspberrypi:raspberry_pi_os' },
  rhel: { name: 'Red Hat Enterprise Linux', cpe: 'redhat:enterprise_linux' }, centos: { name: 'CentOS Linux', cpe: 'centos:centos' }, fedora: { name: 'Fedora Linux', cpe: 'fedoraproject:fedora' },
  rocky: { name: 'Rocky Linux', cpe: 'resf:rocky_linux' }, almalinux: { name: 'AlmaLinux', cpe: 'almalinux:almalinux' }, oracle: { name: 'Oracle Linux', cpe: 'oracle:linux' },
  alpine: { name: 'Alpine Linux', cpe: 'alpinelinux:alpine_linux' }, suse: { name: 'SUSE Linux', cpe: 'suse:linux_enterprise_server' }, amazon: { name: 'Amazon Linux', cpe: 'amazon:amazon_linux' },
  freebsd: { name: 'FreeBSD', cpe: 'freebsd:freebsd' }, gentoo: { name: 'Gentoo Linux', cpe: 'gentoo:linux' }, arch: { name: 'Arch Linux', cpe: 'archlinux:arch_linux' },
}

/** Which release of a distribution a version of OpenSSH came with, where its build does not say. */
const opensshReleases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ubuntu: { '6.6': '14.04', '7.2': '16.04', '7.6': '18.04', '8.2': '20.04', '8.9': '22.04', '9.6': '24.04' },
  debian: { '6.7': '8', '7.4': '9', '7.9': '10', '8.4': '11', '9.2': '12', '10.0': '13' },
}

/** Builds of Windows, as NTLM tells them, and what is sold under them. */
const windows: Readonly<Record<string, string>> = {
  '5.2.3790': 'Windows Server 2003', '6.0.6003': 'Windows Server 2008', '6.0.6002': 'Windows Server 2008', '6.1.7601': 'Windows 7 or Server 2008 R2', '6.2.9200': 'Windows 8 or Server 2012',
  '6.3.9600': 'Windows 8.1 or Server 2012 R2', '10.0.14393': 'Windows 10 1607 or Server 2016', '10.0.17763': 'Windows 10 1809 or Server 2019', '10.0.19041': 'Windows 10 2004 or later',
  '10.0.20348': 'Windows Server 2022', '10.0.22000': 'Windows 11 21H2', '10.0.22621': 'Windows 11 22H2', '10.0.22631': 'Windows 11 23H2', '10.0.26100': 'Windows 11 24H2 or Server 2025',
}

/** The probe `system`: says what a host is, by what a service on it let slip. Sends nothing. */
export const system: Probe<'service'> = {
  id: 'system',
  version: 1,
  on: 'service',
  effect: 'passive',
  needs: {},
  wants: (seen: Observation<'service'>) => systemBehind(seen.data) !== null,
  async *run(seen) {
    const found = systemBehind(seen.data)
    if (found === null) return
    const { host: _host, path: _path, ...at } = seen.at
    yield {
      kind: 'system', at, data: { ...found, facts: { ...found.facts, service: seen.data.name } },
      ...(seen.evidence === undefined ? {} : { evidence: seen.evidence }),
    }
  },
}

/** Null where the service tells nothing of its system. */
export function systemBehind(data: Service): System | null {
  return fromNtlm(data) ?? fromKernel(data) ?? fromFingerprint(data) ?? fromBuild(data)
}

function fromNtlm({ name, facts }: Service): System | null {
  const build = text(facts['os'])
  if (!['smb', 'rdp', 'mssql'].includes(name) || build === null || !/^\d{1,2}\.\d{1,2}\.\d{3,6}$/.test(build) || build.startsWith('6.1.0')) return null
  return { source: 'banner', name: windows[build] ?? 'Windows', version: build, family: 'windows', confidence: sure.ntlm, facts: { hostname: text(facts['hostname']) ?? text(facts['dnsHostname']), domain: text(facts['domain']) } }
}

/** `Linux box 6.1.0-28-amd64 #1 SMP … x86_64`, as agents of SNMP describe themselves. */
function fromKernel({ name, facts }: Service): System | null {
  const described = name === 'snmp' ? text(facts['sysDescr']) : null
  const found = described === null ? null : /^(Linux|FreeBSD|OpenBSD|NetBSD|SunOS|Darwin) (\S{1,80}) (\d[\w.+-]{1,60})(?:[\s\S]{0,200} (x86_64|amd64|aarch64|armv\w{1,8}|i[3-6]86|mips\w{0,8}|ppc\w{0,8}|s390x))?/.exec(described)
  if (found === null) return null
  const [, kind, host, kernel, architecture] = found
  const build = /\b(?:Debian|Ubuntu)\b/.exec(described!)?.[0]
  const known = build === undefined ? undefined : builds[build.toLowerCase()]
  return {
    source: 'banner', name: known?.name ?? kind!, family: kind!.toLowerCase(), kernel: kernel!, ...(architecture === undefined ? {} : { architecture }), confidence: sure.management,
    facts: { hostname: host ?? null },
  }
}

function fromFingerprint({ facts }: Service): System | null {
  const [vendor, product, family, cpe] = ['osVendor', 'osProduct', 'osFamily', 'osCpe'].map((name) => text(facts[name]))
  const hardware = [...new Set([text(facts['hwVendor']), text(facts['hwProduct']), text(facts['hwModel'])].filter((part) => part !== null))].join(' ')
  if (product === null && hardware === '') return null
  const version = text(facts['osVersion'])
  const generic = product !== undefined && product !== null && /^(?:linux|unix|windows|bsd)$/i.test(product)
  return {
    source: 'banner', name: product === undefined || product === null ? 'unknown' : named(vendor ?? null, product), ...(version === null ? {} : { version }), ...(family === undefined || family === null ? {} : { family: family.toLowerCase() }),
    ...(cpe === undefined || cpe === null ? {} : { cpe }), ...(hardware === '' ? {} : { hardware }), confidence: generic || product === null ? sure.kind : sure.fingerprint,
    facts: { device: text(facts['osDevice']) ?? text(facts['hwDevice']) },
  }
}

/** Distributions have one name, however a fingerprint puts it. */
function named(vendor: string | null, product: string): string {
  const known = Object.values(builds).find(({ cpe }) => vendor !== null && cpe.startsWith(`${vendor.toLowerCase().split(' ')[0]}:`) && /linux/i.test(product))
  if (known !== undefined) return known.name
  return vendor === null || product.toLowerCase().startsWith(vendor.toLowerCase()) || vendor === product ? product : `${vendor} ${product}`
}

function fromBuild(data: Service): System | null {
  const build = data.distro === undefined ? undefined : builds[data.distro]
  if (build === undefined) return null
  const version = releaseOf(data)
  return {
    source: 'banner', name: build.name, ...(version === null ? {} : { version, cpe: `cpe:2.3:o:${build.cpe}:${version}:*:*:*:*:*:*:*` }), family: data.distro === 'freebsd' ? 'freebsd' : 'linux',
    confidence: sure.build, facts: {},
  }
}

/** `2+deb12u3` is of Debian 12, `1.el9` of release 9. */
function releaseOf({ distro, version, product, facts, banner }: Service): string | null {
  const said = `${text(facts['packageVersion']) ?? ''} ${banner?.slice(0, 300) ?? ''}`
  const own = distro === 'debian' ? /[+~]deb(\d{1,2})u\d/.exec(said)?.[1] : /\bel(\d{1,2})(?:\b|_)/.exec(said)?.[1]
  if (own !== undefined) return own
  const line = product === 'OpenSSH' ? /^\d+\.\d+/.exec(version ?? '')?.[0] : undefined
  return line === undefined ? null : opensshReleases[distro ?? '']?.[line] ?? null
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null
}
