import type { Software } from './affected.ts'
import type { Cycle, Lifecycle } from './record.ts'

/** A life cycle with the number of its check, and the products it speaks of as `ecosystem`, `name`. */
export type KnownLifecycle = Readonly<{ check: number; lifecycle: Lifecycle; products: readonly (readonly [ecosystem: string, name: string])[] }>

/**
 * A version that its maker does not support any more. `sure`: false when support that has to be bought or switched on may still run, or only the end of sales is known.
 * `since`: the last day of support; null where the source tells no day.
 */
export type Ended = Readonly<{ cycle: Cycle; since: string | null; sure: boolean; note: string }>

/**
 * The cycle that a version is of: the longest whose parts are the first parts of the version, so that 1.2 is none of 1.20. Null where there is none, or where cycles
 * of the same number are told apart by more than the version says, as `13.0` and `13.0-sp3`.
 */
export function cycleOf(version: string, cycles: readonly Cycle[]): Cycle | null {
  const parts = partsOf(/^v?(\d{1,9}(?:\.\d{1,9}){0,7})/i.exec(version.trim())?.[1])
  if (parts === null) return null
  let best: Cycle | null = null
  let length = 0
  for (const cycle of cycles) {
    const own = partsOf(/^v?(\d{1,9}(?:\.\d{1,9}){0,7})$/i.exec(cycle.cycle)?.[1])
    if (own === null || own.length <= length || own.length > parts.length || !own.every((part, place) => part === parts[place])) continue
    best = cycle
    length = own.length
  }
  const found = best
  if (found === null) return null
  return cycles.some((one) => one !== found && one.cycle.startsWith(found.cycle) && /^[^\d.]/.test(one.cycle.slice(found.cycle.length))) ? null : found
}

function partsOf(text: string | undefined): readonly number[] | null {
  return text === undefined ? null : text.split('.').map(Number)
}

/** Whether support of a cycle was over on a day (`2026-11-24`); null when it was not, or nobody says. The last day of support is still one of support. */
export function endOf(cycle: Cycle, day: string): Ended | null {
  const isOver = (said: string | boolean | undefined): boolean => said === true || (typeof said === 'string' && said < day)
  const since = (said: string | boolean | undefined): string | null => (typeof said === 'string' ? said : null)
  if (isOver(cycle.endOfLife)) {
    const extended = cycle.endOfExtendedSupport
    const runs = extended !== undefined && !isOver(extended)
    const until = typeof extended === 'string' ? ` until ${extended}` : ''
    return { cycle, since: since(cycle.endOfLife), sure: !runs, note: runs ? `Extended support may still run${until}, which often has to be bought or switched on. Whether this host has it is not known.` : '' }
  }
  if (cycle.endOfLife !== undefined || cycle.endOfSupport !== undefined || !isOver(cycle.discontinued)) return null
  return { cycle, since: since(cycle.discontinued), sure: false, note: 'The product was discontinued. No source says until when it gets security fixes.' }
}

/** The days on which what `endOf` says of the cycle becomes another: the days after these. */
export function lastDays({ endOfLife, endOfExtendedSupport, discontinued }: Cycle): readonly string[] {
  return [endOfLife, endOfExtendedSupport, discontinued].filter((said) => typeof said === 'string')
}

/** Packages that are there on every host of a distribution, one each: they stand for its release. */
const systems: Readonly<Record<string, Readonly<{ key: string; packages: readonly string[] }>>> = {
  Debian: { key: 'debian', packages: ['base-files'] },
  Ubuntu: { key: 'ubuntu', packages: ['base-files'] },
  Alpine: { key: 'alpine-linux', packages: ['alpine-baselayout'] },
  'Red Hat': { key: 'rhel', packages: ['redhat-release', 'redhat-release-server'] },
  CentOS: { key: 'centos', packages: ['centos-release', 'centos-linux-release'] },
  'Rocky Linux': { key: 'rocky-linux', packages: ['rocky-release'] },
  AlmaLinux: { key: 'almalinux', packages: ['almalinux-release'] },
  'Oracle Linux': { key: 'oracle-linux', packages: ['oraclelinux-release'] },
  Fedora: { key: 'fedora', packages: ['fedora-release-common'] },
}

/** Names of the packages that stand for a distribution whose life cycle has this key. */
export function systemPackages(key: string): readonly string[] {
  return Object.values(systems).find((one) => one.key === key)?.packages ?? []
}

/** The distribution's release that a package stands for, as key of its life cycle and version; null for any other package. */
export function systemOf({ ecosystem, name }: Software): Readonly<{ key: string; version: string }> | null {
  const colon = ecosystem.indexOf(':')
  const family = colon < 0 ? ecosystem : ecosystem.slice(0, colon)
  const system = Object.hasOwn(systems, family) ? systems[family]! : null
  if (system === null || colon < 0 || !system.packages.includes(name)) return null
  return { key: system.key, version: ecosystem.slice(colon + 1).replace(/^v/, '').replace(/:LTS$/, '') }
}

/** Kept by distributions on their own, whatever upstream supports. */
const neverUpstream = new Set(['linux:linux_kernel'])
/** What a version or banner has when a distribution built it: its support counts then, not upstream's. */
const distributionBuild = /debian|ubuntu|raspbian|centos|red ?hat|rhel|fedora|suse|alma ?linux|rocky|amazon|amzn|alpine|oracle linux|[+~]deb|[+~]squeeze|\.el\d|\.fc\d|\.amzn|\.module|ubuntu|-r\d+$/i

export function isDistributionBuild(text: string): boolean {
  return distributionBuild.test(text.slice(0, 1000))
}

export function hasUpstreamCycle({ ecosystem, name }: Software): boolean {
  return ecosystem !== 'cpe' || !neverUpstream.has(name)
}
