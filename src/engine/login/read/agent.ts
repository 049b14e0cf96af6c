import { formatIp } from '#core/ip.ts'
import type { Facts, Shapes } from '#core/observation.ts'
import { systemBehind } from '../../recognise/system.ts'
import { clean } from '../../services/wire/byte-reader.ts'
import type { Value } from '../snmp/message.ts'
import type { Row } from '../snmp/walk.ts'

type Package = Shapes['package']
type Setting = Shapes['setting']

export function textOf(value: Value | undefined, most = 300): string | null {
  if (value === null || value === undefined) return null
  const text = clean(Buffer.isBuffer(value) ? value.toString('utf8') : String(value), most)
  return text === '' ? null : text
}

export function numberOf(value: Value | undefined): number | null {
  return typeof value === 'number' ? value : null
}

/** `adduser_3.134_all`, as agents of Debian and its kin list what is installed. */
const dpkg = /^([a-z0-9][a-z0-9+.-]{0,100})_([0-9][0-9A-Za-z.+:~-]{0,100})_([a-z][a-z0-9-]{1,20})$/
/** `openssl-libs-3.0.7-24.el9`, in which the epoch is left out. */
const rpm = /^([A-Za-z0-9][\w.+-]{0,100})-([0-9][\w.+~^]{0,60})-([0-9][\w.+~^]{0,60}?)(?:\.(x86_64|noarch|aarch64|i[3-6]86|ppc64le|s390x))?$/

/**
 * What is installed, as far as its name tells. Debian's release is told by `base-files`. RPM names have no epoch, without which versions cannot be put in order: they are kept under an ecosystem
 * that no advisory is of, so that nothing wrong is concluded.
 */
export function agentPackages(names: readonly string[]): Readonly<{ packages: readonly Package[]; release: Readonly<{ id: 'debian' | 'ubuntu'; version: string }> | null }> {
  const debs = names.flatMap((name) => {
    const [, plain, version, architecture] = dpkg.exec(name) ?? []
    return plain === undefined ? [] : [{ name: plain, version: version!, architecture: architecture! }]
  })
  const release = releaseOf(debs.find(({ name }) => name === 'base-files')?.version ?? '')
  const ecosystem = release === null ? 'dpkg' : `${release.id === 'debian' ? 'Debian' : 'Ubuntu'}:${release.version}`
  const rpms = debs.length > 0 ? [] : names.flatMap((name) => {
    const [, plain, version, build, architecture] = rpm.exec(name) ?? []
    return plain === undefined ? [] : [{ ecosystem: 'rpm', name: plain, version: `${version}-${build}`, ...(architecture === undefined ? {} : { architecture }) }]
  })
  return { packages: [...debs.map((one) => ({ ecosystem, ...one, ...(release === null ? {} : { distro: `${release.id}:${release.version}` }) })), ...rpms], release }
}

/** Releases of Ubuntu with long support, by their `base-files`. Source: https://packages.ubuntu.com/base-files */
const ubuntus: Readonly<Record<string, string>> = { '9.4ubuntu4': '16.04', '10.1ubuntu2': '18.04', '11ubuntu5': '20.04', '12ubuntu4': '22.04', '13ubuntu10': '24.04' }

function releaseOf(baseFiles: string): Readonly<{ id: 'debian' | 'ubuntu'; version: string }> | null {
  const debian = /^(\d{1,2})(?:\.\d{1,3})?(?:\+deb\d{1,2}u\d{1,3})?$/.exec(baseFiles)?.[1]
  if (debian !== undefined) return { id: 'debian', version: debian }
  const ubuntu = ubuntus[/^[\d.]+ubuntu\d+/.exec(baseFiles)?.[0] ?? '']
  return ubuntu === undefined ? null : { id: 'ubuntu', version: ubuntu }
}

type Device = readonly [pattern: RegExp, name: string, family: string, cpe: string]

