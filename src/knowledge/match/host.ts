import type { Condition, Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { contains } from '#core/knowledge/range.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import type { Needs } from './statement.ts'

/** What is known of one host, for what one piece of software alone can't tell. */
export type Host = Readonly<{
  holds(needs: Needs): boolean
  /** Whether the host's distribution installed this software, so that the distribution's advisories decide over it. */
  isPackaged(software: Software): boolean
}>

/** `packaged` gives what `packagedOf` says of a piece of software: the caller may know it already. */
export function hostOf(all: readonly Software[], packaged: (software: Software, index: number) => Packaged = packagedOf): Host {
  let products: ReadonlyMap<string, readonly Software[]> | null = null
  let packages: ReadonlyMap<string, readonly string[]> | null = null
  const named = (name: string): readonly Software[] => {
    products ??= Map.groupBy(all.filter(({ ecosystem }) => ecosystem === 'cpe'), (one) => one.name.toLowerCase())
    return products.get(name) ?? []
  }
  return {
    holds({ together, platform }) {
      const isThere = (condition: Condition): boolean => named(condition.name).some((one) => meets(one, condition))
      return together.every((choice) => choice.some(isThere)) && (platform === null || isPlatform(all, platform))
    },
    isPackaged(software) {
      packages ??= packagesOf(all.map(packaged))
      if (packages.size === 0) return false
      const version = upstream(software.version)
      return stems(software).some((stem) => packages!.get(stem)?.some((one) => isSameRelease(one, version)) === true)
    },
  }
}

function meets(software: Software, condition: Condition): boolean {
  if (software.part !== undefined && software.part !== condition.part) return false
  if (condition.intervals.length === 0 && condition.versions.length === 0) return true
  // Hardware and platforms named as such, in whatever version.
  if (condition.intervals.some((one) => one.from === undefined && one.before === undefined && one.upTo === undefined)) return true
  return contains({ ...condition, product: { ecosystem: 'cpe', name: condition.name } }, software.version) === true
}

/** `target_sw`: the platform must be seen on the host, as a product whose name begins with it. */
function isPlatform(all: readonly Software[], platform: string): boolean {
  const wanted = platform === 'linux' ? 'linux_kernel' : platform
  return all.some(({ ecosystem, name }) => {
    if (ecosystem !== 'cpe') return wanted === 'linux_kernel' && isDistribution(ecosystem)
    const product = name.slice(name.indexOf(':') + 1).toLowerCase()
    return product === wanted || product.startsWith(`${wanted}_`)
  })
}

/** What a distribution's package holds: names of it and the version upstream gave it. Null for other software. */
export type Packaged = Readonly<{ stems: readonly string[]; version: string }> | null

export function packagedOf({ ecosystem, name, version, source }: Software): Packaged {
  if (!isDistribution(ecosystem)) return null
  const own = packageStem(name)
  const from = source === undefined ? own : packageStem(source)
  return { stems: own === from ? [own] : [own, from], version: upstream(version) }
}

function packagesOf(all: readonly Packaged[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const one of all) {
    if (one === null) continue
    for (const stem of one.stems) {
      const list = found.get(stem)
      if (list === undefined) found.set(stem, [one.version])
      else if (!list.includes(one.version)) list.push(one.version)
    }
  }
  return found
}

const repacked = /(?:[+~](?:dfsg|ds|repack|really|debian|git|rc|ubuntu|deb)|\.dfsg|_git).*$/

/** `1:9.2p1-2+deb12u3` → `9.2p1`. */
function upstream(version: string): string {
  const plain = version.replace(/^\d+:/, '')
  const dash = plain.lastIndexOf('-')
  return (dash > 0 ? plain.slice(0, dash) : plain).replace(repacked, '').replace(/^v/, '')
}

/** A banner may tell less of the version than the package. */
function isSameRelease(packaged: string, seen: string): boolean {
  const [short, long] = packaged.length < seen.length ? [packaged, seen] : [seen, packaged]
  return short === long || (short !== '' && long.startsWith(short) && /^[.p_-]/.test(long.slice(short.length)))
}

/** `python3-urllib3`, `py3-urllib3`, `ruby-rack`, `node-lodash`, `libssl3`, `postgresql-15` → what they package. */
function packageStem(name: string): string {
  return simple(name.toLowerCase().replace(/^(?:python3?|py3|ruby|rubygem|node|nodejs|php|perl|golang|rust|librust)-/, ''))
}

const packagedAs: Readonly<Record<string, readonly string[]>> = {
  'apache:http_server': ['apache', 'httpd'], 'isc:bind': ['bind'], 'exim:exim': ['exim'],
  'linux:linux_kernel': ['linux', 'kernel'], 'openbsd:openssh': ['openssh'], 'oracle:mysql': ['mysql'],
  'mariadb:mariadb': ['mariadb'], 'haxx:curl': ['curl'], 'php:php': ['php'], 'f5:nginx': ['nginx'], 'nginx:nginx': ['nginx'],
  'vmware:spring_framework': ['libspring-java'], 'apache:tomcat': ['tomcat'], 'nodejs:node.js': ['nodejs'],
  'python:python': ['python'], 'isc:dhcp': ['isc-dhcp', 'dhcp'],
}

function stems({ ecosystem, name }: Software): readonly string[] {
  const lower = name.toLowerCase()
  if (ecosystem !== 'cpe') return [simple(lower.slice(lower.lastIndexOf('/') + 1).replace(/^.*:/, ''))]
  const known = Object.hasOwn(packagedAs, lower) ? packagedAs[lower]! : []
  return [...known, simple(lower.slice(lower.indexOf(':') + 1))].map(simple)
}

/** Without the marks and the major version that distributions put at the end. */
function simple(name: string): string {
  return name.replace(/[_.]+/g, '-').replace(/-?\d+(?:[-.]\d+)*$/, '')
}

/** Hits of one host's software, of which the conditional ones hold. */
export function holdingOn(host: Host, conditional: readonly (readonly Readonly<{ hit: Hit; needs: Needs }>[])[]): readonly Hit[] {
  return conditional.flatMap((ways) => ways.find(({ needs }) => host.holds(needs))?.hit ?? [])
}
