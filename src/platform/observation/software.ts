import type { Software } from '#core/knowledge/affected.ts'
import type { UsedLibrary } from '#core/knowledge/library.ts'
import type { Observation } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { fit } from '../asset/text.ts'
import { hash64 } from './body.ts'

/** A piece of software with where it was seen and by which probe. `product` is the `vendor:product` of the service it was read from. */
export type Sighted = Readonly<{ id: string; software: Software; at: Place; by: string; seen: number; product: string | null; text: string } & Partial<{
  /** The distribution whose build the service is, as its banner tells. */
  distro: string
  /** How a client-side library was recognised, on which page. */
  used: Readonly<{ by: UsedLibrary['by']; page: string }>
}>>

/** As stored: bounded, NUL-free. */
export function tidy(software: Software): Software {
  const text = (value: string | undefined, most: number): string | undefined => (value === undefined || value.trim() === '' ? undefined : fit(value.trim(), most))
  const [source, sourceVersion, architecture] = [text(software.source, 300), text(software.sourceVersion, 200), text(software.architecture, 40)]
  return {
    ecosystem: fit(software.ecosystem.trim(), 100), name: fit(software.name.trim(), 300), version: fit(software.version.trim(), 200),
    ...(software.part === undefined ? {} : { part: software.part }),
    ...(source === undefined ? {} : { source }), ...(sourceVersion === undefined ? {} : { sourceVersion }), ...(architecture === undefined ? {} : { architecture }),
  }
}

/** The same for the same software everywhere. */
export function softwareId(one: Software): string {
  return hash64(one.ecosystem, one.name, one.version, one.part ?? '', one.source ?? '', one.sourceVersion ?? '', one.architecture ?? '')
}

/** What a package observation says. */
export function packageOf(seen: Observation<'package'>): Software {
  const { ecosystem, name, version, source, sourceVersion, architecture } = seen.data
  return tidy({
    ecosystem, name, version,
    ...(source === undefined ? {} : { source }), ...(sourceVersion === undefined ? {} : { sourceVersion }), ...(architecture === undefined ? {} : { architecture }),
  })
}

/**
 * The software that a service names: the distribution's package where the banner shows its version, else product and version as CPE. Null where either is missing.
 */
export function sightedOf(seen: Observation<'service'>): Sighted | null {
  const cpe = cpeParts(seen.data.cpe)
  const found = distributionPackage(seen) ?? productOf(seen, cpe)
  if (found === null) return null
  const software = tidy(found)
  const name = seen.data.product ?? seen.data.name
  return {
    id: softwareId(software), software, at: { ...seen.at, package: software.name }, by: seen.by, seen: seen.seen, product: cpe === null ? null : `${cpe.vendor}:${cpe.product}`,
    text: fit(seen.data.banner ?? `${name} ${seen.data.version ?? ''}`, 400), ...(seen.data.distro === undefined ? {} : { distro: seen.data.distro }),
  }
}

/** The `vendor:product` that a service names, with or without its version. */
export function productNamed({ data }: Observation<'service'>): string | null {
  const cpe = cpeParts(data.cpe)
  return cpe === null ? null : `${cpe.vendor}:${cpe.product}`
}

function productOf(seen: Observation<'service'>, cpe: ReturnType<typeof cpeParts>): Software | null {
  if (cpe === null) return null
  const version = cpe.version === '' ? seen.data.version ?? '' : `${cpe.version}${cpe.update}`
  return version === '' ? null : { ecosystem: 'cpe', name: `${cpe.vendor}:${cpe.product}`, version, part: cpe.part }
}

function cpeParts(cpe: string | undefined): Readonly<{ part: 'a' | 'o' | 'h'; vendor: string; product: string; version: string; update: string }> | null {
  const parts = cpe === undefined || !cpe.startsWith('cpe:2.3:') ? [] : cpe.split(/(?<!\\):/)
  const [, , part, vendor = '*', product = '*', version = '*', update = '*'] = parts.map((one) => one.replace(/\\(.)/g, '$1'))
  if (part !== 'a' && part !== 'o' && part !== 'h') return null
  if (vendor === '*' || product === '*') return null
  const plain = (text: string): string => (text === '*' || text === '-' ? '' : text)
  return { part, vendor: vendor.toLowerCase(), product: product.toLowerCase(), version: plain(version), update: plain(update) }
}

/** Ubuntu releases by the OpenSSH they shipped with. Source: https://packages.ubuntu.com/openssh-server */
const ubuntuBySsh: Readonly<Record<string, string>> = { '7.2p2': '16.04', '7.6p1': '18.04', '8.2p1': '20.04', '8.9p1': '22.04', '9.6p1': '24.04' }

/**
 * A Debian or Ubuntu package that the service's banner names by version. The epoch is no part of a banner: that of the source package in these releases is put in front.
 * Sources: https://tracker.debian.org/pkg/openssh, /mariadb, /bind9.
 */
function distributionPackage({ data }: Observation<'service'>): Software | null {
  const build = typeof data.facts['packageVersion'] === 'string' ? data.facts['packageVersion'] : ''
  if (data.product === 'OpenSSH' && build !== '' && data.version !== undefined) {
    const version = `1:${data.version}-${build}`
    const release = /[+~]deb(\d{1,2})u\d/.exec(build)?.[1]
    if (data.distro === 'debian' && release !== undefined) return source(`Debian:${release}`, 'openssh-server', 'openssh', version)
    const ubuntu = ubuntuBySsh[data.version]
    if (data.distro === 'ubuntu' && ubuntu !== undefined && /ubuntu/.test(build)) return source(`Ubuntu:${ubuntu}`, 'openssh-server', 'openssh', version)
    return null
  }
  const release = /[+~]deb(\d{1,2})u\d/.exec(build)?.[1]
  if (data.product === 'MariaDB' && data.distro === 'debian' && release !== undefined && data.version !== undefined) {
    return source(`Debian:${release}`, 'mariadb-server', Number(release) >= 12 ? 'mariadb' : 'mariadb-10.5', `1:${data.version}-${build}`)
  }
  const said = typeof data.facts['versionBind'] === 'string' ? data.facts['versionBind'] : ''
  const bind = data.product === 'BIND' ? /^(9\.[\w.]{1,20}-[\w.+~]{0,20}?[+~]deb(\d{1,2})u\d{1,3})-Debian$/.exec(said.slice(0, 80)) : null
  return bind === null ? null : source(`Debian:${bind[2]!}`, 'bind9', 'bind9', `1:${bind[1]!}`)
}

function source(ecosystem: string, name: string, from: string, version: string): Software {
  return { ecosystem, name, version, source: from, sourceVersion: version }
}