/** Systems of devices by how they describe themselves; the first group is the version. */
const devices: readonly Device[] = [
  [/Cisco IOS[ -]XE Software.{0,300}?Version (\d[\w.()]{1,30})/s, 'Cisco IOS XE', 'ios-xe', 'o:cisco:ios_xe'], [/Cisco NX-OS.{0,300}?Version (\d[\w.()]{1,30})/s, 'Cisco NX-OS', 'nx-os', 'o:cisco:nx-os'],
  [/Cisco IOS Software.{0,300}?Version (\d[\w.()]{1,30})/s, 'Cisco IOS', 'ios', 'o:cisco:ios'], [/Cisco Adaptive Security Appliance Version (\d[\w.()]{1,30})/, 'Cisco ASA', 'asa', 'o:cisco:adaptive_security_appliance_software'],
  [/Juniper Networks.{0,300}?JUNOS (\d[\w.-]{1,30})/s, 'Junos', 'junos', 'o:juniper:junos'], [/^RouterOS (\d[\w.]{1,20})/, 'RouterOS', 'routeros', 'o:mikrotik:routeros'],
  [/^VMware ESXi? (\d[\d.]{1,20})/, 'VMware ESXi', 'esxi', 'o:vmware:esxi'], [/Windows Version (\d{1,2}\.\d{1,2} \(Build \d{3,6})/, 'Windows', 'windows', ''],
  [/^ArubaOS \(MODEL: .{1,40}\), Version (\d[\w.-]{1,30})/, 'ArubaOS', 'arubaos', 'o:arubanetworks:arubaos'], [/Arista Networks EOS version (\d[\w.]{1,30})/, 'Arista EOS', 'eos', 'o:arista:eos'],
]

const titles = { debian: ['Debian GNU/Linux', 'debian:debian_linux'], ubuntu: ['Ubuntu', 'canonical:ubuntu_linux'] } as const

/** What the host says it is. A description may be written by its owner, so that it is less sure than what a shell reads; the release is known by an installed package. */
export function agentSystem(described: string, release: ReturnType<typeof agentPackages>['release'], hardware: string | null, facts: Facts): Shapes['system'] | null {
  const known = systemBehind({ name: 'snmp', tls: false, facts: { sysDescr: described } })
  const base = { source: 'login' as const, confidence: 95, ...(hardware === null ? {} : { hardware }) }
  if (release !== null) {
    const [name, cpe] = titles[release.id]
    return { ...known, ...base, name, version: release.version, family: 'linux', cpe: `cpe:2.3:o:${cpe}:${release.version}:*:*:*:*:*:*:*`, confidence: 100, facts }
  }
  if (known !== null) return { ...known, ...base, facts }
  for (const [pattern, name, family, cpe] of devices) {
    const version = pattern.exec(described.slice(0, 1024))?.[1]?.replace(' (Build ', '.0.').replace(/^6\.3\.0\.(?=[12]\d{4}$)/, '10.0.')
    if (version !== undefined) return { ...base, name, version, family, ...(cpe === '' ? {} : { cpe: `cpe:2.3:${cpe}:${version.toLowerCase().replace(/([()])/g, '\\$1')}:*:*:*:*:*:*:*` }), facts }
  }
  return hardware === null ? null : { ...base, name: 'unknown', facts }
}

/** Sockets that listen. `tcp`: rows of tcpListenerProcess, `udp`: of udpEndpointProcess; their names hold the addresses (RFC 4022, 4113). `pid`: who holds it, by number. */
export function agentSockets(rows: readonly Row[], proto: 'tcp' | 'udp'): readonly Readonly<{ setting: Setting; pid: number | null }>[] {
  const sockets = new Map<string, Readonly<{ setting: Setting; pid: number | null }>>()
  for (const { index, value } of rows) {
    const [kind = 0, length = 0] = index
    const [address, port] = [addressOf(index.slice(2, 2 + length)), index[2 + length] ?? 0]
    if (address === null || (kind !== 1 && kind !== 2) || (length !== 4 && length !== 16) || port < 1 || port > 65_535) continue
    const name = `${proto} ${length === 16 ? `[${address}]` : address}:${port}`
    sockets.set(name, { setting: { area: 'listener', name, facts: { proto, address, port, world: !/^127\.|^::1$|^::ffff:(?:127\.|7f)/.test(address), process: null } }, pid: numberOf(value) })
  }
  return [...sockets.values()]
}

function addressOf(bytes: readonly number[]): string | null {
  if ((bytes.length !== 4 && bytes.length !== 16) || bytes.some((byte) => byte > 255)) return null
  return formatIp({ version: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${Buffer.from(bytes).toString('hex')}`) })
}

type Columns = Readonly<Record<'name' | 'hardware' | 'state' | 'address', readonly Row[]>>

/** One for each interface: `index`, `mac`, `up`, `addresses` (of IPv4). */
export function agentInterfaces({ name, hardware, state, address }: Columns): readonly Setting[] {
  const at = (rows: readonly Row[], index: number): Value | undefined => rows.find((row) => row.index[0] === index)?.value
  const seen = new Set<string>()
  return name.flatMap(({ index: [index = 0], value }): Setting[] => {
    const title = textOf(value, 80)
    if (title === null || seen.has(title)) return []
    seen.add(title)
    const mac = at(hardware, index)
    const addresses = address.filter((row) => row.value === index).flatMap((row) => addressOf(row.index) ?? [])
    return [{ area: 'interface', name: title, facts: { index, mac: Buffer.isBuffer(mac) && mac.length === 6 ? mac.toString('hex').replace(/(..)(?=.)/g, '$1:') : null, up: at(state, index) === 1, addresses } }]
  })
}
